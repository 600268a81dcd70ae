// Routes of one run: what is recorded of it, its log, tags and note, and stopping, resuming and deleting it.
import type { RouteDefinition } from '../http/index.ts';
import {
  deletedSchema,
  emptyRequestSchema,
  noteRequestSchema,
  resumeSchema,
  runDetailsSchema,
  runFactsSchema,
  runLogSchema,
  tagsRequestSchema,
} from './run-schemas.ts';
import {
  BODY_ERRORS,
  parseBody,
  readPathParameter,
  STUDIO_ROUTE,
  type StudioContext,
} from './studio-context.ts';
import {
  EXAMPLE_RUN_ID,
  exampleLog,
  exampleResume,
  exampleRun,
  exampleRunDetails,
} from './studio-examples.ts';

const RUN_ROUTE = {
  ...STUDIO_ROUTE,
  pathParameters: { id: 'Id of a run' },
} as const satisfies Partial<RouteDefinition>;

const path = { id: EXAMPLE_RUN_ID };
const UNKNOWN = { name: 'an unknown run', path: { id: 'unknown' }, status: 404 } as const;
const RUN_ANSWER = {
  200: { description: 'The run as it is now', content: { 'application/json': runFactsSchema } },
} as const;

export function createRunRoute({ studio, reads }: StudioContext): RouteDefinition {
  return {
    ...RUN_ROUTE,
    method: 'GET',
    url: '/v1/runs/:id',
    operationId: 'getRun',
    summary: 'Everything that is recorded of a run but its points',
    answers: { 200: { description: 'The run', content: { 'application/json': runDetailsSchema } } },
    errors: ['RUN_NOT_FOUND', 'RECORD_INVALID', 'SERVER_BUSY'],
    examples: [{ name: 'a run', path, status: 200, answer: exampleRunDetails }, UNKNOWN],
    handle: async (request) => reads.run(() => studio.showRun(readPathParameter(request, 'id'))),
  };
}

export function createRunLogRoute({ studio, reads }: StudioContext): RouteDefinition {
  return {
    ...RUN_ROUTE,
    method: 'GET',
    url: '/v1/runs/:id/log',
    operationId: 'getRunLog',
    summary: 'The log of a run as lines',
    description:
      'Its events in words, and the last lines that trainings printed which this server started (resume).',
    answers: { 200: { description: 'The lines', content: { 'application/json': runLogSchema } } },
    errors: ['RUN_NOT_FOUND', 'RECORD_INVALID', 'SERVER_BUSY'],
    examples: [{ name: 'a log', path, status: 200, answer: exampleLog }, UNKNOWN],
    handle: async (request) => reads.run(() => studio.loadLog(readPathParameter(request, 'id'))),
  };
}

export function createTagsRoute({ studio }: StudioContext): RouteDefinition {
  return {
    ...RUN_ROUTE,
    method: 'POST',
    url: '/v1/runs/:id/tags',
    operationId: 'tagRun',
    summary: 'Add and remove tags of a run',
    body: { 'application/json': tagsRequestSchema },
    answers: RUN_ANSWER,
    errors: [...BODY_ERRORS, 'RUN_NOT_FOUND', 'RECORD_INVALID', 'DISK_FULL'],
    examples: [
      { name: 'a new tag', path, body: { add: ['baseline'] }, status: 200, answer: exampleRun },
      { ...UNKNOWN, body: { add: ['baseline'] } },
      { name: 'a tag that is no text', path, body: { add: [7] }, status: 422 },
    ],
    handle: async (request) => {
      const { add = [], remove = [] } = parseBody(
        tagsRequestSchema,
        request.body,
        'tags to add or to remove',
      );
      return studio.tagRun(readPathParameter(request, 'id'), { add, remove });
    },
  };
}

export function createNoteRoute({ studio }: StudioContext): RouteDefinition {
  return {
    ...RUN_ROUTE,
    method: 'POST',
    url: '/v1/runs/:id/note',
    operationId: 'setRunNote',
    summary: 'Write or remove the note of a run',
    body: { 'application/json': noteRequestSchema },
    answers: RUN_ANSWER,
    errors: [...BODY_ERRORS, 'RUN_NOT_FOUND', 'RECORD_INVALID', 'DISK_FULL'],
    examples: [
      { name: 'a note', path, body: { note: exampleRun.note }, status: 200, answer: exampleRun },
      { ...UNKNOWN, body: { note: null } },
    ],
    handle: async (request) => {
      const { note } = parseBody(noteRequestSchema, request.body, 'the text of a note, or null');
      return studio.setNote(readPathParameter(request, 'id'), note?.trim() === '' ? null : note);
    },
  };
}

export function createStopRoute({ studio }: StudioContext): RouteDefinition {
  return {
    ...RUN_ROUTE,
    method: 'POST',
    url: '/v1/runs/:id/stop',
    operationId: 'stopRun',
    summary: 'Ask a run to stop',
    description:
      'The training finishes its step, saves a checkpoint and ends, on whichever machine it works; it can be resumed.',
    body: { 'application/json': emptyRequestSchema },
    answers: RUN_ANSWER,
    errors: [...BODY_ERRORS, 'RUN_NOT_FOUND', 'RUN_NOT_RUNNING', 'RECORD_INVALID', 'DISK_FULL'],
    examples: [
      { name: 'a running one', path, body: {}, status: 200, answer: exampleRun },
      { ...UNKNOWN, body: {} },
    ],
    handle: async (request) => {
      parseBody(emptyRequestSchema, request.body, 'an empty object');
      return studio.stopRun(readPathParameter(request, 'id'));
    },
  };
}

export function createResumeRoute({ studio }: StudioContext): RouteDefinition {
  return {
    ...RUN_ROUTE,
    method: 'POST',
    url: '/v1/runs/:id/resume',
    operationId: 'resumeRun',
    summary: 'Continue a run that was stopped or interrupted',
    description:
      'Starts `veracity train resume=ID` on the machine of the server. The training goes on if the server ends; what it prints is kept in the folder of the run (see the log).',
    body: { 'application/json': emptyRequestSchema },
    answers: { 200: { description: 'Started', content: { 'application/json': resumeSchema } } },
    errors: [
      ...BODY_ERRORS,
      'RUN_NOT_FOUND',
      'RUN_ACTIVE',
      'RESUME_FINISHED',
      'RESUME_FAILED',
      'RECORD_INVALID',
    ],
    examples: [
      { name: 'a stopped one', path, body: {}, status: 200, answer: exampleResume },
      { ...UNKNOWN, body: {} },
    ],
    handle: async (request) => {
      parseBody(emptyRequestSchema, request.body, 'an empty object');
      return studio.resumeRun(readPathParameter(request, 'id'));
    },
  };
}

export function createDeleteRunRoute({ studio, changes }: StudioContext): RouteDefinition {
  return {
    ...RUN_ROUTE,
    method: 'DELETE',
    url: '/v1/runs/:id',
    operationId: 'deleteRun',
    summary: 'Delete a run with its files',
    description: 'Model versions that it registered stay.',
    answers: { 200: { description: 'Deleted', content: { 'application/json': deletedSchema } } },
    errors: ['RUN_NOT_FOUND', 'RUN_ACTIVE'],
    examples: [{ name: 'a run', path, status: 200, answer: { id: EXAMPLE_RUN_ID } }, UNKNOWN],
    handle: async (request) => {
      const id = readPathParameter(request, 'id');
      await studio.deleteRun(id);
      changes.announceDeleted(id);
      return { id };
    },
  };
}
