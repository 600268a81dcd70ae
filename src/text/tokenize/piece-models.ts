// The two models that cut a word into pieces and come from the library @huggingface/tokenizers: byte-level BPE and
// SentencePiece's Unigram. The library is loaded here, and only when such a tokenizer is opened. It gets one word at a
// time: what it does around its models differs from the Rust library for some characters (docs/lab-notes.md).
import { z } from 'zod';
import type { Refuse } from './text-normalizers.ts';

export interface CutWord {
  readonly ids: readonly number[];
  /** How many units of the word each piece covers: bytes of its UTF-8 (byte-level BPE) or UTF-16 units (Unigram). */
  readonly lengths: readonly number[];
}

export interface PieceModel {
  cut(word: string): CutWord;
  /** Id of each piece. */
  readonly ids: ReadonlyMap<string, number>;
}

const bpeSchema = z.strictObject({
  type: z.literal('BPE').default('BPE'),
  dropout: z.null().default(null),
  unk_token: z.string().nullable().default(null),
  continuing_subword_prefix: z.literal('').nullable().default(null),
  end_of_word_suffix: z.literal('').nullable().default(null),
  fuse_unk: z.boolean().default(false),
  byte_fallback: z.literal(false).default(false),
  ignore_merges: z.boolean().default(false),
  vocab: z.custom<Record<string, number>>(isVocabulary, 'expected ids from 0 up by piece'),
  merges: z.custom<string[] | [string, string][]>(isMergeList, 'expected pairs of pieces'),
});

/**
 * Byte-level BPE: a word is its UTF-8, each byte written as one visible character.
 * @throws what `refuse` makes
 */
export async function createByteBpe(json: unknown, refuse: Refuse): Promise<PieceModel> {
  const parsed = bpeSchema.safeParse(json);
  if (!parsed.success) throw refuse('the supported settings of byte-level BPE', firstIssueOf(parsed.error));
  const { ignore_merges, ...model } = parsed.data;
  const missing = BYTE_CHARACTERS.find((character) => !Object.hasOwn(model.vocab, character));
  if (missing !== undefined) throw refuse('a piece for every byte', `a vocabulary without ${missing}`);
  // So every piece that comes of merging has an id, and no token is ever unknown.
  const orphan = model.merges.find((merge) => !Object.hasOwn(model.vocab, joinMerge(merge)));
  if (orphan !== undefined) throw refuse('a piece for every merge', `none for ${String(orphan)}`);
  const { BPE } = await loadLibrary();
  const bpe = new BPE({ ...model, ignore_merges });
  const ids: ReadonlyMap<string, number> = bpe.tokens_to_ids;
  return {
    ids,
    cut: cacheWords((word) => {
      const bytes = writeBytes(word);
      const whole = ignore_merges ? ids.get(bytes) : undefined;
      if (whole !== undefined) return { ids: [whole], lengths: [bytes.length] };
      const pieces = bpe.bpe(bytes);
      return {
        ids: pieces.map((piece) => ids.get(piece)!),
        lengths: pieces.map((piece) => piece.length),
      };
    }),
  };
}

const unigramSchema = z.strictObject({
  type: z.literal('Unigram').default('Unigram'),
  unk_id: z.int().min(0),
  byte_fallback: z.literal(false).default(false),
  vocab: z.custom<[string, number][]>(isScoreList, 'expected pieces with their scores'),
});

/**
 * Unigram: the pieces whose scores sum to the most; characters without a piece become the unknown token, one for all
 * that stand together.
 * @throws what `refuse` makes
 */
export async function createUnigram(json: unknown, refuse: Refuse): Promise<PieceModel> {
  const parsed = unigramSchema.safeParse(json);
  if (!parsed.success) throw refuse('the supported settings of Unigram', firstIssueOf(parsed.error));
  const { unk_id, ...model } = parsed.data;
  if (unk_id >= model.vocab.length) throw refuse('unk_id among the pieces', `${unk_id}`);
  const { Unigram } = await loadLibrary();
  const unigram = new Unigram({ ...model, unk_id }, '');
  const ids: ReadonlyMap<string, number> = unigram.tokens_to_ids;
  return {
    ids,
    cut: cacheWords((word) => {
      const cut = { ids: [] as number[], lengths: [] as number[] };
      for (const piece of unigram.tokenize(word)) {
        const id = ids.get(piece) ?? unk_id;
        const last = cut.ids.length - 1;
        if (id === unk_id && cut.ids[last] === unk_id) cut.lengths[last]! += piece.length;
        else {
          cut.ids.push(id);
          cut.lengths.push(piece.length);
        }
      }
      return cut;
    }),
  };
}

/** What is used of the library; its own declarations are not found by Node's rules of resolution. */
interface TokenizerLibrary {
  readonly BPE: new (model: {
    readonly vocab: Record<string, number>;
    readonly merges: string[] | [string, string][];
    readonly ignore_merges: boolean;
  }) => { readonly tokens_to_ids: Map<string, number>; bpe(word: string): string[] };
  readonly Unigram: new (
    model: { readonly vocab: [string, number][]; readonly unk_id: number },
    endToken: string,
  ) => { readonly tokens_to_ids: Map<string, number>; tokenize(word: string): string[] };
}

async function loadLibrary(): Promise<TokenizerLibrary> {
  return (await import('@huggingface/tokenizers')) as unknown as TokenizerLibrary;
}

/** GPT-2's character for each byte: printable ones stand for themselves, the others for code points from 256 up. */
export const BYTE_CHARACTERS: readonly string[] = (() => {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
})();

function joinMerge(merge: string | [string, string]): string {
  return typeof merge === 'string' ? merge.replace(' ', '') : merge.join('');
}

function writeBytes(word: string): string {
  let out = '';
  for (const byte of Buffer.from(word, 'utf8')) out += BYTE_CHARACTERS[byte];
  return out;
}

const MAX_CACHED = 50_000;
/** Longer words hardly come twice. */
const MAX_CACHED_UNITS = 64;

/** Remembers the words of a text's usual vocabulary. */
function cacheWords(cut: (word: string) => CutWord): (word: string) => CutWord {
  const cache = new Map<string, CutWord>();
  return (word) => {
    const known = cache.get(word);
    if (known !== undefined) return known;
    const made = cut(word);
    if (word.length <= MAX_CACHED_UNITS) {
      if (cache.size >= MAX_CACHED) cache.clear();
      cache.set(word, made);
    }
    return made;
  };
}

function isVocabulary(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every((id) => Number.isSafeInteger(id) && id >= 0);
}

function isMergeList(value: unknown): boolean {
  const isPair = (merge: unknown): boolean =>
    typeof merge === 'string' ||
    (Array.isArray(merge) && merge.length === 2 && merge.every((part) => typeof part === 'string'));
  return Array.isArray(value) && value.every(isPair) && new Set(value.map((merge) => typeof merge)).size < 2;
}

function isScoreList(value: unknown): boolean {
  const isScored = (entry: unknown): boolean =>
    Array.isArray(entry) &&
    entry.length === 2 &&
    typeof entry[0] === 'string' &&
    typeof entry[1] === 'number';
  return Array.isArray(value) && value.length > 0 && value.every(isScored);
}

function firstIssueOf({ issues }: z.ZodError): string {
  const issue = issues[0];
  return issue === undefined ? 'another' : `${issue.path.join('.') || 'the model'}: ${issue.message}`;
}
