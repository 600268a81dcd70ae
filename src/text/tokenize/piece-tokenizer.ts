// A tokenizer.json with a BPE or Unigram model, put together: added tokens, normaliser, words, pieces. Every step keeps
// the place of what it makes in the text. No special tokens are added around a text here.
// Source: behaviour of tokenizers 0.23.3.
import { type AddedTokenEntry, createAddedFinder } from './added-tokens.ts';
import type { TokenSpans } from './article-encoder.ts';
import { endOf, type NormalizedText, sliceText, startOf } from './normalized-text.ts';
import type { CutWord, PieceModel } from './piece-models.ts';
import type { TextNormalizer } from './text-normalizers.ts';
import type { ParsedSplitter, SplitWord } from './word-splitters.ts';

export interface PieceTokenizerParts {
  readonly addedTokens: readonly AddedTokenEntry[];
  readonly normalize: TextNormalizer;
  readonly splitter: ParsedSplitter;
  readonly model: PieceModel;
}

/** Takes the tokens of a text in order; returns false to end. */
interface TokenSink {
  added(id: number, section: NormalizedText, from: number, to: number): boolean;
  word(cut: CutWord, word: SplitWord, section: NormalizedText): boolean;
}

/** Texts to ids, as a tokenizer.json says. */
export class PieceTokenizer {
  readonly #parts: PieceTokenizerParts;
  readonly #findRaw: ReturnType<typeof createAddedFinder>;
  readonly #findNormalized: ReturnType<typeof createAddedFinder>;

  constructor(parts: PieceTokenizerParts) {
    this.#parts = parts;
    const { addedTokens, normalize } = parts;
    const raw = addedTokens.filter((token) => !token.normalized);
    const normalized = addedTokens.filter((token) => token.normalized);
    this.#findRaw = createAddedFinder(
      raw,
      raw.map(({ content }) => content),
    );
    this.#findNormalized = createAddedFinder(
      normalized,
      normalized.map(({ content }) => normalize({ text: content, spans: null }).text),
    );
  }

  /** Ids of the text; stops once there are at least `limit` of them (the last word may go beyond it). */
  encode(text: string, limit = Number.POSITIVE_INFINITY): Int32Array {
    const ids: number[] = [];
    this.#scan(text, {
      added: (id) => ids.push(id) < limit,
      word: (cut) => {
        for (const id of cut.ids) ids.push(id);
        return ids.length < limit;
      },
    });
    return Int32Array.from(ids);
  }

  /** The same ids with their places; white space at the ends of a token is left out of its span. */
  encodeWithOffsets(text: string): TokenSpans {
    const ids: number[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    const { isByteLevel } = this.#parts.splitter;
    const push = (id: number, section: NormalizedText, from: number, to: number): void => {
      const [first, last] = trimSpaces(section.text, from, to);
      ids.push(id);
      starts.push(first < last ? startOf(section, first) : 0);
      ends.push(first < last ? endOf(section, last - 1) : 0);
    };
    this.#scan(text, {
      added: (id, section, from, to) => {
        push(id, section, from, to);
        return true;
      },
      word: (cut, word, section) => {
        const { starts: first, ends: last } = isByteLevel ? mapBytes(word.text) : mapUnits(word.text);
        // A space or "▁" that was added before a word counts to its first character.
        const firstEnd = word.prefix === 1 ? String.fromCodePoint(word.text.codePointAt(1) ?? 0).length : 0;
        let at = 0;
        for (const [i, id] of cut.ids.entries()) {
          const next = at + cut.lengths[i]!;
          const from = word.from + Math.max(0, first[at]! - word.prefix);
          const to = word.from + Math.max(firstEnd, last[next - 1]! - word.prefix);
          push(id, section, from, Math.min(to, section.text.length));
          at = next;
        }
        return true;
      },
    });
    return { ids: Int32Array.from(ids), starts: Int32Array.from(starts), ends: Int32Array.from(ends) };
  }

  #scan(text: string, sink: TokenSink): void {
    const raw: NormalizedText = { text, spans: null };
    let read = 0;
    for (const { id, from, to } of this.#findRaw(text)) {
      if (!this.#scanStretch(raw, read, from, sink) || !sink.added(id, raw, from, to)) return;
      read = to;
    }
    this.#scanStretch(raw, read, text.length, sink);
  }

  /** Scans what lies between two added tokens of the raw text. @returns false when the sink ended it */
  #scanStretch(raw: NormalizedText, from: number, to: number, sink: TokenSink): boolean {
    if (from === to) return true;
    const isWhole = from === 0 && to === raw.text.length;
    const normalized = this.#parts.normalize(isWhole ? raw : sliceText(raw, from, to));
    let read = 0;
    for (const { id, from, to } of this.#findNormalized(normalized.text)) {
      if (!this.#cutWords(normalized, read, from, sink) || !sink.added(id, normalized, from, to))
        return false;
      read = to;
    }
    return this.#cutWords(normalized, read, normalized.text.length, sink);
  }

  #cutWords(normalized: NormalizedText, from: number, to: number, sink: TokenSink): boolean {
    if (from === to) return true;
    const { model, splitter } = this.#parts;
    const isWhole = from === 0 && to === normalized.text.length;
    const section = isWhole ? normalized : sliceText(normalized, from, to);
    return splitter.split(section, (word) => sink.word(model.cut(word.text), word, section));
  }
}

interface UnitPlaces {
  /** Where the character of each unit begins. */
  readonly starts: ArrayLike<number>;
  /** Where it ends (exclusive). */
  readonly ends: ArrayLike<number>;
}

/** For each byte of a text's UTF-8, the UTF-16 units of its character. */
function mapBytes(text: string): UnitPlaces {
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const character of text) {
    for (let left = Buffer.byteLength(character); left > 0; left--) {
      starts.push(at);
      ends.push(at + character.length);
    }
    at += character.length;
  }
  return { starts, ends };
}

function mapUnits(text: string): UnitPlaces {
  const starts = Array.from({ length: text.length }, (_, at) => at);
  return { starts, ends: starts.map((at) => at + 1) };
}

const SPACE = /^\p{White_Space}$/u;

/** [from, to) without the white space at both ends. */
function trimSpaces(text: string, from: number, to: number): [number, number] {
  let first = from;
  let last = to;
  while (first < last && SPACE.test(text[first]!)) first++;
  while (last > first && SPACE.test(text[last - 1]!)) last--;
  return [first, last];
}
