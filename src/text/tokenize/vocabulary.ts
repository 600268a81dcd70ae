// A WordPiece vocabulary: which id each piece has, and the five special tokens that BERT's kind of model needs.
import { appError } from '../../foundation/core/index.ts';

export const CONTINUATION = '##';
/** Words of more code points than this become [UNK] whole. */
export const MAX_WORD_CODE_POINTS = 100;

const MAX_ID = 0xffffff;

export const SPECIAL_TOKENS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;
export type SpecialToken = (typeof SPECIAL_TOKENS)[number];

export interface Vocabulary {
  /** Piece to id; continuations carry their "##". */
  readonly ids: ReadonlyMap<string, number>;
  /** [V] piece of each id; '' where an id has none. */
  readonly pieces: readonly string[];
  readonly special: Readonly<Record<SpecialToken, number>>;
  /** V: one more than the highest id. */
  readonly size: number;
}

/**
 * Builds a vocabulary from its entries.
 * @param where  the file or source named in errors
 * @throws TOKENIZER_INVALID without a special token or with an id twice
 */
export function buildVocabulary(entries: Iterable<readonly [string, number]>, where: string): Vocabulary {
  const ids = new Map(entries);
  let size = 0;
  for (const id of ids.values()) {
    if (!Number.isSafeInteger(id) || id < 0 || id > MAX_ID) throw invalid(where, 'ids from 0 up', `id ${id}`);
    size = Math.max(size, id + 1);
  }
  const pieces = new Array<string>(size).fill('');
  for (const [piece, id] of ids) {
    if (pieces[id] !== '') throw invalid(where, 'one piece an id', `id ${id} twice`);
    pieces[id] = piece;
  }
  // An empty line of vocab.txt takes an id, but is no piece.
  ids.delete('');
  const special = Object.fromEntries(
    SPECIAL_TOKENS.map((token) => {
      const id = ids.get(token);
      if (id === undefined) throw invalid(where, `the special token ${token}`, 'a vocabulary without it');
      return [token, id];
    }),
  ) as Record<SpecialToken, number>;
  return { ids, pieces, special, size };
}

function invalid(where: string, expected: string, got: string): Error {
  return appError('TOKENIZER_INVALID', { where, expected, got });
}
