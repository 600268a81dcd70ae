// GET /v1/predictions/{id}: the receipt of a prediction. Everyone who has the id may read it; the article is part of it only
// where the operator keeps articles (serve.log.text=true).
import { z } from 'zod';
import { appError } from '../../foundation/core/index.ts';
import {
  buildWarningAnswer,
  type Nouns,
  nameNouns,
  predictionReceiptRecord,
  predictionReceiptSchema,
  type ReceiptRecord,
  receiptWarningFactSchema,
} from '../../foundation/records/index.ts';
import type { RouteDefinition } from '../http/index.ts';
import type { AppContext } from './app-context.ts';

/** A receipt as the API gives it: the form of version 1, with the measures and warning facts of version 2 beside it. */
export const receiptSchema = predictionReceiptSchema
  .extend({
    schemaVersion: z
      .literal(1)
      .meta({ description: 'Version of this schema; later versions only add fields.' }),
    tokens: z.int(),
    truncated: z.boolean(),
    warnings: z.array(z.string()).meta({ description: 'Warnings as sentences.' }),
    warningFacts: z.array(receiptWarningFactSchema).meta({
      description: 'The same warnings as facts. UNCODED: an earlier version stored the sentence only.',
    }),
  })
  .meta({ id: 'PredictionReceipt' });

export function buildReceiptAnswer(receipt: ReceiptRecord, nouns?: Nouns): z.infer<typeof receiptSchema> {
  const { tokens, truncated } = receipt.measures;
  return { ...receipt, schemaVersion: 1, tokens, truncated, ...buildWarningAnswer(receipt.warnings, nouns) };
}

export function createPredictionRoute(context: AppContext): RouteDefinition {
  return {
    method: 'GET',
    url: '/v1/predictions/:id',
    operationId: 'getPrediction',
    summary: 'The receipt of a prediction',
    description:
      'Which model predicted what and when, and from which dataset, run and configuration the model comes. The article is stored only with serve.log.text=true; contentSha256 is the sha256 of {"text":…,"title":…} as it was sent, as JSON without white space and with its keys in that order.',
    tag: 'prediction',
    access: 'predict',
    pathParameters: { id: 'predictionId of a prediction, or its x-prediction-id header' },
    answers: {
      200: { description: 'The receipt', content: { 'application/json': receiptSchema } },
    },
    errors: ['PREDICTION_NOT_FOUND'],
    examples: [
      {
        name: 'a receipt',
        path: { id: predictionReceiptRecord.example.id },
        status: 200,
        answer: buildReceiptAnswer(predictionReceiptRecord.example),
      },
      { name: 'an unknown id', path: { id: 'unknown' }, status: 404 },
    ],
    handle: async (request) =>
      buildReceiptAnswer(
        await findPrediction(context, (request.params as { id: string }).id),
        nameNouns(context.classifier.info),
      ),
  };
}

/** @throws PREDICTION_NOT_FOUND */
export async function findPrediction({ journal }: AppContext, id: string) {
  const receipt = await journal?.find(id);
  if (receipt === undefined) throw appError('PREDICTION_NOT_FOUND', { kept: journal !== null });
  return receipt;
}
