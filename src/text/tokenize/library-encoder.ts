// Encoders whose tokenizer.json has a byte-level BPE or a Unigram model. Their words are cut by the library (piece-models.ts);
// this file is loaded only when such a tokenizer is opened. Source: the file formats of tokenizers 0.23.3.
import { join } from 'node:path';
import { z } from 'zod';
import { appError, canonicalJson, hashSha256 } from '../../foundation/core/index.ts';
import { type AddedTokenEntry, addedTokenSchema } from './added-tokens.ts';
import type { PieceEncoder } from './article-encoder.ts';
import { createPieceEncoder, type PieceEncoderOptions } from './piece-encoder.ts';
import { createByteBpe, createUnigram, type PieceModel } from './piece-models.ts';
import { PieceTokenizer } from './piece-tokenizer.ts';
import { nameType, parseNormalizer, type Refuse } from './text-normalizers.ts';
import { findClassRules } from './tokenizer-classes.ts';
import {
  copyTokenizerFiles,
  loadAddedTokens,
  loadSpecialNames,
  loadTokenizerNames,
  type TokenizerNames,
} from './tokenizer-files.ts';
import { parseSplitter } from './word-splitters.ts';

/** Counted up when the same file would give other ids: cached tokens are then made again. */
const ALGORITHM_VERSION = 1;

const fileSchema = z.looseObject({
  added_tokens: z.array(addedTokenSchema).default([]),
  normalizer: z.unknown().optional(),
  pre_tokenizer: z.unknown().optional(),
  post_processor: z.unknown().optional(),
  model: z.unknown(),
});

/** A tokenizer.json that was read. */
export interface LibraryTokenizerFile {
  readonly kind: 'byte-bpe' | 'unigram';
  readonly folder: string;
  readonly text: string;
  readonly json: unknown;
}

/** @throws TOKENIZER_UNSUPPORTED, TOKENIZER_INVALID, USAGE */
export async function openLibraryEncoder(
  { kind, folder, text, json }: LibraryTokenizerFile,
  options: PieceEncoderOptions,
): Promise<PieceEncoder> {
  const where = join(folder, 'tokenizer.json');
  const file = parseFile(json, where);
  const refuse: Refuse = (expected, got) => appError('TOKENIZER_UNSUPPORTED', { where, expected, got });
  const names = loadTokenizerNames(folder);
  const splitter = parseSplitter(file.pre_tokenizer, refuse);
  if (splitter.isByteLevel !== (kind === 'byte-bpe')) {
    const expected = kind === 'byte-bpe' ? 'a ByteLevel pre-tokenizer for BPE' : 'Metaspace for Unigram';
    throw refuse(expected, nameType(file.pre_tokenizer));
  }
  checkPrefixSpace(names, splitter, refuse);
  checkAddedTokens(folder, file.added_tokens, refuse);
  const normalize = parseNormalizer(file.normalizer, refuse);
  const frame = parseFrame(file.post_processor, refuse);
  const model = await (kind === 'byte-bpe' ? createByteBpe : createUnigram)(file.model, refuse);
  const requireId = (what: string, content: string | undefined): number => {
    const added = file.added_tokens.find((token) => token.content === content);
    const id = added?.id ?? (content === undefined ? undefined : model.ids.get(content));
    if (id !== undefined) return id;
    const got = content === undefined ? 'none in tokenizer_config.json' : 'one without an id';
    throw appError('TOKENIZER_INVALID', { where, expected: `a ${what} token`, got });
  };
  const padId = requireId('padding', names.padToken);
  const maskId = requireId('mask', names.maskToken);
  const sha256 = hashSha256(text);
  return createPieceEncoder(
    {
      kind,
      vocabularySize: countIds(model, file.added_tokens),
      unreachablePieces: 0,
      padId,
      maskId,
      frame,
      tokenizer: new PieceTokenizer({ addedTokens: file.added_tokens, normalize, splitter, model }),
      digestWith: ({ maxTokens, truncation }) => {
        const ids = { padId, maskId, frame };
        const facts = { kind, version: ALGORITHM_VERSION, sha256, ...ids, maxTokens, truncation };
        return hashSha256(canonicalJson(facts));
      },
      save: (target) => copyTokenizerFiles(folder, target, sha256),
    },
    options,
  );
}

function parseFile(json: unknown, where: string): z.infer<typeof fileSchema> {
  const parsed = fileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const got = `${path.join('.') || 'the file'}: ${message}`;
  throw appError('TOKENIZER_INVALID', { where, expected: 'the layout of tokenizer.json', got });
}

/** V: one more than the highest id. */
function countIds({ ids }: PieceModel, added: readonly AddedTokenEntry[]): number {
  let highest = -1;
  for (const id of ids.values()) highest = Math.max(highest, id);
  for (const { id } of added) highest = Math.max(highest, id);
  return highest + 1;
}

/** Python's RobertaTokenizer takes the setting of tokenizer_config.json over that of tokenizer.json. */
function checkPrefixSpace(
  { className, addsSpace }: TokenizerNames,
  splitter: { readonly isByteLevel: boolean; readonly addsSpace: boolean },
  refuse: Refuse,
): void {
  if (!splitter.isByteLevel || addsSpace === undefined || addsSpace === splitter.addsSpace) return;
  if (className === undefined || !findClassRules(className).ownsPrefixSpace) return;
  throw refuse('the same add_prefix_space in tokenizer_config.json', `${addsSpace} there`);
}

/** Python adds tokens that tokenizer.json lacks; here tokenizer.json has to be whole. */
function checkAddedTokens(folder: string, added: readonly AddedTokenEntry[], refuse: Refuse): void {
  for (const { id, content } of loadAddedTokens(folder)) {
    if (added.some((token) => token.id === id && token.content === content)) continue;
    throw refuse('all added tokens in tokenizer.json', `one with id ${id} in another file only`);
  }
  const unknown = loadSpecialNames(folder).find((name) => !added.some(({ content }) => content === name));
  if (unknown !== undefined)
    throw refuse(
      'all special tokens among the added tokens of tokenizer.json',
      `${unknown} in another file only`,
    );
}

const pairSchema = z.tuple([z.string(), z.int()]);
const classicFrameSchema = z.looseObject({
  type: z.enum(['RobertaProcessing', 'BertProcessing']),
  cls: pairSchema,
  sep: pairSchema,
});
const templateSchema = z.looseObject({
  type: z.literal('TemplateProcessing'),
  single: z.array(
    z.union([
      z.object({ SpecialToken: z.object({ id: z.string() }) }),
      z.object({ Sequence: z.object({ id: z.literal('A') }) }),
    ]),
  ),
  special_tokens: z.record(z.string(), z.looseObject({ ids: z.array(z.int()) })),
});
const processorsSchema = z.looseObject({
  type: z.literal('Sequence'),
  processors: z.array(z.looseObject({ type: z.string() })),
});

/** Ids of the special tokens before and after a text, by the `post_processor`. */
function parseFrame(json: unknown, refuse: Refuse): readonly [number, number] {
  const sequence = processorsSchema.safeParse(json);
  // ByteLevel trims offsets there and adds no token
  const steps = sequence.success
    ? sequence.data.processors.filter(({ type }) => type !== 'ByteLevel')
    : [json];
  const classic = classicFrameSchema.safeParse(steps[0]);
  if (steps.length === 1 && classic.success) return [classic.data.cls[1], classic.data.sep[1]];
  const template = templateSchema.safeParse(steps[0]);
  if (steps.length === 1 && template.success) {
    const { single, special_tokens } = template.data;
    const [first, middle, last] = single.map((part) =>
      'Sequence' in part ? 'A' : (special_tokens[part.SpecialToken.id]?.ids ?? []),
    );
    const isFrame = single.length === 3 && middle === 'A' && Array.isArray(first) && Array.isArray(last);
    if (isFrame && first.length === 1 && last.length === 1) return [first[0]!, last[0]!];
  }
  throw refuse('one special token before a text and one after it', nameType(json));
}
