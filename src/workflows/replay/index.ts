// The room's door: what other rooms may use.
export type { ReplayDifference } from './replay-differences.ts';
export { type ReplayedPrediction, type ReplayRequest, replayPrediction } from './replayed-prediction.ts';
