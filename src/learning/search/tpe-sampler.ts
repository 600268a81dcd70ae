// The tree-structured Parzen estimator (TPE), multivariate, with constant liar: of some assignments drawn from the density
// of the good trials, the one is proposed whose density is highest relative to that of all others. Running trials count as
// poor ones (the constant lie), so parallel proposals keep apart; so do failed ones, so that failures are not repeated.
// Sources: Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization"; Watanabe 2023, arXiv 2304.11127.
import { createRandom } from '../../foundation/core/index.ts';
import { fitsSpace, keyOf } from './assignment.ts';
import { createParzenEstimator } from './parzen-estimator.ts';
import { drawUntried, keysOf } from './random-sampler.ts';
import type { Observation, Sampler } from './sampler.ts';
import type { Assignment, SearchSpace } from './space.ts';
import { drawStart } from './start-design.ts';

/** How many assignments are compared; more would hardly explore. */
const CANDIDATES = 24;

/** Draws for the candidates: in a space with few values most of them were tried before. */
const MAX_DRAWS = 20 * CANDIDATES;

/** The share of good trials, and how many they are at most. */
const GOOD_SHARE = 0.1;
const MAX_GOOD = 25;

export function createTpeSampler(space: SearchSpace, seed: number, startTrials: number): Sampler {
  return {
    propose(history) {
      const random = createRandom(seed, 'tpe', history.length);
      const tried = keysOf(history);
      const known = history.filter((trial) => fitsSpace(space, trial.parameters));
      const ranked = rankTrials(known);
      if (ranked.length < startTrials) {
        return drawStart(space, { seed, index: history.length, count: startTrials }, tried);
      }
      const good = new Set(ranked.slice(0, Math.min(MAX_GOOD, Math.ceil(GOOD_SHARE * ranked.length))));
      const ofGood = createParzenEstimator(space, known.filter((trial) => good.has(trial)).map(parametersOf));
      const ofOthers = createParzenEstimator(
        space,
        known.filter((trial) => !good.has(trial)).map(parametersOf),
      );
      const candidates = new Map<string, Assignment>();
      for (let i = 0; i < MAX_DRAWS && candidates.size < CANDIDATES; i++) {
        const values = ofGood.sample(random);
        const key = keyOf(values);
        if (!tried.has(key)) candidates.set(key, values);
      }
      let best: Assignment | null = null;
      let bestRatio = Number.NEGATIVE_INFINITY;
      for (const values of candidates.values()) {
        const ratio = ofGood.logDensity(values) - ofOthers.logDensity(values);
        if (ratio > bestRatio) [best, bestRatio] = [values, ratio];
      }
      return best ?? drawUntried(space, random, tried);
    },
  };
}

const parametersOf = (trial: Observation): Assignment => trial.parameters;

/** Trials with a result, best first: finished ones by value, then stopped ones, those that came further first. */
function rankTrials(history: readonly Observation[]): Observation[] {
  const finished = history.filter((trial) => trial.state === 'finished' && Number.isFinite(trial.value));
  finished.sort((a, b) => (a.value as number) - (b.value as number));
  const stopped = history.filter(
    (trial) => trial.state === 'stopped' && Number.isFinite(trial.reports.at(-1)?.value),
  );
  stopped.sort((a, b) => lastStep(b) - lastStep(a) || lastValue(a) - lastValue(b));
  return [...finished, ...stopped];
}

const lastStep = (trial: Observation): number => trial.reports.at(-1)?.step ?? 0;
const lastValue = (trial: Observation): number => trial.reports.at(-1)?.value ?? Number.POSITIVE_INFINITY;
