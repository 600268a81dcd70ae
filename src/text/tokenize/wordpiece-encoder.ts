// Articles to ids with BERT's WordPiece: [CLS] title + " " + text [SEP].
import { canonicalJson, hashSha256 } from '../../foundation/core/index.ts';
import type { PieceEncoder } from './article-encoder.ts';
import { createPieceEncoder, type PieceEncoderOptions } from './piece-encoder.ts';
import type { Vocabulary } from './vocabulary.ts';
import { createWordPieceTokenizer, type WordPieceTokenizer } from './wordpiece.ts';
import { saveWordPieceTokenizer } from './wordpiece-file.ts';

/** Counted up when the same vocabulary would give other ids: cached tokens are then made again. */
const ALGORITHM_VERSION = 1;

/**
 * Creates the encoder of a vocabulary, uncased.
 * @throws USAGE when maxTokens leaves no room beside [CLS] and [SEP]
 */
export function createWordPieceEncoder(
  options: PieceEncoderOptions & { readonly vocabulary: Vocabulary },
): PieceEncoder {
  return wrapTokenizer(createWordPieceTokenizer(options.vocabulary), options);
}

/**
 * Makes an encoder of a WordPiece tokenizer.
 * @throws USAGE when maxTokens leaves no room beside [CLS] and [SEP]
 */
export function wrapTokenizer(tokenizer: WordPieceTokenizer, options: PieceEncoderOptions): PieceEncoder {
  const { vocabulary, normalizer, addedTokens } = tokenizer;
  const { '[CLS]': cls, '[SEP]': sep, '[PAD]': padId, '[MASK]': maskId } = vocabulary.special;
  return createPieceEncoder(
    {
      kind: 'wordpiece',
      vocabularySize: vocabulary.size,
      padId,
      maskId,
      unreachablePieces: countUnreachable(tokenizer),
      frame: [cls, sep],
      tokenizer,
      digestWith: ({ maxTokens, truncation }) =>
        hashSha256(
          canonicalJson({
            kind: 'wordpiece',
            version: ALGORITHM_VERSION,
            pieces: vocabulary.pieces,
            normalizer,
            addedTokens,
            maxTokens,
            truncation,
          }),
        ),
      save: (folder, maxTokens) => saveWordPieceTokenizer(tokenizer, folder, maxTokens),
    },
    options,
  );
}

function countUnreachable({ vocabulary, normalizer, addedTokens }: WordPieceTokenizer): number {
  if (!normalizer.lowercase) return 0;
  const added = new Set(addedTokens.map(({ content }) => content));
  return vocabulary.pieces.filter(
    (piece) => /\p{Lu}/u.test(piece) && !isSpecialPiece(piece) && !added.has(piece),
  ).length;
}

/** [UNK] and its kin, and the [unused0] of published vocabularies. */
function isSpecialPiece(piece: string): boolean {
  return piece.startsWith('[') && piece.endsWith(']');
}
