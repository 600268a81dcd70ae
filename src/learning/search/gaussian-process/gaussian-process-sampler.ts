// Bayesian search: a Gaussian process learns how the value depends on the parameters, and the trial that promises the
// highest log expected improvement is proposed. The first trials are random. A running trial counts
// with the value that the model expects there, so parallel proposals keep apart.
// Comparable with Optuna 5.0's GPSampler; differences: docs/decisions.md.
import { createRandom } from '../../../foundation/core/index.ts';
import { fitsSpace, keyOf, listAssignments } from '../assignment.ts';
import { drawUntried, keysOf } from '../random-sampler.ts';
import type { Observation, Sampler } from '../sampler.ts';
import { type Assignment, countValues, type SearchSpace } from '../space.ts';
import { createAcquisition } from './acquisition.ts';
import { searchAcquisition } from './acquisition-search.ts';
import { createDimensions, type Dimensions } from './dimensions.ts';
import { fitKernel } from './fit-kernel.ts';
import type { Points } from './kernel.ts';
import { believe, conditionOn, type ScoredPoints } from './regression.ts';
import { scoreObservations } from './scores.ts';

/** Spaces with at most this many assignments are searched whole. */
const MAX_LISTED = 2048;

export function createGaussianProcessSampler(space: SearchSpace, seed: number, startTrials: number): Sampler {
  const dimensions = createDimensions(space);
  const listed = listSmallSpace(space);
  return {
    propose(history) {
      const random = createRandom(seed, 'gp', history.length);
      const tried = keysOf(history);
      const known = history.filter(({ parameters }) => fitsSpace(space, parameters));
      const ended = known.filter(({ state }) => state !== 'running');
      if (countMeasured(ended) < startTrials || dimensions.all.length === 0) {
        return drawUntried(space, random, tried);
      }
      const scored = scorePoints(dimensions, ended);
      const kernel = fitKernel(scored);
      const posterior = conditionOn(scored, kernel);
      if (posterior === null) return drawUntried(space, random, tried);
      const running = known.filter(({ state }) => state === 'running');
      const believed =
        running.length === 0 ? posterior : believe(posterior, toPoints(dimensions, assignmentsOf(running)));
      const highest = believed.scores[indexOfHighest(believed.scores)]!;
      const acquisition = createAcquisition(believed, highest);
      if (listed !== null) {
        const untried = listed.filter((assignment) => !tried.has(keyOf(assignment)));
        const { coordinates, count } = toPoints(dimensions, untried);
        return untried[indexOfHighest(acquisition.evaluateAll(coordinates, count))] ?? null;
      }
      const candidates = searchAcquisition({
        acquisition,
        dimensions,
        lengths: kernel.inverseSquaredLengths.map((weight) => 1 / Math.sqrt(weight)),
        random,
        starts: [dimensions.placeOf(ended[indexOfHighest(scored.scores)]!.parameters)],
      });
      for (const { place } of candidates) {
        const assignment = dimensions.decode(place);
        if (!tried.has(keyOf(assignment))) return assignment;
      }
      return drawUntried(space, random, tried);
    },
  };
}

/** How many trials have a value of their own. */
function countMeasured(ended: readonly Observation[]): number {
  return ended.filter(
    ({ state, value, reports }) =>
      (state === 'finished' && Number.isFinite(value)) ||
      (state === 'stopped' && Number.isFinite(reports.at(-1)?.value)),
  ).length;
}

function assignmentsOf(observations: readonly Observation[]): Assignment[] {
  return observations.map(({ parameters }) => parameters);
}

function toPoints({ isChoice, encode }: Dimensions, assignments: readonly Assignment[]): Points {
  const coordinates = new Float64Array(assignments.length * isChoice.length);
  for (const [i, assignment] of assignments.entries())
    coordinates.set(encode(assignment), i * isChoice.length);
  return { coordinates, count: assignments.length, isChoice };
}

function scorePoints(dimensions: Dimensions, ended: readonly Observation[]): ScoredPoints {
  return { points: toPoints(dimensions, assignmentsOf(ended)), scores: scoreObservations(ended) };
}

/** Position of the highest value, the first of equal ones; -1 where there are none. */
function indexOfHighest(values: Float64Array): number {
  let highest = -1;
  for (let i = 0; i < values.length; i++) if (highest === -1 || values[i]! > values[highest]!) highest = i;
  return highest;
}

/** All assignments of a space with few of them, else null. */
function listSmallSpace(space: SearchSpace): Assignment[] | null {
  if (Object.values(space).some((parameter) => !Number.isFinite(countValues(parameter)))) return null;
  const listed: Assignment[] = [];
  for (const assignment of listAssignments(space)) {
    if (listed.push(assignment) > MAX_LISTED) return null;
  }
  return listed;
}
