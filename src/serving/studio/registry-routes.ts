// Routes of the registry: versions with their stages, promotion and rollback with a reason, and lineage.
import { createBodyError, type RouteDefinition } from '../http/index.ts';
import {
  lineageSchema,
  promotionRequestSchema,
  registeredNameSchema,
  registryFoundSchema,
  rollbackRequestSchema,
  stageChangedSchema,
} from './registry-schemas.ts';
import {
  BODY_ERRORS,
  parseBody,
  readPathParameter,
  STUDIO_ROUTE,
  type StudioContext,
} from './studio-context.ts';
import { exampleLineage, exampleName, exampleRegistry, exampleStageChange } from './studio-examples.ts';

const path = { name: 'compact' };
const pathParameters = { name: 'Name of a registered model, without version' };
const UNKNOWN = { name: 'an unknown name', path: { name: 'unknown' }, status: 404 } as const;
const CHANGED = {
  200: { description: 'What changed', content: { 'application/json': stageChangedSchema } },
} as const;

export function createRegistryRoute({ studio, reads }: StudioContext): RouteDefinition {
  return {
    ...STUDIO_ROUTE,
    method: 'GET',
    url: '/v1/registry',
    operationId: 'listRegistry',
    summary: 'Registered model versions with their stages and figures',
    answers: { 200: { description: 'The versions', content: { 'application/json': registryFoundSchema } } },
    errors: ['SERVER_BUSY'],
    examples: [{ name: 'all versions', status: 200, answer: exampleRegistry }],
    handle: async () => reads.run(() => studio.listRegistry()),
  };
}

export function createNameRoute({ studio, reads }: StudioContext): RouteDefinition {
  return {
    ...STUDIO_ROUTE,
    method: 'GET',
    url: '/v1/registry/:name',
    operationId: 'getRegisteredName',
    summary: 'The versions of one name, and all changes of their stages',
    pathParameters,
    answers: { 200: { description: 'The name', content: { 'application/json': registeredNameSchema } } },
    errors: ['MODEL_NOT_FOUND', 'MODEL_REFERENCE_INVALID', 'RECORD_INVALID', 'SERVER_BUSY'],
    examples: [{ name: 'a name', path, status: 200, answer: exampleName }, UNKNOWN],
    handle: async (request) => reads.run(() => studio.showName(readPathParameter(request, 'name'))),
  };
}

export function createPromoteRoute({ studio }: StudioContext): RouteDefinition {
  const body = { version: 1, stage: 'production', reason: 'better on the harbour articles' };
  return {
    ...STUDIO_ROUTE,
    method: 'POST',
    url: '/v1/registry/:name/promote',
    operationId: 'promoteVersion',
    summary: 'Put a version into a stage',
    description:
      'Into production only if it is not worse than the version there, unless forced. A running server follows by itself.',
    pathParameters,
    body: { 'application/json': promotionRequestSchema },
    answers: CHANGED,
    errors: [
      ...BODY_ERRORS,
      'MODEL_NOT_FOUND',
      'MODEL_REFERENCE_INVALID',
      'MODEL_DIGEST_MISMATCH',
      'PROMOTION_WORSE',
      'PROMOTION_NOT_COMPARABLE',
      'PROMOTION_NEEDS_DEFAULT',
      'RECORD_INVALID',
      'DISK_FULL',
      'SYSTEM_REFUSED',
    ],
    examples: [
      { name: 'to production', path, body, status: 200, answer: exampleStageChange },
      { ...UNKNOWN, body },
      { name: 'no reason', path, body: { ...body, reason: ' ' }, status: 422 },
    ],
    handle: async (request) => {
      const change = parsePromotion(request.body);
      const { version, stage, reason, force = false, default: isDefault } = change;
      return studio.promote(readPathParameter(request, 'name'), {
        version,
        stage,
        reason: reason.trim(),
        force,
        isDefault,
      });
    },
  };
}

/** @throws REQUEST_INVALID */
function parsePromotion(body: unknown) {
  const result = promotionRequestSchema.safeParse(body);
  if (!result.success) throw createBodyError(result.error, 'a version, a stage and the reason');
  return result.data;
}

export function createRollbackRoute({ studio }: StudioContext): RouteDefinition {
  const body = { reason: 'too many complaints about weather reports' };
  return {
    ...STUDIO_ROUTE,
    method: 'POST',
    url: '/v1/registry/:name/rollback',
    operationId: 'rollBack',
    summary: 'Put the version before the present one back into production',
    pathParameters,
    body: { 'application/json': rollbackRequestSchema },
    answers: CHANGED,
    errors: [
      ...BODY_ERRORS,
      'ROLLBACK_IMPOSSIBLE',
      'MODEL_NOT_FOUND',
      'MODEL_REFERENCE_INVALID',
      'MODEL_DIGEST_MISMATCH',
      'RECORD_INVALID',
      'DISK_FULL',
      'SYSTEM_REFUSED',
    ],
    examples: [
      { name: 'to the version before', path, body, status: 200, answer: exampleStageChange },
      { name: 'no reason', path, body: { reason: '' }, status: 422 },
    ],
    handle: async (request) => {
      const { reason } = parseBody(rollbackRequestSchema, request.body, 'the reason');
      return studio.rollback(readPathParameter(request, 'name'), reason.trim());
    },
  };
}

export function createLineageRoute({ studio, reads, liveVersion }: StudioContext): RouteDefinition {
  return {
    ...STUDIO_ROUTE,
    method: 'GET',
    url: '/v1/lineage/:id',
    operationId: 'getLineage',
    summary: 'What something comes from, and what was made of it',
    description:
      'A graph of raw files, dataset versions, runs, model versions and deployments, with everything before and behind the given one.',
    pathParameters: {
      id: 'Raw file (md5 or sha256), dataset version, run, sweep, NAME@VERSION, NAME@STAGE, live, evaluation (NAME@VERSION/TESTSET), or prediction',
    },
    answers: { 200: { description: 'The graph', content: { 'application/json': lineageSchema } } },
    errors: ['LINEAGE_UNKNOWN', 'SERVER_BUSY'],
    examples: [
      { name: 'of a model version', path: { id: 'compact@1' }, status: 200, answer: exampleLineage },
      { name: 'of an unknown id', path: { id: 'unknown' }, status: 404 },
    ],
    handle: async (request) =>
      reads.run(() => studio.traceLineage(readPathParameter(request, 'id'), liveVersion())),
  };
}
