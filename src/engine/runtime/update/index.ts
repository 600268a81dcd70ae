// The room's door: what other rooms may use.
export { createTrainedParameters, type MovingTensor, type TrainedParameter } from './trained-parameter.ts';
export { compileCopy, compileGradientSum, compileUpdate, UPDATE_NAMES } from './update-graph.ts';
export { countUpdateThreads, createUpdateThreads } from './update-threads.ts';
