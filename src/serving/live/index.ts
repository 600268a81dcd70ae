// The room's door: what other rooms may use.
export { loadReturnedCanaries, openCanaryMemory, saveReturnedCanaries } from './canary-memory.ts';
export type { CanaryOptions } from './canary-trial.ts';
export { LiveModel } from './live-model.ts';
export type { LiveView, NamedPrediction } from './live-view.ts';
export { type DecideVersions, findFollowedStage, followRegistry } from './registry-follower.ts';
export { type RolloutState, restingRollout, rolloutStateSchema } from './rollout-state.ts';
export type { ServingClassifier } from './traffic-split.ts';
export type { LocatedVersion } from './version-loading.ts';
export { loadVersion } from './version-loading.ts';
