// A Parzen estimator over assignments: a mixture of one kernel for each assignment and one that covers the whole space. A
// kernel is a product over the parameters: a truncated normal on the unit scale, or a categorical distribution. Where its
// assignment lacks a parameter (inactive there), the kernel is uniform, so one mixture holds assignments of all conditions.
// Sources: Bergstra et al. 2011 (the estimator); Falkner et al. 2018, arXiv 1807.01774 (multivariate kernels); Watanabe 2023,
// arXiv 2304.11127 (weights, widths and their limits). Constants as in the defaults of Optuna 5.0.
import type { Random } from '../../foundation/core/index.ts';
import { buildAssignment } from './assignment.ts';
import { normalMass } from './normal-mass.ts';
import { drawValue } from './random-sampler.ts';
import { fromUnit, toUnit } from './scale.ts';
import {
  type Assignment,
  countValues,
  type NumericParameter,
  type Parameter,
  type SearchSpace,
  type SearchValue,
  stepOf,
} from './space.ts';

export interface ParzenEstimator {
  sample(random: Random): Assignment;
  /** Logarithm of the density; the unit of a range is its whole width on its scale. */
  logDensity(values: Assignment): number;
}

/** The kernels of one parameter. */
interface Dimension {
  /** A value of kernel `index`. */
  sample(index: number, random: Random): SearchValue;
  /** The logarithm of the density of each kernel at a value. */
  logDensities(value: SearchValue): Float64Array;
}

/** Only the latest assignments have the full weight; older ones count less, the older the less. */
const FULL_WEIGHTS = 25;

/** Creates the estimator of a density. @param assignments from old to new */
export function createParzenEstimator(
  space: SearchSpace,
  assignments: readonly Assignment[],
): ParzenEstimator {
  const weights = createWeights(assignments.length);
  const dimensions = new Map<string, Dimension>();
  for (const [name, parameter] of Object.entries(space)) {
    const observed = assignments.map((values) => values[name]);
    dimensions.set(
      name,
      parameter.kind === 'categorical'
        ? createChoices(parameter, observed)
        : createRange(parameter, observed),
    );
  }
  return {
    sample(random) {
      const kernel = drawIndex(weights, random);
      return buildAssignment(space, (name) => (dimensions.get(name) as Dimension).sample(kernel, random));
    },
    logDensity(values) {
      const logs = weights.map(Math.log);
      for (const [name, value] of Object.entries(values)) {
        const densities = (dimensions.get(name) as Dimension).logDensities(value);
        for (let k = 0; k < logs.length; k++) logs[k] = (logs[k] as number) + (densities[k] as number);
      }
      return logSumExp(logs);
    },
  };
}

/** Weights of the kernels, the last being that of the whole space, with sum 1. */
function createWeights(count: number): Float64Array {
  const weights = new Float64Array(count + 1).fill(1);
  const ramp = count - FULL_WEIGHTS;
  // From 1 / count for the oldest to 1.
  for (let i = 0; i < ramp; i++)
    weights[i] = ramp === 1 ? 1 / count : 1 / count + (i / (ramp - 1)) * (1 - 1 / count);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function drawIndex(weights: Float64Array, random: Random): number {
  let rest = random.next();
  for (let k = 0; k < weights.length - 1; k++) {
    rest -= weights[k] as number;
    if (rest < 0) return k;
  }
  return weights.length - 1;
}

function createChoices(
  parameter: Extract<Parameter, { kind: 'categorical' }>,
  observed: readonly (SearchValue | undefined)[],
): Dimension {
  const { choices } = parameter;
  const present = observed.filter((value) => value !== undefined).length;
  const share = 1 / (present + 1);
  const total = 1 + share * choices.length;
  return {
    sample(index, random) {
      const own = observed[index];
      if (own !== undefined && random.next() * total < 1) return own;
      return drawValue(parameter, random);
    },
    logDensities: remember((value) =>
      Float64Array.from({ length: observed.length + 1 }, (_, k) => {
        const own = observed[k];
        return Math.log(own === undefined ? 1 / choices.length : (share + (own === value ? 1 : 0)) / total);
      }),
    ),
  };
}

function createRange(parameter: NumericParameter, observed: readonly (SearchValue | undefined)[]): Dimension {
  const centres = Float64Array.from([
    ...observed.map((value) => (typeof value === 'number' ? toUnit(parameter, value) : Number.NaN)),
    0.5,
  ]);
  const widths = createWidths(centres);
  const inside = centres.map((centre, k) =>
    normalMass(-centre / (widths[k] as number), (1 - centre) / (widths[k] as number)),
  );
  const step = stepOf(parameter);
  return {
    sample(index, random) {
      const centre = centres[index] as number;
      if (Number.isNaN(centre)) return drawValue(parameter, random);
      for (;;) {
        const unit = centre + (widths[index] as number) * random.normal();
        if (unit >= 0 && unit <= 1) return fromUnit(parameter, unit);
      }
    },
    logDensities: remember((value) => {
      if (countValues(parameter) === 1) return new Float64Array(centres.length);
      const at = toUnit(parameter, value as number);
      const low = step === undefined ? at : toUnit(parameter, (value as number) - step / 2);
      const high = step === undefined ? at : toUnit(parameter, (value as number) + step / 2);
      return centres.map((centre, k) => {
        // Uniform: 1 for a continuous range, the length of the interval for one with steps.
        if (Number.isNaN(centre)) return step === undefined ? 0 : Math.log(high - low);
        const width = widths[k] as number;
        const logMass =
          step === undefined
            ? -(((at - centre) / width) ** 2) / 2 - Math.log(width * Math.sqrt(2 * Math.PI))
            : Math.log(normalMass((low - centre) / width, (high - centre) / width));
        return logMass - Math.log(inside[k] as number);
      });
    }),
  };
}

/** Computes once for each value: the candidates share most values of a parameter with few. */
function remember(compute: (value: SearchValue) => Float64Array): (value: SearchValue) => Float64Array {
  const known = new Map<SearchValue, Float64Array>();
  return (value) => {
    const found = known.get(value) ?? compute(value);
    known.set(value, found);
    return found;
  };
}

/**
 * Widths of the kernels: the larger distance to a neighbour; at an end the distance to the only neighbour. Limits: at
 * least the range divided by one more than the number of kernels (at most 100), at most the range. The last kernel covers
 * the range.
 */
function createWidths(centres: Float64Array): Float64Array {
  const widths = new Float64Array(centres.length).fill(1);
  const present = [...centres.keys()].filter((k) => k < centres.length - 1 && !Number.isNaN(centres[k]));
  present.sort((a, b) => (centres[a] as number) - (centres[b] as number) || a - b);
  const sorted = present.map((k) => centres[k] as number);
  const least = 1 / Math.min(100, present.length + 2);
  for (const [place, k] of present.entries()) {
    const centre = sorted[place] as number;
    const alone = sorted.length === 1;
    const below = sorted[place - 1] ?? (alone ? 0 : centre);
    const above = sorted[place + 1] ?? (alone ? 1 : centre);
    widths[k] = Math.min(1, Math.max(least, centre - below, above - centre));
  }
  return widths;
}

function logSumExp(logs: Float64Array): number {
  const highest = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return highest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - highest), 0));
}
