// DistilBERT's entry in the table of families.

import { defineChoice, type EncoderFamily } from '../family.ts';
import { checkpointModelSchema } from '../model-options.ts';
import { definePostNorm } from '../post-norm/definition.ts';
import { TOKEN_TRAITS } from '../traits.ts';
import { parseDistilbertConfig } from './config.ts';

const choice = defineChoice('distilbert', checkpointModelSchema('distilbert'), (config) => ({
  start: 'checkpoint',
  kind: config.kind,
  config,
}));

export const distilbert = {
  name: 'distilbert',
  form: 'encoder',
  traits: TOKEN_TRAITS,
  choices: [choice],
  modelTypes: ['distilbert'],
  parseConfig: (json, where) => definePostNorm(parseDistilbertConfig(json, where)),
} as const satisfies EncoderFamily;
