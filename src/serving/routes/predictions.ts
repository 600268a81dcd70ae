// GET /v1/predictions/{id}: the receipt of an answer. Whoever has the id of an answer may read it; the article is part
// of it only where the operator keeps articles (serve.log.text=true).
import { appError } from '../../foundation/core/index.ts';
import { predictionReceiptRecord, predictionReceiptSchema } from '../../foundation/records/index.ts';
import type { RouteDefinition } from '../http/index.ts';
import type { AppContext } from './app-context.ts';

export const receiptSchema = predictionReceiptSchema.meta({ id: 'PredictionReceipt' });

export function createPredictionRoute(context: AppContext): RouteDefinition {
  return {
    method: 'GET',
    url: '/v1/predictions/:id',
    operationId: 'getPrediction',
    summary: 'The receipt of an answer',
    description:
      'Which model answered, from which data set, run and configuration, when and what. The article is not kept unless the operator switched that on (serve.log.text); contentSha256 is the sha256 of {"text":…,"title":…} as it was sent, as JSON without white space and with its keys in that order.',
    tag: 'prediction',
    access: 'predict',
    pathParameters: { id: 'predictionId of an answer, or its x-prediction-id header' },
    answers: {
      200: { description: 'The receipt', content: { 'application/json': receiptSchema } },
    },
    errors: ['PREDICTION_NOT_FOUND'],
    examples: [
      {
        name: 'a receipt',
        path: { id: predictionReceiptRecord.example.id },
        status: 200,
        answer: predictionReceiptRecord.example,
      },
      { name: 'an unknown id', path: { id: 'unknown' }, status: 404 },
    ],
    handle: async (request) => findPrediction(context, (request.params as { id: string }).id),
  };
}

/** @throws PREDICTION_NOT_FOUND */
export async function findPrediction({ journal }: AppContext, id: string) {
  const receipt = await journal?.find(id);
  if (receipt === undefined) throw appError('PREDICTION_NOT_FOUND', { kept: journal !== null });
  return receipt;
}
