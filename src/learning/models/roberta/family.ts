// RoBERTa's entry in the table of families; XLM-RoBERTa's checkpoints are of this family.
import { defineChoice, type EncoderFamily } from '../family.ts';
import { checkpointModelSchema } from '../model-options.ts';
import { definePostNorm } from '../post-norm/definition.ts';
import { TOKEN_TRAITS } from '../traits.ts';
import { parseRobertaConfig, ROBERTA_MODEL_TYPES } from './config.ts';

const choice = defineChoice('roberta', checkpointModelSchema('roberta'), (config) => ({
  start: 'checkpoint',
  kind: config.kind,
  config,
}));

export const roberta = {
  name: 'roberta',
  form: 'encoder',
  traits: TOKEN_TRAITS,
  choices: [choice],
  modelTypes: ROBERTA_MODEL_TYPES,
  parseConfig: (json, where) => definePostNorm(parseRobertaConfig(json, where)),
} as const satisfies EncoderFamily;
