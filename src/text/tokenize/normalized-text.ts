// A text after some normalisation, which still knows for each UTF-16 unit the span of the original it came from.

export interface NormalizedText {
  readonly text: string;
  /** Spans of the original by unit of `text`; null while the text is the original itself. */
  readonly spans: UnitSpans | null;
}

export interface UnitSpans {
  /** [units] where the original of each unit begins. */
  readonly starts: Int32Array;
  /** [units] where it ends (exclusive). */
  readonly ends: Int32Array;
}

/** A piece of the result, and the units [from, to) of the input it replaces. */
export interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Where the original of unit `at` begins. */
export function startOf({ spans }: NormalizedText, at: number): number {
  return spans === null ? at : spans.starts[at]!;
}

/** Where the original of unit `at` ends. */
export function endOf({ spans }: NormalizedText, at: number): number {
  return spans === null ? at + 1 : spans.ends[at]!;
}

/** The units [from, to) as a text of its own, whose spans are still places in the whole original. */
export function sliceText(input: NormalizedText, from: number, to: number): NormalizedText {
  const starts = new Int32Array(to - from);
  const ends = new Int32Array(to - from);
  for (let at = from; at < to; at++) {
    starts[at - from] = startOf(input, at);
    ends[at - from] = endOf(input, at);
  }
  return { text: input.text.slice(from, to), spans: { starts, ends } };
}

/**
 * Replaces parts of a text; every unit of a replacement comes from all that it replaces.
 * @param replacements  in order, not overlapping
 */
export function replaceParts(input: NormalizedText, replacements: readonly Replacement[]): NormalizedText {
  if (replacements.length === 0) return input;
  let units = input.text.length;
  for (const { from, to, text } of replacements) units += text.length - (to - from);
  const starts = new Int32Array(units);
  const ends = new Int32Array(units);
  const texts: string[] = [];
  let out = 0;
  let read = 0;
  const keepUntil = (end: number): void => {
    if (read === end) return;
    texts.push(input.text.slice(read, end));
    for (; read < end; read++, out++) {
      starts[out] = startOf(input, read);
      ends[out] = endOf(input, read);
    }
  };
  for (const { from, to, text } of replacements) {
    keepUntil(from);
    texts.push(text);
    const start = from < to ? startOf(input, from) : 0;
    const end = from < to ? endOf(input, to - 1) : 0;
    for (let i = 0; i < text.length; i++, out++) {
      starts[out] = start;
      ends[out] = end;
    }
    read = to;
  }
  keepUntil(input.text.length);
  return { text: texts.join(''), spans: { starts, ends } };
}
