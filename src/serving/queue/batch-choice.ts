// Which waiting articles run together on one thread: the one whose turn it is, and others of like length behind it.
// Turns are fair between requests (self-clocked fair queueing, Golestani 1994): an article's tag is the work its
// request asked for up to and with it, so a single article passes the rest of somebody's batch of 256.
export interface Waiting {
  /** Estimated tokens. */
  readonly tokens: number;
  /** Turn: the lowest is next. */
  readonly tag: number;
}

/** Padding that is worth a shared run: articles of four fifths of the longest and more. */
const LEAST_LENGTH = 0.8;
/** How far behind the next turn company is looked for. */
const LOOK_AHEAD = 64;

/**
 * Indices of the next part.
 * @param waiting  in the order of their tags
 * @param maxTokens  of B * T, unless a single article has more
 */
export function chooseBatch(waiting: readonly Waiting[], maxTokens: number): number[] {
  const first = waiting[0];
  if (first === undefined) return [];
  const part = [0];
  let longest = first.tokens;
  let shortest = first.tokens;
  for (let index = 1; index < Math.min(waiting.length, LOOK_AHEAD); index++) {
    const { tokens } = waiting[index]!;
    const newLongest = Math.max(longest, tokens);
    const newShortest = Math.min(shortest, tokens);
    if ((part.length + 1) * newLongest > maxTokens) continue;
    if (newShortest < newLongest * LEAST_LENGTH) continue;
    part.push(index);
    longest = newLongest;
    shortest = newShortest;
  }
  return part;
}
