// One prediction as the API gives it: with the id of its receipt, and its warnings as sentences and as facts.
import { z } from 'zod';
import {
  buildWarningAnswer,
  type ModelFolder,
  nameNouns,
  predictionSchema,
  warningFactSchema,
} from '../../foundation/records/index.ts';
import type { NamedPrediction } from '../live/index.ts';

export const answerSchema = predictionSchema.extend({
  predictionId: z.string().nullable().meta({
    description:
      'The id of the receipt of this prediction, also for feedback on it; null if no receipt is kept.',
  }),
  warnings: z
    .array(z.string())
    .meta({ description: 'Warnings about the article, as sentences; empty if there are none.' }),
  warningFacts: z.array(warningFactSchema).meta({
    description:
      'The same warnings as facts, in the same order: a code, the numbers behind it, the sentence.',
  }),
});

/** @param info  of the model, which says what its articles are called */
export function createAnswer(
  { prediction, predictionId, warnings }: NamedPrediction,
  info: Pick<ModelFolder, 'noun'>,
): z.infer<typeof answerSchema> {
  return { ...prediction, predictionId, ...buildWarningAnswer(warnings, nameNouns(info)) };
}
