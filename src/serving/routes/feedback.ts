// POST /v1/feedback: a reader's opinion of a prediction, kept with its receipt. A repeated opinion is kept again.
import { z } from 'zod';
import { appError, systemCodeOf } from '../../foundation/core/index.ts';
import { opinionShape, predictionReceiptRecord } from '../../foundation/records/index.ts';
import type { RouteDefinition } from '../http/index.ts';
import { createBodyError } from '../http/index.ts';
import type { AppContext } from './app-context.ts';
import { findPrediction } from './predictions.ts';

export const feedbackRequestSchema = z
  .strictObject({
    id: z.string().max(100).meta({ description: 'predictionId of the prediction.' }),
    ...opinionShape,
  })
  .meta({
    id: 'FeedbackRequest',
    description: 'At least one of label, agrees and comment; label is a class name of the model.',
    anyOf: [
      { required: ['label'] },
      { required: ['agrees'] },
      { required: ['comment'], properties: { comment: { pattern: '\\S' } } },
    ],
  });

export const feedbackResponseSchema = z
  .object({ id: z.string(), createdAt: z.string() })
  .meta({ id: 'FeedbackReceived' });

const { id } = predictionReceiptRecord.example;
const EXPECTED = 'an object with the id of a prediction and a label, agrees or a comment';

export function createFeedbackRoute(context: AppContext): RouteDefinition {
  return {
    method: 'POST',
    url: '/v1/feedback',
    operationId: 'sendFeedback',
    summary: 'Give feedback on a prediction',
    description:
      'Stored with the receipt of the prediction, for the next dataset (`veracity feedback export`).',
    tag: 'prediction',
    access: 'feedback',
    body: { 'application/json': feedbackRequestSchema },
    answers: {
      200: { description: 'Stored', content: { 'application/json': feedbackResponseSchema } },
    },
    errors: [
      'REQUEST_NOT_JSON',
      'REQUEST_INVALID',
      'PREDICTION_NOT_FOUND',
      'FEEDBACK_FULL',
      'FEEDBACK_NOT_KEPT',
    ],
    examples: [
      {
        name: 'a correction',
        body: {
          id,
          label: 'FAKE',
          agrees: false,
          comment: 'The harbour has no ferry.',
          reviewer: 'desk-3',
        },
        status: 200,
        answer: { id, createdAt: '2026-01-01T00:00:00.000Z' },
      },
      { name: 'agreement', body: { id, agrees: true }, status: 200 },
      { name: 'an unknown id', body: { id: 'unknown', agrees: true }, status: 404 },
      { name: 'nothing said', body: { id }, status: 422 },
    ],
    handle: async (request): Promise<z.infer<typeof feedbackResponseSchema>> => {
      const { id: predictionId, ...opinion } = parseFeedback(request.body);
      const prediction = await findPrediction(context, predictionId);
      if (context.feedback === null) throw appError('PREDICTION_NOT_FOUND', { kept: false });
      const names = Object.keys(prediction.probabilities);
      if (opinion.label !== undefined && !names.includes(opinion.label))
        throw refuse('label', `expected ${names.join(' or ')}`);
      const agrees =
        opinion.agrees ?? (opinion.label === undefined ? undefined : opinion.label === prediction.label);
      if (opinion.label !== undefined && agrees !== (opinion.label === prediction.label))
        throw refuse('agrees', 'contradicts the label');
      const kept = { ...opinion, ...(agrees === undefined ? {} : { agrees }) };
      const { createdAt } = await context.feedback.add(prediction, kept).catch((error: unknown) => {
        throw asFeedbackError(error, context);
      });
      context.incidents.end('FEEDBACK_LOST');
      context.metrics.countFeedback(agrees);
      return { id: predictionId, createdAt };
    },
  };
}

/** @throws REQUEST_INVALID */
function parseFeedback(body: unknown): z.infer<typeof feedbackRequestSchema> {
  const result = feedbackRequestSchema.safeParse(body);
  if (!result.success) throw createBodyError(result.error, EXPECTED);
  const { label, agrees, comment } = result.data;
  if (label === undefined && agrees === undefined && (comment ?? '').trim() === '')
    throw refuse('', 'says nothing: expected a label, agrees or a comment');
  return result.data;
}

/** An error of the disk is reported to the operator; the client gets no path. */
function asFeedbackError(error: unknown, { incidents }: AppContext): unknown {
  const reason = systemCodeOf(error);
  if (reason === undefined) return error;
  incidents.lose('FEEDBACK_LOST', 1, reason);
  return appError('FEEDBACK_NOT_KEPT', {}, { cause: error });
}

function refuse(path: string, message: string): Error {
  return appError(
    'REQUEST_INVALID',
    { expected: EXPECTED },
    { issues: [{ path, code: 'feedback', message }] },
  );
}
