// The room's door: what other rooms may use.
export { createTrainedParameters, type MovingTensor, type TrainedParameter } from './trained-parameter.ts';
export {
  buildUpdateScalars,
  compileCopy,
  compileGradientSum,
  compileUpdate,
  UPDATE_NAMES,
} from './update-graph.ts';
export { countUpdateThreads, createUpdateThreads, type UpdateThreads } from './update-threads.ts';
