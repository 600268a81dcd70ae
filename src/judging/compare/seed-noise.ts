// The noise of the seed: the same settings trained again with other seeds. Shows whether a winner won by luck.

/** Values of one metric from trainings that differ in their seed only. */
export interface RepeatedSettings {
  readonly id: string;
  readonly values: readonly number[];
}

export interface SettingsNoise {
  readonly id: string;
  readonly n: number;
  readonly mean: number;
  /** Standard deviation over seeds, with n - 1; null for one value. */
  readonly deviation: number | null;
  /** Estimated probability that a new training with these settings is better than one with the best by mean. */
  readonly beatsBest: number | null;
}

export interface SeedNoise {
  /** Best mean first. */
  readonly settings: readonly SettingsNoise[];
  /** Standard deviation over seeds, pooled over all settings; null if nothing was repeated. */
  readonly pooledDeviation: number | null;
  /** True if the best mean leads the second by more than twice the standard error of their difference. */
  readonly isClear: boolean | null;
}

/** Compares settings that were trained several times. Values that are not finite are left out. */
export function measureSeedNoise(
  repeated: readonly RepeatedSettings[],
  goal: 'minimize' | 'maximize',
): SeedNoise {
  const sign = goal === 'minimize' ? 1 : -1;
  const groups = repeated
    .map(({ id, values }) => ({ id, values: values.filter(Number.isFinite) }))
    .filter(({ values }) => values.length > 0)
    .map(({ id, values }) => ({ id, n: values.length, ...momentsOf(values) }))
    .sort((a, b) => sign * (a.mean - b.mean));
  const freedom = groups.reduce((sum, { n }) => sum + n - 1, 0);
  const squares = groups.reduce((sum, { squares: own }) => sum + own, 0);
  const pooledDeviation = freedom === 0 ? null : Math.sqrt(squares / freedom);
  const [best, second] = groups;
  const settings = groups.map(({ id, n, mean, squares: own }) => ({
    id,
    n,
    mean,
    deviation: n < 2 ? null : Math.sqrt(own / (n - 1)),
    beatsBest:
      pooledDeviation === null || pooledDeviation === 0 || best === undefined
        ? null
        : normalTail((sign * (mean - best.mean)) / (pooledDeviation * Math.SQRT2)),
  }));
  const isClear =
    best === undefined || second === undefined || pooledDeviation === null
      ? null
      : sign * (second.mean - best.mean) > 2 * pooledDeviation * Math.sqrt(1 / best.n + 1 / second.n);
  return { settings, pooledDeviation, isClear };
}

function momentsOf(values: readonly number[]): { mean: number; squares: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, squares: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) };
}

/** P(Z > z) of the standard normal, within 1e-7 (Abramowitz and Stegun 1964, formula 7.1.26 for erf). */
function normalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const upper = 0.5 * series * Math.exp(-x * x);
  return z >= 0 ? upper : 1 - upper;
}
