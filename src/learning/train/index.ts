// The room's door: what other rooms may use.

export { resolveClassWeights } from './class-weights.ts';
export { createLearner, type LearnerModel, refuseTeacher } from './create-learner.ts';
export { type Distillation, loadOrComputeTeacherLogits } from './distillation.ts';
export type { LoopTiming, TrainEvent } from './events.ts';
export type { Learner, OptimizerOptions } from './learner.ts';
export { type TrainModelOptions, trainModel } from './loop.ts';
export { exportTrainedModel } from './model-export.ts';
export { openCheckpoints } from './training-checkpoints.ts';
export { assertTrainable, type FineTuning, parseTrainingScope } from './training-scope.ts';
