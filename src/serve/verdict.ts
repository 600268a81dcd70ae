// One verdict as the API gives it: the prediction, and what to mind about it.
import { z } from 'zod';
import type { Judgement } from '../predict/judgement.ts';
import { predictionSchema } from '../records/prediction.ts';

export const answerSchema = predictionSchema.extend({
  warnings: z
    .array(z.string())
    .meta({ description: 'Plain sentences about what to mind; empty when nothing is unusual.' }),
});

export function createAnswer(judgement: Judgement): z.infer<typeof answerSchema> {
  return { ...judgement.prediction, warnings: [...judgement.warnings] };
}
