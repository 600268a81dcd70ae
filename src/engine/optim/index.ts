// The room's door: what other rooms may use.
export { correctBias } from './bias-correction.ts';
export { clipScale } from './clipping.ts';
export {
  type ArrayMemory,
  countArrayBytes,
  createKernelMemory,
  openKernelMemory,
  type WasmMemory,
} from './kernel-memory.ts';
export { isDecayed, type OptimizerOptions, stateNames, type UpdateOptions } from './optimizer.ts';
export {
  countRowBlocks,
  createParameterUpdater,
  findReachedRows,
  type ParameterUpdater,
  type UpdatedParameter,
} from './parameter-updater.ts';
export { createRowSum, type RowGradient, type RowSum } from './row-gradient.ts';
export { learningRateAt, type Schedule } from './schedule.ts';
