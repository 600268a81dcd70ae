// How alike two texts are: Jaccard similarity of their sets of five-word shingles.

/** Lower-case words in windows of five; a text shorter than that is one shingle. */
export function shinglesOf(text: string, size = 5): Set<string> {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const shingles = new Set<string>();
  for (let i = 0; i + size <= Math.max(words.length, size); i++)
    shingles.add(words.slice(i, i + size).join(' '));
  return shingles;
}

export function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const item of a) if (b.has(item)) shared++;
  return shared / (a.size + b.size - shared);
}
