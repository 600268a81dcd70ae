// MinHash signatures (Broder 1997): the share of equal entries of two signatures estimates the Jaccard similarity of two
// sets of word shingles. Permutations are x -> a x + b mod 2^32 (a odd) over mixed hashes with constant seeds, so
// signatures are the same on every machine.
import { createRandom, hash32 } from '../../foundation/core/index.ts';
import type { WordHashes } from './word-hashes.ts';

export interface MinHasher {
  readonly permutations: number;
  /** Writes the signature of the shingles of `words` to `out` [permutations]. Needs at least one word. */
  sign(words: WordHashes, out: Int32Array): void;
}

/** Creates the signature function for shingles of `shingleWords` words. */
export function createMinHasher(permutations: number, shingleWords: number): MinHasher {
  const random = createRandom('min-hash', 1);
  const padded = Math.ceil(permutations / 4) * 4;
  const multipliers = new Int32Array(padded);
  const offsets = new Int32Array(padded);
  for (let i = 0; i < padded; i++) {
    multipliers[i] = random.integer(0x100000000) | 1;
    offsets[i] = random.integer(0x100000000);
  }
  const minima = new Int32Array(padded);
  let shingles = new Int32Array(4096);

  // Preparing data spends most of its time in this loop. It computes four permutations at once, so that their minima
  // stay in registers.
  const signFour = (values: Int32Array, count: number, at: number): void => {
    const [m0, m1, m2, m3] = [
      multipliers[at] as number,
      multipliers[at + 1] as number,
      multipliers[at + 2] as number,
      multipliers[at + 3] as number,
    ];
    const [o0, o1, o2, o3] = [
      offsets[at] as number,
      offsets[at + 1] as number,
      offsets[at + 2] as number,
      offsets[at + 3] as number,
    ];
    let [min0, min1, min2, min3] = [0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff];
    for (let i = 0; i < count; i++) {
      const shingle = values[i] as number;
      const v0 = (Math.imul(shingle, m0) + o0) | 0;
      const v1 = (Math.imul(shingle, m1) + o1) | 0;
      const v2 = (Math.imul(shingle, m2) + o2) | 0;
      const v3 = (Math.imul(shingle, m3) + o3) | 0;
      if (v0 < min0) min0 = v0;
      if (v1 < min1) min1 = v1;
      if (v2 < min2) min2 = v2;
      if (v3 < min3) min3 = v3;
    }
    minima[at] = min0;
    minima[at + 1] = min1;
    minima[at + 2] = min2;
    minima[at + 3] = min3;
  };

  return {
    permutations,
    sign: ({ hashes, count }, out) => {
      const width = Math.min(shingleWords, count);
      const shingleCount = count - width + 1;
      if (shingleCount > shingles.length) shingles = new Int32Array(shingleCount * 2);
      for (let start = 0; start < shingleCount; start++) {
        let shingle = 0;
        for (let i = start; i < start + width; i++) {
          shingle = (Math.imul(shingle ^ (hashes[i] as number), 0x5bd1e995) + 0x165667b1) | 0;
        }
        shingles[start] = hash32(shingle);
      }
      for (let i = 0; i < permutations; i += 4) signFour(shingles, shingleCount, i);
      out.set(minima.subarray(0, permutations));
    },
  };
}

/** Share of equal entries: the estimated Jaccard similarity. */
export function estimateSimilarity(a: Int32Array, b: Int32Array): number {
  let equal = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) equal++;
  return equal / a.length;
}

export interface Bands {
  readonly bands: number;
  readonly rowsPerBand: number;
}

// The probability of finding a pair exactly at the threshold; pairs above it are found with a higher one.
const RECALL_AT_THRESHOLD = 0.98;

/**
 * Divides a signature into bands; two articles are compared if any band is equal. It takes the longest bands, which cause
 * the fewest useless comparisons, that still find a pair at the threshold with probability 0.98: 1 - (1 - t^r)^b.
 */
export function chooseBands(permutations: number, threshold: number): Bands {
  for (let rowsPerBand = permutations; rowsPerBand > 1; rowsPerBand--) {
    const bands = Math.floor(permutations / rowsPerBand);
    if (1 - (1 - threshold ** rowsPerBand) ** bands >= RECALL_AT_THRESHOLD) return { bands, rowsPerBand };
  }
  return { bands: permutations, rowsPerBand: 1 };
}

/** Writes the hash of each band of a signature to `out` [bands]. */
export function hashBands(signature: Int32Array, { bands, rowsPerBand }: Bands, out: Int32Array): void {
  for (let band = 0; band < bands; band++) {
    let hash = band;
    for (let i = band * rowsPerBand; i < (band + 1) * rowsPerBand; i++)
      hash = hash32(Math.imul(hash, 31) ^ (signature[i] as number));
    out[band] = hash;
  }
}
