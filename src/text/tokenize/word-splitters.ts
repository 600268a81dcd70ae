// The `pre_tokenizer` of a tokenizer.json for BPE and Unigram models: a normalised text cut into the words that the model
// cuts into pieces. GPT-2's byte-level rule, white space, and SentencePiece's "▁" in place of spaces.
// White space is Unicode's White_Space, as in the Rust library; JavaScript's \s has U+FEFF and lacks U+0085.
// Source: behaviour of tokenizers 0.23.3.
import { z } from 'zod';
import { type NormalizedText, startOf } from './normalized-text.ts';
import { nameType, type Refuse } from './text-normalizers.ts';

/** A word as the model reads it. */
export interface SplitWord {
  readonly text: string;
  /** Unit of the normalised text that `text[prefix]` stands at. */
  readonly from: number;
  /** Units at the beginning of `text` that were added: 0 or 1. */
  readonly prefix: 0 | 1;
}

/**
 * Visits the words of a normalised stretch between added tokens.
 * @returns false when `visit` did, which ends it
 */
export type WordSplitter = (input: NormalizedText, visit: (word: SplitWord) => boolean) => boolean;

export interface ParsedSplitter {
  readonly split: WordSplitter;
  /** True where the model reads bytes (byte-level BPE), false where it reads characters. */
  readonly isByteLevel: boolean;
  /** Whether a byte-level splitter puts a space before a text. */
  readonly addsSpace: boolean;
}

const byteLevelSchema = z.strictObject({
  type: z.literal('ByteLevel'),
  add_prefix_space: z.boolean(),
  trim_offsets: z.boolean().optional(),
  use_regex: z.literal(true).default(true),
});
const metaspaceSchema = z.strictObject({
  type: z.literal('Metaspace'),
  replacement: z.string().length(1),
  str_rep: z.string().optional(),
  add_prefix_space: z.boolean().default(true),
  prepend_scheme: z.enum(['always', 'first', 'never']).optional(),
  split: z.boolean().default(true),
});
const whitespaceSchema = z.strictObject({ type: z.literal('WhitespaceSplit') });
const sequenceSchema = z.strictObject({ type: z.literal('Sequence'), pretokenizers: z.array(z.unknown()) });

/** @throws what `refuse` makes */
export function parseSplitter(json: unknown, refuse: Refuse): ParsedSplitter {
  const sequence = sequenceSchema.safeParse(json);
  const [first, second, ...more] = sequence.success ? sequence.data.pretokenizers : [json];
  const byteLevel = byteLevelSchema.safeParse(first);
  if (byteLevel.success && second === undefined) {
    const addsSpace = byteLevel.data.add_prefix_space;
    return { split: (input, visit) => splitByteLevel(input, addsSpace, visit), isByteLevel: true, addsSpace };
  }
  const afterWhitespace = whitespaceSchema.safeParse(first).success;
  const last = afterWhitespace ? second : first;
  const metaspace = metaspaceSchema.safeParse(last);
  const isAlone = more.length === 0 && (afterWhitespace || second === undefined);
  if (!metaspace.success || !isAlone) {
    const odd = byteLevel.success || afterWhitespace ? second : first;
    throw refuse('ByteLevel, or Metaspace with or without WhitespaceSplit before it', nameType(odd));
  }
  const options = metaspace.data;
  return {
    split: afterWhitespace
      ? (input, visit) => splitWhitespace(input, options, visit)
      : (input, visit) => splitMetaspace(input, 0, input.text.length, options, visit),
    isByteLevel: false,
    addsSpace: false,
  };
}

/** GPT-2's words: a space belongs to the word behind it. */
const BYTE_LEVEL_WORD =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

function splitByteLevel(
  { text }: NormalizedText,
  addsSpace: boolean,
  visit: (word: SplitWord) => boolean,
): boolean {
  const added = addsSpace && !text.startsWith(' ') ? 1 : 0;
  for (const { 0: word, index } of (added === 1 ? ` ${text}` : text).matchAll(BYTE_LEVEL_WORD)) {
    const isFirst = added === 1 && index === 0;
    if (!visit({ text: word, from: isFirst ? 0 : index - added, prefix: isFirst ? 1 : 0 })) return false;
  }
  return true;
}

type MetaspaceOptions = z.infer<typeof metaspaceSchema>;

function splitWhitespace(
  input: NormalizedText,
  options: MetaspaceOptions,
  visit: (word: SplitWord) => boolean,
): boolean {
  for (const { 0: word, index } of input.text.matchAll(/\P{White_Space}+/gu)) {
    if (!splitMetaspace(input, index, index + word.length, options, visit)) return false;
  }
  return true;
}

function splitMetaspace(
  input: NormalizedText,
  from: number,
  to: number,
  options: MetaspaceOptions,
  visit: (word: SplitWord) => boolean,
): boolean {
  const { replacement, add_prefix_space, split } = options;
  const scheme = options.prepend_scheme ?? (add_prefix_space ? 'always' : 'never');
  let text = input.text.slice(from, to).replaceAll(' ', replacement);
  if (text === '') return true;
  const isWanted = scheme === 'always' || (scheme === 'first' && startOf(input, from) === 0);
  const added = isWanted && !text.startsWith(replacement) ? 1 : 0;
  if (added === 1) text = replacement + text;
  for (let start = 0; start < text.length; ) {
    const next = split ? text.indexOf(replacement, start + 1) : -1;
    const end = next < 0 ? text.length : next;
    const prefix = start === 0 ? (added as 0 | 1) : 0;
    if (!visit({ text: text.slice(start, end), from: from + start + prefix - added, prefix })) return false;
    start = end;
  }
  return true;
}
