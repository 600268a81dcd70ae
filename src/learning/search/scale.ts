// The unit scale of numeric parameters: a value as a place in [0, 1], linear or logarithmic, and back. A value of a range
// with steps stands for the interval of half a step to both sides, so all have equal shares and none lies on a border.
import { countValues, type NumericParameter, stepOf, valueAt } from './space.ts';

/** The ends of a range as intervals see them: half a step beyond the first and the last value; logarithms where log. */
export function scaleBounds(parameter: NumericParameter): readonly [low: number, high: number] {
  const half = (stepOf(parameter) ?? 0) / 2;
  const last = half === 0 ? parameter.high : (valueAt(parameter, countValues(parameter) - 1) as number);
  const low = parameter.low - half;
  if (parameter.log !== true) return [low, last + half];
  // A step over twice the first value would leave the domain of the logarithm.
  return [Math.log(low > 0 ? low : parameter.low / 2), Math.log(last + half)];
}

/** The place of a value in [0, 1]. */
export function toUnit(parameter: NumericParameter, value: number): number {
  const [low, high] = scaleBounds(parameter);
  if (high === low) return 0.5;
  return Math.min(1, Math.max(0, ((parameter.log === true ? Math.log(value) : value) - low) / (high - low)));
}

/** The value at a place in [0, 1]: inverse of `toUnit`, the nearest value where there are steps. */
export function fromUnit(parameter: NumericParameter, unit: number): number {
  const [low, high] = scaleBounds(parameter);
  const scaled = low + unit * (high - low);
  const value = parameter.log === true ? Math.exp(scaled) : scaled;
  const step = stepOf(parameter);
  if (step === undefined) return Math.min(parameter.high, Math.max(parameter.low, value));
  const index = Math.round((value - parameter.low) / step);
  return valueAt(parameter, Math.min(countValues(parameter) - 1, Math.max(0, index))) as number;
}
