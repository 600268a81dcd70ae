// Measures the similarity of texts: the Jaccard similarity of their sets of five-word shingles. An inverted index compares
// a text with all earlier ones in the time that looking up its shingles takes.

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

export interface SimilarityIndex {
  add(text: string): void;
  /** Highest similarity to any text added so far; 0 when there is none. */
  highest(text: string): number;
}

export function createSimilarityIndex(): SimilarityIndex {
  const sizes: number[] = [];
  const textsWith = new Map<string, number[]>();
  return {
    add(text) {
      const shingles = shinglesOf(text);
      for (const shingle of shingles) {
        const texts = textsWith.get(shingle);
        if (texts === undefined) textsWith.set(shingle, [sizes.length]);
        else texts.push(sizes.length);
      }
      sizes.push(shingles.size);
    },
    highest(text) {
      const shingles = shinglesOf(text);
      const shared = new Map<number, number>();
      for (const shingle of shingles) {
        for (const other of textsWith.get(shingle) ?? []) shared.set(other, (shared.get(other) ?? 0) + 1);
      }
      let highest = 0;
      for (const [other, count] of shared) {
        highest = Math.max(highest, count / (shingles.size + sizes[other]! - count));
      }
      return highest;
    },
  };
}
