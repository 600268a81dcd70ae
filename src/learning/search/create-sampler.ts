// The table of samplers: one for each method of search.
import { createGaussianProcessSampler } from './gaussian-process/gaussian-process-sampler.ts';
import { createGridSampler } from './grid-sampler.ts';
import { createRandomSampler } from './random-sampler.ts';
import type { Sampler } from './sampler.ts';
import { assertSearchSpace, type SearchSpace } from './space.ts';
import { createTpeSampler } from './tpe-sampler.ts';

const DEFAULT_START_TRIALS = 10;

export const SEARCH_METHODS = ['grid', 'random', 'gp', 'tpe'] as const;
export type SearchMethod = (typeof SEARCH_METHODS)[number];

export interface SamplerOptions {
  readonly method: SearchMethod;
  readonly space: SearchSpace;
  readonly seed: number;
  /** How many trials are random before the first that is learned from others; for gp and tpe. Default 10. */
  readonly startTrials?: number;
}

/** Creates the sampler of a method. @throws SEARCH_SPACE_INVALID */
export function createSampler({
  method,
  space,
  seed,
  startTrials = DEFAULT_START_TRIALS,
}: SamplerOptions): Sampler {
  assertSearchSpace(space);
  switch (method) {
    case 'grid':
      return createGridSampler(space);
    case 'random':
      return createRandomSampler(space, seed);
    case 'gp':
      return createGaussianProcessSampler(space, seed, startTrials);
    case 'tpe':
      return createTpeSampler(space, seed, startTrials);
  }
}
