// Parts of an article that a quick model learns from alone: its words, its first, middle and last tokens, its punctuation with
// and without the case of its words, its length. Features are hashes.
import { hash32 } from '../../../foundation/core/index.ts';
import type { ArticleText } from '../../../foundation/records/index.ts';
import { createColumn } from '../row-table.ts';
import type { FeatureRows } from './quick-model.ts';
import { createTokens, FORMS, fillTokens, type Tokens } from './tokens.ts';

/** The words at the beginning or end that can hold a dateline or a credit. */
export const EDGE_TOKENS = 20;
/** Tokens of a text that the words' model reads: the first and the last of them. */
const HEAD_TOKENS = 120;
const TAIL_TOKENS = 30;
const FORM_TOKENS = 256;

/** Both fields of an article as tokens. */
export interface TokenizedArticle {
  readonly title: Tokens;
  readonly text: Tokens;
}

export function createArticleTokens(): TokenizedArticle & { fill(article: ArticleText): void } {
  const tokens = { title: createTokens(), text: createTokens() };
  return {
    ...tokens,
    fill: ({ title, text }) => {
      fillTokens(title, tokens.title);
      fillTokens(text, tokens.text);
    },
  };
}

export type Emit = (feature: number) => void;

/** How many tokens each edge has: a quarter of a short text, so that beginning, middle and end do not meet; 0: too short. */
export function edgeSize({ count }: Tokens): number {
  return count < 12 ? 0 : Math.min(EDGE_TOKENS, count >> 2);
}

export const edges = ['first', 'middle', 'last'] as const;
export type Edge = (typeof edges)[number];

/** Where an edge begins. */
export function edgeStart(tokens: Tokens, edge: Edge): number {
  const size = edgeSize(tokens);
  if (edge === 'first') return 0;
  return edge === 'last' ? tokens.count - size : (tokens.count - size) >> 1;
}

/** Words of title and text, alone and in pairs, and signs. */
export function emitWords({ title, text }: TokenizedArticle, emit: Emit): void {
  emitSequence(title.hashes, 0, title.count, 2, 0x11, emit);
  const head = Math.min(text.count, HEAD_TOKENS);
  emitSequence(text.hashes, 0, head, 2, 0x22, emit);
  emitSequence(text.hashes, Math.max(head, text.count - TAIL_TOKENS), text.count, 2, 0x22, emit);
}

/** The tokens of one edge of the text. */
export function emitEdge({ text }: TokenizedArticle, edge: Edge, emit: Emit): void {
  const from = edgeStart(text, edge);
  emitSequence(text.hashes, from, from + edgeSize(text), 2, 0x33, emit);
}

/** Signs and numbers between words of which only the case is known, or not even that. */
export function emitForms({ title, text }: TokenizedArticle, withCase: boolean, emit: Emit): void {
  const seen = new Set<number>();
  const once = (feature: number): void => {
    if (seen.has(feature)) return;
    seen.add(feature);
    emit(feature);
  };
  for (const [tokens, salt] of [
    [title, 0x44],
    [text, 0x55],
  ] as const) {
    const count = Math.min(tokens.count, FORM_TOKENS);
    const forms = Int32Array.from({ length: count }, (_, i) =>
      plainForm(tokens.forms[i] as number, withCase),
    );
    emitSequence(forms, 0, count, 3, salt, once);
  }
}

function plainForm(form: number, withCase: boolean): number {
  if (withCase || form > 8) return form;
  return form === FORMS.digits || form === FORMS.digitsAndLetters ? form : FORMS.lower;
}

/** Lengths of title and text, in steps of about a fifth. */
export function emitLengths({ title, text }: TokenizedArticle, emit: Emit): void {
  const step = (count: number): number => Math.round(Math.log2(count + 1) * 4);
  for (const [i, value] of [step(title.count), step(text.count)].entries()) {
    // Neighbours share a feature, so that few rows are enough.
    for (const width of [1, 2, 4]) emit(hash32(0x66 + i * 64 + width * 8 + Math.floor(value / width) * 1024));
  }
}

function emitSequence(
  values: Int32Array,
  from: number,
  to: number,
  longest: number,
  salt: number,
  emit: Emit,
): void {
  for (let i = from; i < to; i++) {
    let hash = salt;
    for (let n = 0; n < longest && i + n < to; n++) {
      hash = hash32(Math.imul(hash, 31) ^ (values[i + n] as number));
      emit(hash);
    }
  }
}

/** Collects the features of rows. */
export interface FeatureCollector {
  add(emitAll: (emit: Emit) => void): void;
  rows(): FeatureRows;
}

export function createFeatureCollector(): FeatureCollector {
  const features = createColumn('i32');
  const starts = createColumn('i32');
  let count = 0;
  const emit: Emit = (feature) => {
    features.push(feature | 0);
    count++;
  };
  return {
    add: (emitAll) => {
      starts.push(count);
      emitAll(emit);
    },
    rows: () => {
      const ends = new Int32Array(starts.values.length + 1);
      ends.set(starts.values);
      ends[starts.values.length] = count;
      return { features: features.values, starts: ends };
    },
  };
}
