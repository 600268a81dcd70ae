// Durations counted in buckets that grow with the value, so that memory is bounded however long a test runs: whole
// microseconds up to 256, then 128 buckets an octave. A percentile is at most 0.8% too high, never too low.
// Source: the bucket layout of HdrHistogram (Gil Tene), with the highest value of a bucket standing for all in it.

const EXACT_BELOW = 256;
const BUCKETS_PER_OCTAVE = 128;
const OCTAVES = 25; // 256 µs times 2^25: over two hours
const MAX_MICROS = EXACT_BELOW * 2 ** OCTAVES - 1;

export interface HistogramBucket {
  /** Highest duration that the bucket counts. */
  readonly upToMs: number;
  readonly count: number;
}

export interface LatencyHistogram {
  /** Counts one duration; a negative one as 0, one of more than two hours as two hours. */
  add(ms: number): void;
  readonly count: number;
  /** null where nothing was counted. */
  meanMs(): number | null;
  maxMs(): number | null;
  /**
   * The duration that `share` of those counted do not exceed (nearest rank).
   * @param share  in (0, 1]
   */
  percentileMs(share: number): number | null;
  /** How many took longer; durations in the limit's own bucket are not counted. */
  countAbove(ms: number): number;
  /** Buckets that counted something, shortest first. */
  listBuckets(): HistogramBucket[];
  clear(): void;
}

export function createLatencyHistogram(): LatencyHistogram {
  const counts = new Float64Array(EXACT_BELOW + OCTAVES * BUCKETS_PER_OCTAVE);
  let [count, sumMs, maxMs] = [0, 0, 0];
  return {
    add: (ms) => {
      const kept = Math.max(0, ms);
      counts[indexOf(kept)]!++;
      count++;
      sumMs += kept;
      maxMs = Math.max(maxMs, kept);
    },
    get count() {
      return count;
    },
    meanMs: () => (count === 0 ? null : sumMs / count),
    maxMs: () => (count === 0 ? null : maxMs),
    percentileMs: (share) => {
      if (count === 0) return null;
      const rank = Math.max(1, Math.ceil(share * count - 1e-9));
      let seen = 0;
      for (let i = 0; i < counts.length; i++) {
        seen += counts[i]!;
        if (seen >= rank) return Math.min(highestMs(i), maxMs);
      }
      return maxMs;
    },
    countAbove: (ms) => {
      let above = 0;
      for (let i = indexOf(Math.max(0, ms)) + 1; i < counts.length; i++) above += counts[i]!;
      return above;
    },
    listBuckets: () => {
      const buckets: HistogramBucket[] = [];
      for (let i = 0; i < counts.length; i++)
        if (counts[i]! > 0) buckets.push({ upToMs: highestMs(i), count: counts[i]! });
      return buckets;
    },
    clear: () => {
      counts.fill(0);
      [count, sumMs, maxMs] = [0, 0, 0];
    },
  };
}

function indexOf(ms: number): number {
  const micros = Math.min(MAX_MICROS, Math.round(ms * 1000));
  if (micros < EXACT_BELOW) return micros;
  const octave = Math.floor(Math.log2(micros)) - 8; // 256..511 µs: 0
  const within = Math.floor(micros / 2 ** (octave + 1)) - BUCKETS_PER_OCTAVE;
  return EXACT_BELOW + octave * BUCKETS_PER_OCTAVE + within;
}

function highestMs(index: number): number {
  if (index < EXACT_BELOW) return index / 1000;
  const octave = Math.floor((index - EXACT_BELOW) / BUCKETS_PER_OCTAVE);
  const within = (index - EXACT_BELOW) % BUCKETS_PER_OCTAVE;
  return ((BUCKETS_PER_OCTAVE + within + 1) * 2 ** (octave + 1) - 1) / 1000;
}
