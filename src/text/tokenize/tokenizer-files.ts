// The files of a tokenizer as a checkpoint's folder holds them: what tokenizer.json is, which tokens pad and mask, and
// the unchanged copy that goes into a model folder, so that Python's transformers reads there what it read before.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  appError,
  assertFileKind,
  errorCodeOf,
  hashSha256,
  writeFileAtomic,
} from '../../foundation/core/index.ts';
import { type AddedTokenEntry, addedTokenSchema } from './added-tokens.ts';

/** Copied as they are, where the folder has them. */
const TOKENIZER_FILES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'sentencepiece.bpe.model',
];

const tokenSchema = z
  .union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)])
  .nullable()
  .optional();

const namesSchema = z.looseObject({ pad_token: tokenSchema, mask_token: tokenSchema });

/** What tokenizer_config.json and its kin say, as far as ids depend on it. */
export interface TokenizerNames {
  readonly className: string | undefined;
  readonly addsSpace: boolean | undefined;
  readonly padToken: string | undefined;
  readonly maskToken: string | undefined;
}

const configSchema = z.looseObject({
  tokenizer_class: z.string().nullable().optional(),
  add_prefix_space: z.boolean().nullable().optional(),
  pad_token: tokenSchema,
  mask_token: tokenSchema,
});

/** @throws TOKENIZER_INVALID */
export function loadTokenizerNames(folder: string): TokenizerNames {
  const config = readJson(join(folder, 'tokenizer_config.json'), configSchema) ?? {};
  const map = readJson(join(folder, 'special_tokens_map.json'), namesSchema) ?? {};
  return {
    className: config.tokenizer_class ?? undefined,
    addsSpace: config.add_prefix_space ?? undefined,
    padToken: config.pad_token ?? map.pad_token ?? undefined,
    maskToken: config.mask_token ?? map.mask_token ?? undefined,
  };
}

const addedFileSchema = z.record(z.string(), z.int().min(0));
const addedDecoderSchema = z.looseObject({
  added_tokens_decoder: z.record(z.string(), addedTokenSchema.omit({ id: true })).default({}),
});

/**
 * Tokens that added_tokens.json and the added_tokens_decoder of tokenizer_config.json add to the vocabulary.
 * @throws TOKENIZER_INVALID
 */
export function loadAddedTokens(folder: string): AddedTokenEntry[] {
  const file = readJson(join(folder, 'added_tokens.json'), addedFileSchema) ?? {};
  const config = readJson(join(folder, 'tokenizer_config.json'), addedDecoderSchema);
  const described = Object.entries(config?.added_tokens_decoder ?? {}).map(
    ([id, token]): AddedTokenEntry => ({ ...token, id: Number(id) }),
  );
  const known = new Set(described.map(({ content }) => content));
  // as Python reads the file
  const plain = { single_word: false, lstrip: false, rstrip: false, normalized: true };
  return [
    ...described,
    ...Object.entries(file).flatMap(([content, id]) =>
      known.has(content) ? [] : [{ ...plain, content, id }],
    ),
  ];
}

const specialNamesSchema = z.looseObject({
  additional_special_tokens: z.array(tokenSchema).nullable().optional(),
});

/**
 * The tokens that tokenizer_config.json or special_tokens_map.json only names as special: Python takes each whole.
 * @throws TOKENIZER_INVALID
 */
export function loadSpecialNames(folder: string): string[] {
  const names = ['tokenizer_config.json', 'special_tokens_map.json'].flatMap(
    (name) => readJson(join(folder, name), specialNamesSchema)?.additional_special_tokens ?? [],
  );
  return [...new Set(names)].filter((name) => typeof name === 'string');
}

/**
 * Copies a tokenizer's files.
 * @param sha256  of tokenizer.json when it was opened
 * @throws TOKENIZER_INVALID where the file has changed since
 */
export function copyTokenizerFiles(source: string, target: string, sha256: string): void {
  for (const name of TOKENIZER_FILES) {
    const path = join(source, name);
    if (!existsSync(path)) continue;
    const bytes = readFileSync(path);
    if (name === 'tokenizer.json' && hashSha256(bytes) !== sha256) {
      const expected = 'the file that training began with';
      throw appError('TOKENIZER_INVALID', { where: path, expected, got: 'another' });
    }
    writeFileAtomic(join(target, name), name === 'tokenizer.json' ? bytes : withoutPaths(bytes, path));
  }
}

/** Settings in which other programs keep where files lay on the machine that saved them. */
const PATH_SETTING = /(name_or_path|_file|_dir|_path)$/;
const ABSOLUTE_PATH = /^(\/|~|[a-z]:[\\/]|\\\\)/i;

/** The text of a JSON file without paths of another machine; names of models stay. Files that are no JSON stay as they are. */
function withoutPaths(bytes: Buffer, path: string): Buffer | string {
  if (!path.endsWith('.json')) return bytes;
  const json = parseTokenizerText(bytes.toString(), path);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return bytes;
  const isPath = ([key, value]: [string, unknown]): boolean =>
    PATH_SETTING.test(key) && typeof value === 'string' && ABSOLUTE_PATH.test(value);
  const entries = Object.entries(json);
  if (!entries.some(isPath)) return bytes;
  return `${JSON.stringify(Object.fromEntries(entries.filter((entry) => !isPath(entry))), null, 2)}\n`;
}

/** @throws FILE_NOT_FOUND */
export function readTokenizerText(path: string): string {
  assertFileKind(path, 'a tokenizer file');
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') throw appError('FILE_NOT_FOUND', { path, kind: 'tokenizer file' });
    throw error;
  }
}

/** @throws TOKENIZER_INVALID */
export function parseTokenizerText(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw appError('TOKENIZER_INVALID', { where, expected: 'JSON', got: 'text that is not' }, { cause });
  }
}

/** @returns undefined where there is no such file */
function readJson<S extends z.ZodType>(path: string, schema: S): z.infer<S> | undefined {
  if (!existsSync(path)) return undefined;
  const parsed = schema.safeParse(parseTokenizerText(readTokenizerText(path), path));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const got = `${issue.path.join('.') || 'the file'}: ${issue.message}`;
  throw appError('TOKENIZER_INVALID', { where: path, expected: 'the layout of that file', got });
}
