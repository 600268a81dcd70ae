// Scales of the charts: from values to places and back, and the ticks between.

export interface Scale {
  readonly kind: 'linear' | 'log';
  readonly min: number;
  readonly max: number;
  /** From a value to 0..1. */
  place(value: number): number;
  /** From 0..1 to a value. */
  value(place: number): number;
  /** Round values within the scale, ascending. */
  ticks(count: number): number[];
}

/**
 * A scale from `min` to `max`. A log scale needs values above 0: otherwise the scale is linear. A scale without width is
 * widened, so that its one value stands in the middle.
 */
export function createScale(min: number, max: number, kind: Scale['kind'] = 'linear'): Scale {
  if (!(Number.isFinite(min) && Number.isFinite(max))) return createScale(0, 1);
  if (kind === 'log' && min > 0) {
    const [low, high] = min === max ? [min / 2, max * 2] : [min, max];
    const [from, width] = [Math.log(low), Math.log(high) - Math.log(low)];
    return {
      kind,
      min: low,
      max: high,
      place: (value) => (Math.log(value) - from) / width,
      value: (place) => Math.exp(from + place * width),
      ticks: (count) => listLogTicks(low, high, count),
    };
  }
  const pad = min === max ? Math.abs(min) / 2 || 0.5 : 0;
  const [low, high] = [min - pad, max + pad];
  return {
    kind: 'linear',
    min: low,
    max: high,
    place: (value) => (value - low) / (high - low),
    value: (place) => low + place * (high - low),
    ticks: (count) => listTicks(low, high, count),
  };
}

/** Finds the range of the finite values (above 0 for a log scale), with a margin on both sides. */
export function findRange(
  values: Iterable<number>,
  kind: Scale['kind'] = 'linear',
  margin = 0.04,
): readonly [number, number] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value) || (kind === 'log' && value <= 0)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (min > max) return kind === 'log' ? [0.1, 1] : [0, 1];
  if (kind === 'log') {
    const factor = (max / min) ** margin;
    return [min / factor, max * factor];
  }
  const pad = (max - min) * margin;
  return [min - pad, max + pad];
}

/** Round values (1, 2 or 5 times a power of ten) between `min` and `max`, about `count` of them. */
export function listTicks(min: number, max: number, count: number): number[] {
  const rough = (max - min) / Math.max(1, count);
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999)!;
  const ticks: number[] = [];
  for (let i = Math.ceil(min / step - 1e-9); i * step <= max + step * 1e-9; i++)
    ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/** Powers of ten between `min` and `max`, with 2 and 5 times them where the range is short. */
export function listLogTicks(min: number, max: number, count: number): number[] {
  const decades = Math.log10(max / min);
  if (decades < 0.7) return listTicks(min, max, count).filter((tick) => tick > 0);
  const factors = decades * 3 <= count ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(decades / Math.max(1, count)));
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power++) {
    if (power % every !== 0) continue;
    for (const factor of factors) {
      const tick = Number(`${factor}e${power}`);
      if (tick >= min * (1 - 1e-9) && tick <= max * (1 + 1e-9)) ticks.push(tick);
    }
  }
  return ticks;
}
