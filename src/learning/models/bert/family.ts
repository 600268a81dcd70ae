// BERT's entry in the table of families.

import { defineChoice, type EncoderFamily } from '../family.ts';
import { checkpointModelSchema } from '../model-options.ts';
import { definePostNorm } from '../post-norm/definition.ts';
import { TOKEN_TRAITS } from '../traits.ts';
import { parseBertConfig } from './config.ts';

const choice = defineChoice('bert', checkpointModelSchema('bert'), (config) => ({
  start: 'checkpoint',
  kind: config.kind,
  config,
}));

export const bert = {
  name: 'bert',
  form: 'encoder',
  traits: TOKEN_TRAITS,
  choices: [choice],
  modelTypes: ['bert'],
  parseConfig: (json, where) => definePostNorm(parseBertConfig(json, where)),
} as const satisfies EncoderFamily;
