// The linear family's entry in the table of families: hashed word groups, one score each.
import { join } from 'node:path';
import { z } from 'zod';
import { invariant } from '../../../foundation/core/index.ts';
import { defineChoice, type SparseFamily } from '../family.ts';
import { count, truncation } from '../model-options.ts';
import { loadSafetensors } from '../safetensors.ts';
import { createLinearModel } from './model.ts';
import { SCORES } from './model-files.ts';

const schema = z.strictObject({
  kind: z.literal('linear'),
  dim: count,
  /** Rows of the hashed feature table. */
  buckets: count,
  /** Longest word n-gram. */
  word_ngrams: count,
  /** Words read of an article. */
  max_length: count,
  truncation,
});

const choice = defineChoice(
  'linear',
  'features',
  schema,
  ({ kind, dim, buckets, word_ngrams: wordNgrams }) => ({
    start: 'features',
    kind,
    buckets,
    wordNgrams,
    create: ({ vocabularySize, classNames, seed }) =>
      createLinearModel({ dim, buckets: vocabularySize, classNames, seed }),
  }),
);

export const linearFamily = {
  name: 'linear',
  form: 'sparse',
  traits: { unit: 'features', tokenizerFile: 'hashing.json', library: 'veracity' },
  choices: [choice],
  loadScores: (folder) => {
    const scores = loadSafetensors(join(folder, 'model.safetensors')).tensors.get(SCORES)?.data;
    invariant(scores instanceof Float32Array, 'a linear model has scores');
    return scores;
  },
} as const satisfies SparseFamily;
