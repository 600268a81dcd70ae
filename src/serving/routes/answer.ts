// One verdict as the API gives it: the prediction, and what to mind about it.
import { z } from 'zod';
import { predictionSchema } from '../../foundation/records/index.ts';
import type { Answered } from './receipts.ts';

export const answerSchema = predictionSchema.extend({
  predictionId: z
    .string()
    .meta({ description: 'Names this answer: for its receipt, and for what you have to say about it.' }),
  warnings: z
    .array(z.string())
    .meta({ description: 'Plain sentences about what to mind; empty when nothing is unusual.' }),
});

export function createAnswer(answer: Answered): z.infer<typeof answerSchema> {
  return { ...answer.prediction, predictionId: answer.predictionId, warnings: [...answer.warnings] };
}
