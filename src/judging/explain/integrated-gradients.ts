// Integrated gradients (Sundararajan, Taly and Yan 2017, arXiv 1703.01365). The gradient of the margin is averaged along the
// straight line from a baseline to the article; multiplied by the line's length, it shares the difference of the two margins
// out among the words, exactly except for the error of the steps. The baseline has [MASK] in place of every word: pretrained
// models learned it as "some word", and models trained from scratch never met it, so it speaks for no class. The line runs
// through the word vectors, before positions and normalisation; a zero vector would lie where normalisation is steepest.
// Steps are Gauss-Legendre nodes; their number is doubled until the gap is small or the limit is reached.
import type { GradientProgram } from './gradient-program.ts';

export interface IntegratedGradients {
  /** [T] share of each id; 0 where it is its own baseline. */
  readonly shares: Float64Array;
  /** The margin of the article, as the program computes it. */
  readonly margin: number;
  readonly baselineMargin: number;
  readonly steps: number;
  /** margin - baselineMargin - sum of shares. */
  readonly gap: number;
}

export interface IntegrationOptions {
  /** [C] the margin is sum of weight * logit. */
  readonly weights: readonly number[];
  /** Id of [MASK]. */
  readonly maskId: number;
  /** Steps of the first try. */
  readonly steps: number;
  readonly maxSteps: number;
}

/** A gap is small enough below this share of the difference, or of 1 where the difference is smaller. */
const TOLERANCE = 0.01;
/** Most values of vectors held at once: 64 MiB of float32. */
const MAX_VALUES = 1 << 24;
const MAX_BATCH_TOKENS = 2048;

/** @param ids  [T]; the first and the last are special tokens and stay in the baseline */
export async function integrateGradients(
  program: GradientProgram,
  ids: Int32Array,
  { weights, maskId, steps, maxSteps }: IntegrationOptions,
): Promise<IntegratedGradients> {
  const length = ids.length; // T
  const baselineIds = ids.map((id, at) => (at === 0 || at === length - 1 ? id : maskId));
  const article = lookUp(program, ids); // [T, D]
  const baseline = lookUp(program, baselineIds);
  const ends = new Float32Array(2 * article.length);
  ends.set(baseline);
  ends.set(article, article.length);
  const { margins } = await program.run(ends, 2, length, weights);
  const [baselineMargin, margin] = [margins[0]!, margins[1]!];
  const difference = margin - baselineMargin;
  for (let count = steps; ; count = Math.min(2 * count, maxSteps)) {
    const shares = await share(program, { article, baseline, length, count, weights });
    const gap = difference - shares.reduce((sum, value) => sum + value, 0);
    if (count >= maxSteps || Math.abs(gap) <= TOLERANCE * Math.max(1, Math.abs(difference)))
      return { shares, margin, baselineMargin, steps: count, gap };
  }
}

interface Line {
  readonly article: Float32Array;
  readonly baseline: Float32Array;
  readonly length: number;
  readonly count: number;
  readonly weights: readonly number[];
}

async function share(program: GradientProgram, line: Line): Promise<Float64Array> {
  const { article, baseline, length, count, weights } = line;
  const size = article.length;
  const { nodes, shares: stepShares } = computeGaussLegendre(count);
  const total = new Float64Array(size); // [T, D] mean gradient
  const batch = Math.max(1, Math.min(Math.floor(MAX_BATCH_TOKENS / length), Math.floor(MAX_VALUES / size)));
  for (let first = 0; first < count; first += batch) {
    const rows = Math.min(batch, count - first);
    const vectors = new Float32Array(rows * size);
    for (let row = 0; row < rows; row++) {
      const along = nodes[first + row]!;
      for (let i = 0; i < size; i++)
        vectors[row * size + i] = baseline[i]! + along * (article[i]! - baseline[i]!);
    }
    const { gradients } = await program.run(vectors, rows, length, weights);
    for (let row = 0; row < rows; row++) {
      const part = stepShares[first + row]!;
      for (let i = 0; i < size; i++) total[i]! += part * gradients[row * size + i]!;
    }
  }
  const shares = new Float64Array(length);
  for (let i = 0; i < size; i++)
    shares[Math.floor(i / program.width)]! += total[i]! * (article[i]! - baseline[i]!);
  return shares;
}

function lookUp({ width, vectorOf }: GradientProgram, ids: Int32Array): Float32Array {
  const vectors = new Float32Array(ids.length * width);
  ids.forEach((id, at) => {
    vectors.set(vectorOf(id), at * width);
  });
  return vectors;
}

/**
 * Nodes in (0, 1) and their shares (which sum to 1) that integrate polynomials up to degree 2n - 1 exactly.
 * Roots of the Legendre polynomial by Newton's method (Press et al., Numerical Recipes, 4.6).
 */
export function computeGaussLegendre(n: number): { nodes: Float64Array; shares: Float64Array } {
  const nodes = new Float64Array(n);
  const shares = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 0;
    for (let turn = 0; turn < 100; turn++) {
      let [value, before] = [1, 0];
      for (let degree = 1; degree <= n; degree++)
        [value, before] = [((2 * degree - 1) * x * value - (degree - 1) * before) / degree, value];
      slope = (n * (x * value - before)) / (x * x - 1);
      const step = value / slope;
      x -= step;
      if (Math.abs(step) < 1e-15) break;
    }
    nodes[n - 1 - i] = (1 + x) / 2;
    shares[n - 1 - i] = 1 / ((1 - x * x) * slope * slope);
  }
  return { nodes, shares };
}
