// Chooses the waiting articles that run together on one thread: the next in turn, and others of similar length behind it.
// Turns are fair between requests (self-clocked fair queueing, Golestani 1994): an article's tag is the work of its
// request up to and including it, so a single article passes the rest of another request's batch of 256.
export interface WaitingTurn {
  /** Estimated tokens. */
  readonly tokens: number;
  /** Turn: the lowest is next. */
  readonly tag: number;
}

/** Articles of four fifths of the longest and more share a batch: the padding costs less than a second run. */
const LEAST_LENGTH = 0.8;
/** How far behind the next article others are looked for. */
const LOOK_AHEAD = 64;

/**
 * Indices of the articles in the next batch.
 * @param waiting  sorted by tag
 * @param maxTokens  limit of B * T, unless a single article has more
 */
export function chooseBatch(waiting: readonly WaitingTurn[], maxTokens: number): number[] {
  const first = waiting[0];
  if (first === undefined) return [];
  const batch = [0];
  let longest = first.tokens;
  let shortest = first.tokens;
  for (let index = 1; index < Math.min(waiting.length, LOOK_AHEAD); index++) {
    const { tokens } = waiting[index]!;
    const newLongest = Math.max(longest, tokens);
    const newShortest = Math.min(shortest, tokens);
    if ((batch.length + 1) * newLongest > maxTokens) continue;
    if (newShortest < newLongest * LEAST_LENGTH) continue;
    batch.push(index);
    longest = newLongest;
    shortest = newShortest;
  }
  return batch;
}
