// Bayesian search: a Gaussian process learns how the value depends on the parameters, and the trial that promises the
// highest log expected improvement is proposed. The first trials are random.
// Comparable with Optuna 5.0's GPSampler; differences: docs/decisions.md.
import { createRandom } from '../../../foundation/core/index.ts';
import { keyOf, listAssignments } from '../assignment.ts';
import { drawUntried, keysOf } from '../random-sampler.ts';
import type { Observation, Sampler } from '../sampler.ts';
import { type Assignment, countValues, type SearchSpace } from '../space.ts';
import { createAcquisition } from './acquisition.ts';
import { searchAcquisition } from './acquisition-search.ts';
import { createDimensions, type Dimensions } from './dimensions.ts';
import { fitKernel, unitKernel } from './fit-kernel.ts';
import type { KernelParameters, Points } from './kernel.ts';
import { conditionOn, type Evidence } from './regression.ts';
import { type Scored, scoreObservations } from './scores.ts';

const DEFAULT_START_TRIALS = 10;
/** Spaces with at most this many assignments are searched whole. */
const MAX_LISTED = 2048;
/** How many sets of scores of the running trials are imagined. */
const SCENARIOS = 32;

export function createGaussianProcessSampler(
  space: SearchSpace,
  seed: number,
  startTrials = DEFAULT_START_TRIALS,
): Sampler {
  const dimensions = createDimensions(space);
  const listed = listSmallSpace(space);
  const fits = new FitCache(dimensions);
  return {
    propose(history) {
      const random = createRandom(seed, 'gp', history.length);
      const tried = keysOf(history);
      const scored = scoreObservations(history);
      if (scored.filter(({ isMeasured }) => isMeasured).length < startTrials || dimensions.all.length === 0) {
        return drawUntried(space, random, tried);
      }
      const evidence = toEvidence(dimensions, scored);
      const kernel = fits.fit(scored);
      const posterior = conditionOn(evidence, kernel);
      if (posterior === null) return drawUntried(space, random, tried);
      const acquisition = createAcquisition(posterior, {
        best: evidence.scores.reduce((best, score) => Math.max(best, score), Number.NEGATIVE_INFINITY),
        running: toPoints(
          dimensions,
          history.filter(({ state }) => state === 'running').map(({ parameters }) => parameters),
        ),
        scenarios: SCENARIOS,
        seed: random.integer(2 ** 31),
      });
      if (listed !== null) {
        const untried = listed.filter((assignment) => !tried.has(keyOf(assignment)));
        const points = toPoints(dimensions, untried);
        return untried[indexOfHighest(acquisition.evaluateAll(points.coordinates, points.count))] ?? null;
      }
      const candidates = searchAcquisition({
        acquisition,
        dimensions,
        lengths: kernel.inverseSquaredLengths.map((weight) => 1 / Math.sqrt(weight)),
        random,
        starts: [dimensions.encode(scored[indexOfHighest(evidence.scores)]!.parameters)],
      });
      for (const { place } of candidates) {
        const assignment = dimensions.decode(place);
        if (!tried.has(keyOf(assignment))) return assignment;
      }
      return drawUntried(space, random, tried);
    },
  };
}
