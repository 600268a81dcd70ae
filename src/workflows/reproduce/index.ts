// The room's door: what other rooms may use.
export { type Reproduction, reproduceRun } from './reproduced-run.ts';
export type { ReproductionCheck, ReproductionPart } from './reproduction-check.ts';
export { TOLERANCE, type ValueDifference } from './value-comparison.ts';
