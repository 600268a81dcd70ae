// A WordPiece tokenizer on disk: reads tokenizer.json or vocab.txt, writes both and tokenizer_config.json so that
// Python `transformers` and `tokenizers`, and their JavaScript kin, load the same tokenizer. Whatever would change
// ids and is not understood here is refused, never ignored. Source: the file formats of tokenizers 0.23.3.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { appError, writeFileAtomic } from '../../foundation/core/index.ts';
import { type AddedTokenEntry, addedTokenSchema } from './added-tokens.ts';
import type { NormalizerOptions } from './bert-normalizer.ts';
import { findClassRules } from './tokenizer-classes.ts';
import {
  loadAddedTokens,
  loadSpecialNames,
  parseTokenizerText,
  readTokenizerText,
} from './tokenizer-files.ts';
import { buildVocabulary, CONTINUATION, MAX_WORD_CODE_POINTS, SPECIAL_TOKENS } from './vocabulary.ts';
import type { AddedToken } from './word-scanner.ts';
import { createWordPieceTokenizer, type WordPieceTokenizer } from './wordpiece.ts';

const tokenizerFileSchema = z.looseObject({
  added_tokens: z.array(addedTokenSchema).default([]),
  normalizer: z.looseObject({ type: z.string() }).nullable().default(null),
  pre_tokenizer: z.looseObject({ type: z.string() }).nullable().default(null),
  post_processor: z.looseObject({ type: z.string() }).nullable().default(null),
  model: z.looseObject({ type: z.string().optional() }),
});

const wordPieceModelSchema = z.looseObject({
  unk_token: z.literal('[UNK]'),
  continuing_subword_prefix: z.literal(CONTINUATION),
  max_input_chars_per_word: z.literal(MAX_WORD_CODE_POINTS),
  vocab: z.record(z.string(), z.int()),
});

const normalizerSchema = z.looseObject({
  type: z.literal('BertNormalizer'),
  clean_text: z.literal(true),
  handle_chinese_chars: z.boolean(),
  strip_accents: z.boolean().nullable(),
  lowercase: z.boolean(),
});

const configSchema = z.looseObject({
  tokenizer_class: z.string().nullable().optional(),
  do_lower_case: z.boolean().nullable().optional(),
  strip_accents: z.boolean().nullable().optional(),
  tokenize_chinese_chars: z.boolean().nullable().optional(),
});

/** Settings of tokenizer_config.json; undefined where it says nothing. */
export interface TokenizerSettings {
  readonly lowercase?: boolean | undefined;
  /** null: as `lowercase`. */
  readonly stripAccents?: boolean | null | undefined;
  readonly spaceChinese?: boolean | undefined;
}

/**
 * Loads tokenizer.json if the folder has one, else vocab.txt. What a tokenizer_config.json of BERT's own classes says
 * about letter case wins over both, as in Python's transformers; vocab.txt alone is read as uncased.
 * @param json  of tokenizer.json, where it was read already
 * @throws FILE_NOT_FOUND, TOKENIZER_UNSUPPORTED, TOKENIZER_INVALID
 */
export function loadWordPieceTokenizer(folder: string, json?: unknown): WordPieceTokenizer {
  const path = join(folder, 'tokenizer.json');
  const vocabulary = join(folder, 'vocab.txt');
  if (json === undefined && !existsSync(path) && !existsSync(vocabulary)) {
    throw appError('FILE_NOT_FOUND', { path, kind: 'tokenizer (tokenizer.json or vocab.txt)' });
  }
  const settings = loadSettings(folder);
  const tokenizer =
    json === undefined && !existsSync(path)
      ? parseVocabularyText(readTokenizerText(vocabulary), vocabulary, settings)
      : readTokenizerJson(json ?? parseTokenizerText(readTokenizerText(path), path), path, settings);
  return addSpecialNames(addTokens(tokenizer, loadAddedTokens(folder), folder), folder);
}

function loadSettings(folder: string): TokenizerSettings {
  const path = join(folder, 'tokenizer_config.json');
  if (!existsSync(path)) return {};
  const config = configSchema.safeParse(parseTokenizerText(readTokenizerText(path), path));
  if (!config.success) {
    const expected = 'the layout of tokenizer_config.json';
    throw appError('TOKENIZER_INVALID', { where: path, expected, got: firstIssue(config.error) });
  }
  const { tokenizer_class: name, do_lower_case, strip_accents, tokenize_chinese_chars } = config.data;
  // Other classes take tokenizer.json as it stands.
  if (typeof name === 'string' && !findClassRules(name).ownsCase) return {};
  return {
    lowercase: do_lower_case ?? undefined,
    stripAccents: strip_accents,
    spaceChinese: tokenize_chinese_chars ?? undefined,
  };
}

/**
 * The tokenizer with the tokens that other files of its folder add.
 * @throws TOKENIZER_UNSUPPORTED for a token that is not matched in raw text as it stands
 */
function addTokens(
  tokenizer: WordPieceTokenizer,
  tokens: readonly AddedTokenEntry[],
  where: string,
): WordPieceTokenizer {
  const { vocabulary, normalizer, addedTokens } = tokenizer;
  const added = [...addedTokens];
  const entries = new Map(vocabulary.ids);
  for (const token of tokens) {
    if (added.some(({ content, id }) => content === token.content && id === token.id)) continue;
    checkFlags(token, where);
    added.push({ content: token.content, id: token.id });
    entries.set(token.content, token.id);
  }
  return added.length === addedTokens.length
    ? tokenizer
    : createWordPieceTokenizer(buildVocabulary(entries, where), normalizer, added);
}

/**
 * The tokenizer with the pieces that its folder names as special tokens.
 * @throws TOKENIZER_UNSUPPORTED for a name without an id
 */
function addSpecialNames(tokenizer: WordPieceTokenizer, folder: string): WordPieceTokenizer {
  const { vocabulary, normalizer, addedTokens } = tokenizer;
  const isAdded = (name: string): boolean => addedTokens.some(({ content }) => content === name);
  const names = loadSpecialNames(folder).filter((name) => !isAdded(name));
  if (names.length === 0) return tokenizer;
  const added = names.map((content) => {
    const id = vocabulary.ids.get(content);
    if (id !== undefined) return { content, id };
    const expected = 'additional_special_tokens that have an id';
    throw appError('TOKENIZER_UNSUPPORTED', { where: folder, expected, got: `${content} without one` });
  });
  return createWordPieceTokenizer(vocabulary, normalizer, [...addedTokens, ...added]);
}

function checkFlags(token: AddedTokenEntry, where: string): void {
  if (!token.single_word && !token.lstrip && !token.rstrip && !token.normalized) return;
  const expected = 'added tokens matched as they stand';
  throw appError('TOKENIZER_UNSUPPORTED', {
    where,
    expected,
    got: `other flags on the token with id ${token.id}`,
  });
}

/** @param own  what the tokenizer's own file says */
function chooseNormalizer(
  own: { readonly lowercase: boolean; readonly stripAccents: boolean | null; readonly spaceChinese: boolean },
  { lowercase = own.lowercase, stripAccents, spaceChinese = own.spaceChinese }: TokenizerSettings,
): NormalizerOptions {
  const strip = stripAccents === undefined ? own.stripAccents : stripAccents;
  return { lowercase, stripAccents: strip ?? lowercase, spaceChinese };
}

/**
 * Parses vocab.txt: one piece a line, its id the line's number from 0; BERT uncased unless `settings` say otherwise.
 * @throws TOKENIZER_INVALID
 */
export function parseVocabularyText(
  text: string,
  where: string,
  settings: TokenizerSettings = {},
): WordPieceTokenizer {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  // Python's library takes them for no pieces, too.
  while (lines.at(-1) === '') lines.pop();
  return createWordPieceTokenizer(
    buildVocabulary(
      lines.map((piece, id) => [piece, id] as const),
      where,
    ),
    chooseNormalizer({ lowercase: true, stripAccents: null, spaceChinese: true }, settings),
  );
}

/**
 * Parses tokenizer.json; its own truncation and padding are not used.
 * @throws TOKENIZER_UNSUPPORTED for another kind than BERT's WordPiece, TOKENIZER_INVALID
 */
export function parseTokenizerJson(
  text: string,
  where: string,
  settings: TokenizerSettings = {},
): WordPieceTokenizer {
  return readTokenizerJson(parseTokenizerText(text, where), where, settings);
}

function readTokenizerJson(json: unknown, where: string, settings: TokenizerSettings): WordPieceTokenizer {
  const parsed = tokenizerFileSchema.safeParse(json);
  if (!parsed.success) {
    const expected = 'the layout of tokenizer.json';
    throw appError('TOKENIZER_INVALID', { where, expected, got: firstIssue(parsed.error) });
  }
  const file = parsed.data;
  const unsupported = (expected: string, got: string): Error =>
    appError('TOKENIZER_UNSUPPORTED', { where, expected, got });

  const modelType = file.model.type ?? 'a model without a type';
  if (modelType !== 'WordPiece') throw unsupported('a WordPiece model', modelType);
  const model = wordPieceModelSchema.safeParse(file.model);
  if (!model.success) throw unsupported('the supported settings of WordPiece', firstIssue(model.error));
  const normalizer = normalizerSchema.safeParse(file.normalizer);
  if (!normalizer.success)
    throw unsupported('a BertNormalizer that cleans text', firstIssue(normalizer.error));
  const preTokenizer = file.pre_tokenizer?.type ?? 'none';
  if (preTokenizer !== 'BertPreTokenizer') throw unsupported('a BertPreTokenizer', preTokenizer);
  const frame = formatFrame(file.post_processor);
  if (frame !== '[CLS] A [SEP]') throw unsupported('sequences framed as [CLS] A [SEP]', frame);

  const added: AddedToken[] = [];
  const entries = new Map(Object.entries(model.data.vocab));
  for (const token of file.added_tokens) {
    checkFlags(token, where);
    added.push({ content: token.content, id: token.id });
    entries.set(token.content, token.id);
  }
  const { lowercase, strip_accents, handle_chinese_chars } = normalizer.data;
  const own = { lowercase, stripAccents: strip_accents, spaceChinese: handle_chinese_chars };
  const options = chooseNormalizer(own, settings);
  return createWordPieceTokenizer(buildVocabulary(entries, where), options, added);
}

/** Writes tokenizer.json, tokenizer_config.json and vocab.txt into `folder`. */
export function saveWordPieceTokenizer(
  tokenizer: WordPieceTokenizer,
  folder: string,
  maxTokens: number,
): void {
  const { vocabulary, normalizer } = tokenizer;
  writeFileAtomic(
    join(folder, 'tokenizer.json'),
    `${JSON.stringify(formatTokenizerJson(tokenizer), null, 2)}\n`,
  );
  writeFileAtomic(join(folder, 'vocab.txt'), `${vocabulary.pieces.join('\n')}\n`);
  const config = formatTokenizerConfig(normalizer, maxTokens);
  writeFileAtomic(join(folder, 'tokenizer_config.json'), `${JSON.stringify(config, null, 2)}\n`);
}

function formatTokenizerJson({ vocabulary, normalizer, addedTokens }: WordPieceTokenizer): object {
  const { '[CLS]': cls, '[SEP]': sep } = vocabulary.special;
  const special = (token: string, type_id: number) => ({ SpecialToken: { id: token, type_id } });
  const sequence = (id: string, type_id: number) => ({ Sequence: { id, type_id } });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens
      .toSorted((a, b) => a.id - b.id)
      .map(({ id, content }) => ({
        id,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: normalizer.spaceChinese,
      strip_accents: normalizer.stripAccents === normalizer.lowercase ? null : normalizer.stripAccents,
      lowercase: normalizer.lowercase,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [special('[CLS]', 0), sequence('A', 0), special('[SEP]', 0)],
      pair: [
        special('[CLS]', 0),
        sequence('A', 0),
        special('[SEP]', 0),
        sequence('B', 1),
        special('[SEP]', 1),
      ],
      special_tokens: {
        '[CLS]': { id: '[CLS]', ids: [cls], tokens: ['[CLS]'] },
        '[SEP]': { id: '[SEP]', ids: [sep], tokens: ['[SEP]'] },
      },
    },
    decoder: { type: 'WordPiece', prefix: CONTINUATION, cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: CONTINUATION,
      max_input_chars_per_word: MAX_WORD_CODE_POINTS,
      vocab: Object.fromEntries(vocabulary.ids),
    },
  };
}

function formatTokenizerConfig(normalizer: NormalizerOptions, maxTokens: number): object {
  const names = ['pad_token', 'unk_token', 'cls_token', 'sep_token', 'mask_token'];
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    model_max_length: maxTokens,
    model_input_names: ['input_ids', 'attention_mask'],
    ...Object.fromEntries(names.map((name, i) => [name, SPECIAL_TOKENS[i]])),
    do_lower_case: normalizer.lowercase,
    strip_accents: normalizer.stripAccents === normalizer.lowercase ? null : normalizer.stripAccents,
    tokenize_chinese_chars: normalizer.spaceChinese,
    clean_up_tokenization_spaces: true,
  };
}

/** What the post-processor puts around a single sequence, in words such as "[CLS] A [SEP]". */
function formatFrame(processor: { readonly type: string; readonly [key: string]: unknown } | null): string {
  if (processor === null) return 'no post-processor';
  if (processor.type === 'BertProcessing') {
    const pair = z.tuple([z.string(), z.int()]);
    const frame = z.object({ cls: pair, sep: pair }).safeParse(processor);
    return frame.success
      ? `${frame.data.cls[0]} A ${frame.data.sep[0]}`
      : 'a BertProcessing without cls and sep';
  }
  if (processor.type !== 'TemplateProcessing') return processor.type;
  const part = z.union([
    z.object({ SpecialToken: z.object({ id: z.string() }) }).transform((item) => item.SpecialToken.id),
    z.object({ Sequence: z.object({ id: z.string() }) }).transform((item) => item.Sequence.id),
  ]);
  const template = z.object({ single: z.array(part) }).safeParse(processor);
  return template.success ? template.data.single.join(' ') : 'a template of another layout';
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? 'another' : `${issue.path.join('.') || 'the file'}: ${issue.message}`;
}
