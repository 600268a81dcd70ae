// The room's door: what other rooms may use.
export { type TrainOptions, train } from './library.ts';
export { openPretrainedModel } from './pretrained-model.ts';
export { recordCode } from './recorded-code.ts';
export { recordEnvironment, recordMachine, recordVersions } from './recorded-machine.ts';
export { digestTeacher, locateTeacher } from './teacher.ts';
export { runTraining, type TrainingOutcome, type TrainingRequest } from './training.ts';
export { loadTrainingRequest } from './training-request.ts';
export { type FinishedTraining, registerRun } from './training-results.ts';
export type { TrialHooks } from './trial-hooks.ts';
