// The entry of a post-norm family in the table of families: its choices start from a checkpoint.
import { defineChoice, type EncoderFamily } from '../family.ts';
import { checkpointModelSchema } from '../model-options.ts';
import { TOKEN_TRAITS } from '../traits.ts';
import { definePostNorm } from './definition.ts';
import type { PostNormConfig } from './layout.ts';

/**
 * @param name  of the family, and of its choice for users
 * @param modelTypes  values of `model_type` in a config.json that it loads
 * @param parseConfig  reads that config.json
 */
export function definePostNormFamily<N extends string>(
  name: N,
  modelTypes: readonly string[],
  parseConfig: (json: unknown, where: string) => PostNormConfig,
) {
  const choice = defineChoice(name, 'checkpoint', checkpointModelSchema(name), (config) => ({
    start: 'checkpoint',
    kind: config.kind,
    config,
  }));
  return {
    name,
    form: 'encoder',
    traits: TOKEN_TRAITS,
    choices: [choice],
    modelTypes,
    parseConfig: (json, where) => definePostNorm(parseConfig(json, where)),
  } as const satisfies EncoderFamily;
}
