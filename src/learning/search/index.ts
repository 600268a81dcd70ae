// The room's door: what other rooms may use.
export { createPruner } from './create-pruner.ts';
export { createSampler, type SamplerOptions, type SearchMethod } from './create-sampler.ts';
export type { Pruner, PrunerOptions } from './pruner.ts';
export type { Observation, Sampler } from './sampler.ts';
export {
  type Assignment,
  assertSearchSpace,
  type Condition,
  type Parameter,
  type SearchSpace,
  type SearchValue,
} from './space.ts';
