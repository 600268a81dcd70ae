// Maps each character of a changed text to its origin. Rules only give the text before and after, so the two are aligned
// afterwards: equal runs one to one, and at each difference the nearest place from which both agree again.

/** A text made from another. Positions are UTF-16 units. */
export interface TextMap {
  readonly text: string;
  /** [n] where the origin of each unit begins. */
  readonly starts: Int32Array;
  /** [n] where it ends (exclusive); equal to the start for a unit that came from nothing. */
  readonly ends: Int32Array;
}

/** Both texts must agree for this long before they count as in step again; after a small change for less. */
const AGREEMENT = 8;
const SMALL_AGREEMENT = 3;
/** Units removed and written together, at most, by a small change: a quote, an entity, an accent. */
const SMALL_CHANGE = 6;
/** Changes replace at most so many units by others. */
const MAX_WRITTEN = 64;
/** Changes remove at most so many units in one place, unless these end the text. */
const MAX_REMOVED = 8192;

export function mapUnchanged(text: string): TextMap {
  return {
    text,
    starts: Int32Array.from({ length: text.length }, (_, i) => i),
    ends: Int32Array.from({ length: text.length }, (_, i) => i + 1),
  };
}

/** The map from what `map.text` was made of to `after`, which was made from `map.text`. */
export function mapChange(map: TextMap, after: string): TextMap {
  if (after === map.text) return map;
  const { starts, ends } = alignTexts(map.text, after);
  for (let i = 0; i < after.length; i++) {
    const [from, to] = [starts[i]!, ends[i]!];
    // a unit that came from nothing stands where the one before it ended
    const origin = from < to ? map.starts[from]! : from > 0 ? map.ends[from - 1]! : 0;
    starts[i] = origin;
    ends[i] = from < to ? map.ends[to - 1]! : origin;
  }
  return { text: after, starts, ends };
}

/** Aligns `after` with the text it was made from. */
export function alignTexts(before: string, after: string): TextMap {
  const starts = new Int32Array(after.length);
  const ends = new Int32Array(after.length);
  const put = (from: number, to: number, start: number, end: number): void => {
    starts.fill(start, from, to);
    ends.fill(end, from, to);
  };
  let i = 0;
  let j = 0;
  while (i < before.length && j < after.length && before.charCodeAt(i) === after.charCodeAt(j)) {
    i++;
    j++;
  }
  let [endBefore, endAfter] = [before.length, after.length];
  while (
    endBefore > i &&
    endAfter > j &&
    before.charCodeAt(endBefore - 1) === after.charCodeAt(endAfter - 1)
  ) {
    endBefore--;
    endAfter--;
  }
  for (let k = 0; k < j; k++) put(k, k + 1, k, k + 1);
  for (let k = endAfter; k < after.length; k++) {
    const from = k - endAfter + endBefore;
    put(k, k + 1, from, from + 1);
  }
  while (i < endBefore || j < endAfter) {
    if (i < endBefore && j < endAfter && before.charCodeAt(i) === after.charCodeAt(j)) {
      put(j, j + 1, i, i + 1);
      i++;
      j++;
      continue;
    }
    const { removed, written } = findAgreement(before, after, i, j, endBefore, endAfter);
    put(j, j + written, i, i + removed);
    i += removed;
    j += written;
    if (written === 0) slideBack(before, i, removed, j, (at, from) => put(at, at + 1, from, from + 1));
  }
  return { text: after, starts, ends };
}

/** How much was removed and written at a difference: the least of both together after which the texts agree. */
function findAgreement(
  before: string,
  after: string,
  i: number,
  j: number,
  endBefore: number,
  endAfter: number,
): { removed: number; written: number } {
  for (let total = 1; total <= SMALL_CHANGE; total++) {
    for (let written = Math.min(total, endAfter - j); written >= 0; written--) {
      const removed = total - written;
      if (i + removed + SMALL_AGREEMENT > endBefore || j + written + SMALL_AGREEMENT > endAfter) continue;
      const next = after.slice(j + written, j + written + SMALL_AGREEMENT);
      if (before.startsWith(next, i + removed)) return { removed, written };
    }
  }
  let best = { removed: endBefore - i, written: endAfter - j };
  let least = Number.POSITIVE_INFINITY;
  const window = before.slice(i, Math.min(endBefore, i + MAX_REMOVED));
  for (let written = 0; written <= MAX_WRITTEN && written < least; written++) {
    const needle = after.slice(j + written, Math.min(endAfter, j + written + AGREEMENT));
    if (needle.length < AGREEMENT) break; // too little left to be sure of: it is taken as one change
    const removed = window.indexOf(needle);
    if (removed === -1 || removed + written >= least) continue;
    least = removed + written;
    best = { removed, written };
  }
  return best;
}

/**
 * "WASHINGTON (X) - We" cut to "We" agrees in its first letter with the wrong word. Of all places where the same removal
 * gives the same text, the one is taken that begins and ends between words.
 * @param i  where the removal ends
 */
function slideBack(
  before: string,
  i: number,
  removed: number,
  j: number,
  move: (at: number, from: number) => void,
): void {
  const isEdge = (at: number): boolean => at === 0 || /\s/.test(before.charAt(at - 1));
  const isClean = (by: number): boolean => isEdge(i - removed - by) && isEdge(i - by);
  for (let by = 0; by <= j; by++) {
    if (isClean(by)) {
      for (let k = 1; k <= by; k++) move(j - k, i - k);
      return;
    }
    if (before.charCodeAt(i - removed - by - 1) !== before.charCodeAt(i - by - 1)) return;
  }
}
