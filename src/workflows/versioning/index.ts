// The room's door: what other rooms may use.
export { findRepositoryLeftovers, planCacheCleanup } from './cache-cleanup.ts';
export { type CheckoutAnswer, checkoutData } from './data-checkout.ts';
export { fetchObjects, type PullAnswer, pullData } from './data-pull.ts';
export { type PushAnswer, pushData } from './data-push.ts';
export { addData, commitData, type RecordedData, type RecordingAnswer } from './data-recording.ts';
export { openRepository } from './data-scope.ts';
export { type DataStatus, readDataStatus, type StatusReport } from './data-status.ts';
export { type ChosenRemote, chooseRemote } from './remote-choice.ts';
export { assertStage, recordPreparation } from './stage-record.ts';
export type { TransferSum } from './transfer-sum.ts';
