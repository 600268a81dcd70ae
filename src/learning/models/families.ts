// The table of model families. To add one: a folder with its entry (family.ts), and one line here.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { appError } from '../../foundation/core/index.ts';
import { bertFamily } from './bert/family.ts';
import { parseModelType, unsupported } from './config-file.ts';
import { distilbertFamily } from './distilbert/family.ts';
import type { EncoderDefinition } from './encoder-definition.ts';
import type { ModelChoice, ModelFamily, ModelPlan } from './family.ts';
import { linearFamily } from './linear/family.ts';
import { modernbertFamily } from './modernbert/family.ts';
import { robertaFamily } from './roberta/family.ts';

const table = [
  linearFamily,
  modernbertFamily,
  distilbertFamily,
  bertFamily,
  robertaFamily,
] as const satisfies readonly ModelFamily[];
const families: readonly ModelFamily[] = table;
const choices: readonly ModelChoice[] = families.flatMap((family) => family.choices);

/** Every family of the table. */
export function listFamilies(): readonly ModelFamily[] {
  return families;
}

/** The `model` group of a resolved configuration. */
export type ModelConfig = z.infer<(typeof table)[number]['choices'][number]['schema']>;

/** One branch for each choice. */
export const modelSchema: z.ZodType<ModelConfig> = z.discriminatedUnion(
  'kind',
  choices.map(({ schema }) => schema) as [z.ZodObject, ...z.ZodObject[]],
) as unknown as z.ZodType<ModelConfig>;

/** The steps of a training that get the configured model. */
export function planModel(config: ModelConfig): ModelPlan {
  return choices.find(({ kind }) => kind === config.kind)!.plan(config);
}

/** The choices that start from a checkpoint, as users type them. */
export function listCheckpointChoices(): readonly string[] {
  return choices.filter(({ start }) => start === 'checkpoint').map(({ kind }) => kind);
}

/**
 * The family that a model folder's record names.
 * @throws MODEL_UNSUPPORTED for a name that is not in the table, such as one of a newer version
 */
export function findFamily(name: string, folder: string): ModelFamily {
  const family = families.find((candidate) => candidate.name === name);
  if (family !== undefined) return family;
  throw unsupported(
    folder,
    `a model of the families ${families.map((known) => known.name).join(', ')}`,
    name,
  );
}

/**
 * Reads a config.json; its `model_type` decides which family does so.
 * @param where  the file, named in errors
 * @throws MODEL_UNSUPPORTED
 */
export function parseEncoderConfig(json: unknown, where: string): EncoderDefinition {
  const modelType = parseModelType(json);
  const encoders = families.filter((family) => family.form === 'encoder');
  const family = encoders.find(({ modelTypes }) => modelTypes.includes(modelType));
  if (family !== undefined) return family.parseConfig(json, where);
  const known = new Intl.ListFormat('en', { type: 'disjunction' }).format(
    encoders.flatMap(({ modelTypes }) => modelTypes),
  );
  throw unsupported(where, `model_type ${known}`, modelType);
}

/**
 * The encoder in a trained model's folder.
 * @throws MODEL_UNSUPPORTED for a family without an encoder, FILE_NOT_FOUND
 */
export function loadEncoderDefinition(folder: string): EncoderDefinition {
  const where = join(folder, 'config.json');
  let text: string;
  try {
    text = readFileSync(where, 'utf8');
  } catch (cause) {
    throw appError('FILE_NOT_FOUND', { path: where, kind: 'configuration of a model' }, { cause });
  }
  return parseEncoderConfig(JSON.parse(text), where);
}
