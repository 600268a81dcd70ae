// Explains the prediction of one article. Each sentence is left out in turn, then words of the sentences with the most
// influence, as far as the budget goes; and the margin is shared out among all words at once.
import type { ArticleExplanation, ArticleText } from '../../foundation/records/index.ts';
import { cutArticle, type Span } from './spans.ts';
import type { LocatedTokens } from './token-places.ts';

/** The margin and the label's probability for each sequence of ids. */
export type ScoreSequences = (
  sequences: readonly Int32Array[],
  label: number,
) => Promise<{ margins: Float64Array; probabilities: Float64Array }>;

export interface SharedMargin {
  readonly shares: Float64Array;
  readonly about: NonNullable<ArticleExplanation['gradients']>;
}

/** Shares the margin out among the tokens of an article, or gives the reason why it cannot. */
export type ShareMargin = (
  ids: Int32Array,
  located: LocatedTokens,
  label: number,
) => Promise<SharedMargin | { readonly warning: ArticleExplanation['warnings'][number] }>;

export interface ExplainOptions {
  readonly classNames: readonly string[];
  /** The winning class. */
  readonly chooseLabel: (ids: Int32Array) => Promise<number>;
  readonly score: ScoreSequences;
  readonly share: ShareMargin;
  /** Most tokens that may be read in all with parts left out, and most times that the article may be read. */
  readonly maxTokens: number;
  readonly maxVariants: number;
}

/** Explains the prediction of `article`, of which the model read the `located` tokens. */
export async function explainArticle(
  article: ArticleText,
  located: LocatedTokens,
  options: ExplainOptions,
): Promise<ArticleExplanation> {
  const { places } = located;
  const none = new Uint8Array(places.length);
  const full = located.encodeWithout(none);
  const label = await options.chooseLabel(full);
  const cut = cutArticle(article);
  const wordOf = assign(places, cut.words); // [P] word of each token, or -1
  const sentenceOf = Int32Array.from(wordOf, (word) => (word === -1 ? -1 : cut.words[word]!.sentence));
  const variants = Math.max(1, Math.min(options.maxVariants, Math.floor(options.maxTokens / full.length)));

  const base = await options.score([full], label);
  const [margin, probability] = [base.margins[0]!, base.probabilities[0]!];
  const without = (owner: Int32Array, wanted: (index: number) => boolean): Int32Array =>
    located.encodeWithout(Uint8Array.from(owner, (index) => (index !== -1 && wanted(index) ? 1 : 0)));
  const tryEach = async (owner: Int32Array, indices: readonly number[]) => {
    const sequences = indices.map((index) => without(owner, (other) => other === index));
    const { margins, probabilities } = await options.score(sequences, label);
    return new Map(
      indices.map((index, i) => [
        index,
        { influence: probability - probabilities[i]!, marginInfluence: margin - margins[i]! },
      ]),
    );
  };

  const readSentences = listOwners(sentenceOf).slice(0, variants);
  const sentences = await tryEach(sentenceOf, readSentences);
  const readWords = listOwners(wordOf);
  const chosen = chooseWords(readWords, cut.words, sentences, variants - readSentences.length);
  const words = await tryEach(wordOf, chosen);
  const sharing = await options.share(full, located, label);
  const shared = 'warning' in sharing ? null : sharing;
  const gradients = shared === null ? null : sumShares(shared.shares, wordOf, cut.words.length);
  const gradientOf = (word: number): number | null => gradients?.[word] ?? null;
  const sentenceGradients = new Float64Array(cut.sentences.length);
  if (gradients !== null)
    cut.words.forEach(({ sentence }, word) => {
      sentenceGradients[sentence]! += gradients[word]!;
    });
  const untried = { influence: null, marginInfluence: null };
  return {
    schemaVersion: 1,
    label: options.classNames[label]!,
    probability,
    margin,
    sentences: cut.sentences.map((span, index) => ({
      ...span,
      ...(sentences.get(index) ?? untried),
      gradient: gradients === null ? null : sentenceGradients[index]!,
    })),
    words: cut.words.map((span, index) => ({
      ...span,
      ...(words.get(index) ?? untried),
      gradient: gradientOf(index),
    })),
    unread: listUnread(article, cut.words, new Set(readWords)),
    occlusion: {
      variants: sentences.size + words.size,
      wordsTried: words.size,
      wordsTotal: readWords.length,
    },
    warnings: 'warning' in sharing ? [sharing.warning] : [],
    gradients: shared?.about ?? null,
  };
}

/** For each token the word that holds its first character; tokens and words are both in reading order. */
function assign(places: readonly Span[], words: readonly Span[]): Int32Array {
  const owner = new Int32Array(places.length).fill(-1);
  let word = 0;
  places.forEach(({ field, start, end }, token) => {
    if (start === end) return;
    while (word < words.length && isBefore(words[word]!, field, start)) word++;
    const candidate = words[word];
    if (candidate !== undefined && candidate.field === field && candidate.start < end) owner[token] = word;
  });
  return owner;
}

function isBefore(span: Span, field: Span['field'], start: number): boolean {
  return span.field === field ? span.end <= start : span.field === 'title';
}

function listOwners(owner: Int32Array): number[] {
  return [...new Set(owner)].filter((index) => index !== -1);
}

/** Up to `room` words, from the sentences with the most influence in either direction; in reading order. */
function chooseWords(
  read: readonly number[],
  words: readonly { readonly sentence: number }[],
  sentences: ReadonlyMap<number, { readonly marginInfluence: number }>,
  room: number,
): number[] {
  const influenceOf = (word: number): number =>
    Math.abs(sentences.get(words[word]!.sentence)?.marginInfluence ?? 0);
  return [...read]
    .sort((a, b) => influenceOf(b) - influenceOf(a) || a - b)
    .slice(0, Math.max(0, room))
    .sort((a, b) => a - b);
}

function sumShares(shares: Float64Array, wordOf: Int32Array, words: number): Float64Array {
  const sums = new Float64Array(words);
  wordOf.forEach((word, token) => {
    if (word !== -1) sums[word]! += shares[token]!;
  });
  return sums;
}

/** Runs of words of which the model read no character. */
function listUnread(
  article: ArticleText,
  words: readonly Span[],
  read: ReadonlySet<number>,
): ArticleExplanation['unread'] {
  const unread: { field: Span['field']; start: number; end: number }[] = [];
  let open = false;
  words.forEach(({ field, start, end }, word) => {
    const last = unread.at(-1);
    if (read.has(word)) open = false;
    else if (open && last?.field === field) last.end = end;
    else {
      unread.push({ field, start, end });
      open = true;
    }
  });
  return unread.filter(({ field, start, end }) => article[field].slice(start, end).trim() !== '');
}
