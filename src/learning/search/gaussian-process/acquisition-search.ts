// Searches the point with the highest acquisition: many points at once, then local searches from the best of them.
// The procedure is that of Optuna 5.0's GPSampler (optuna/_gp/optim_mixed.py), with another search along fine grids.
import type { Random } from '../../../foundation/core/index.ts';
import type { Acquisition } from './acquisition.ts';
import { findMinimum } from './bounded-minimum.ts';
import type { Dimensions } from './dimensions.ts';
import { sobolPoints } from './sobol.ts';

const SAMPLES = 2048;
const LOCAL_SEARCHES = 10;
const MAX_ROUNDS = 100;
const GRADIENT_TOLERANCE = 1e-2;
const MAX_ITERATIONS = 200;
/** Dimensions with more values than this are searched by halved steps, not value by value. */
const MAX_EXHAUSTIVE = 16;

/** A place with its acquisition. */
export interface RatedPlace {
  readonly place: Float64Array;
  readonly value: number;
}

export interface SearchContext {
  readonly acquisition: Acquisition;
  readonly dimensions: Dimensions;
  /** [D] the kernel's lengths: steps are measured in them. */
  readonly lengths: Float64Array;
  readonly random: Random;
  /** Places that local searches start from beside those found by sampling. */
  readonly starts: readonly Float64Array[];
}

/** @returns candidates, highest acquisition first: the ends of the local searches, then the sampled places */
export function searchAcquisition(context: SearchContext): RatedPlace[] {
  const { acquisition, dimensions, random, starts } = context;
  const sampled = sampleCandidates(acquisition, dimensions, random);
  const chosen = chooseStarts(sampled, LOCAL_SEARCHES - starts.length, random);
  for (const place of starts) chosen.push(evaluate(context, place));
  const ends = chosen.map((start) => searchLocally(context, start));
  return [...ends.sort(byValue), ...sampled];
}

function byValue(a: RatedPlace, b: RatedPlace): number {
  return b.value - a.value;
}

function evaluate({ acquisition, dimensions }: SearchContext, place: Float64Array): RatedPlace {
  return { place, value: acquisition.evaluate(dimensions.mask(place)) };
}

function sampleCandidates(acquisition: Acquisition, dimensions: Dimensions, random: Random): RatedPlace[] {
  const size = dimensions.all.length;
  const coordinates = sobolPoints(SAMPLES, size, random.integer(2 ** 31));
  const masked = new Float64Array(SAMPLES * size);
  const places = Array.from({ length: SAMPLES }, (_, i) => {
    const place = coordinates.subarray(i * size, (i + 1) * size);
    dimensions.snap(place);
    masked.set(dimensions.mask(place), i * size);
    return place;
  });
  const values = acquisition.evaluateAll(masked, SAMPLES);
  return places.map((place, i) => ({ place, value: values[i]! })).sort(byValue);
}

/** The best candidate, and others drawn without repetition with probabilities that grow with their expected improvement. */
function chooseStarts(sorted: readonly RatedPlace[], count: number, random: Random): RatedPlace[] {
  const best = sorted[0] as RatedPlace;
  const drawn = sorted
    .slice(1)
    .filter(({ value }) => Math.exp(value - best.value) > 0)
    // Adding Gumbel noise to logarithms of weights and taking the highest draws by these weights.
    .map((candidate) => ({ candidate, key: candidate.value - Math.log(-Math.log(1 - random.next())) }))
    .sort((a, b) => b.key - a.key)
    .slice(0, count - 1)
    .map(({ candidate }) => candidate);
  return [best, ...drawn];
}

const CONTINUOUS = -1;

/** Climbs in all continuous dimensions together, then in each discrete one, until none of them changes. */
function searchLocally(context: SearchContext, start: RatedPlace): RatedPlace {
  const { dimensions } = context;
  let current = start;
  let lastChanged = CONTINUOUS;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const climbed = climb(context, current);
    if (climbed.value > current.value) {
      current = climbed;
      lastChanged = CONTINUOUS;
    }
    for (const [d, { grid }] of dimensions.all.entries()) {
      if (grid === null) continue;
      // Nothing has changed since this dimension was searched last.
      if (lastChanged === d) return current;
      if (!dimensions.isActive(d, current.place)) continue;
      const moved =
        dimensions.isChoice[d] || grid.length <= MAX_EXHAUSTIVE
          ? searchAll(context, current, d, grid)
          : searchGrid(context, current, d, grid);
      if (moved.value > current.value) {
        current = moved;
        lastChanged = d;
      }
    }
    if (lastChanged === CONTINUOUS) return current;
  }
  return current;
}

/** Gradient ascent in the active continuous dimensions, measured in lengths of the kernel. */
function climb({ acquisition, dimensions, lengths }: SearchContext, from: RatedPlace): RatedPlace {
  const free = [...dimensions.all.keys()].filter(
    (d) => dimensions.all[d]!.grid === null && dimensions.isActive(d, from.place),
  );
  if (free.length === 0) return from;
  const place = from.place.slice();
  const masked = dimensions.mask(place);
  const fullGradient = new Float64Array(place.length);
  const { x } = findMinimum(
    (scaled, gradient) => {
      for (const [i, d] of free.entries()) masked[d] = scaled[i]! * lengths[d]!;
      const value = acquisition.evaluate(masked, fullGradient);
      for (const [i, d] of free.entries()) gradient[i] = -fullGradient[d]! * lengths[d]!;
      return -value;
    },
    Float64Array.from(free, (d) => place[d]! / lengths[d]!),
    {
      low: new Float64Array(free.length),
      high: Float64Array.from(free, (d) => 1 / lengths[d]!),
      gradientTolerance: GRADIENT_TOLERANCE,
      maxIterations: MAX_ITERATIONS,
    },
  );
  for (const [i, d] of free.entries()) place[d] = Math.min(1, Math.max(0, x[i]! * lengths[d]!));
  return { place, value: acquisition.evaluate(dimensions.mask(place)) };
}

function searchAll(context: SearchContext, from: RatedPlace, d: number, grid: Float64Array): RatedPlace {
  let best = from;
  for (const coordinate of grid) {
    if (coordinate === from.place[d]) continue;
    const candidate = evaluate(context, withCoordinate(from.place, d, coordinate));
    if (candidate.value > best.value) best = candidate;
  }
  return best;
}

/** Walks along a fine grid with steps that are halved whenever neither direction is better. */
function searchGrid(context: SearchContext, from: RatedPlace, d: number, grid: Float64Array): RatedPlace {
  let best = from;
  let at = grid.findIndex((coordinate) => coordinate >= from.place[d]! - 1e-12);
  for (let step = 2 ** Math.floor(Math.log2(grid.length / 2)); step >= 1; ) {
    const better = [at - step, at + step]
      .filter((index) => index >= 0 && index < grid.length)
      .map((index) => ({ index, ...evaluate(context, withCoordinate(from.place, d, grid[index]!)) }))
      .sort(byValue)[0];
    if (better !== undefined && better.value > best.value) {
      best = better;
      at = better.index;
    } else {
      step /= 2;
    }
  }
  return best;
}

function withCoordinate(place: Float64Array, d: number, coordinate: number): Float64Array {
  const copy = place.slice();
  copy[d] = coordinate;
  return copy;
}
