// The room's door: what other rooms may use.
export type { FeedbackLog } from './feedback-log.ts';
export { createFileFeedbackLog } from './file-feedback-log.ts';
export { createFilePredictionStore } from './file-prediction-store.ts';
export { createPredictionId } from './prediction-id.ts';
export type {
  NewReceipt,
  PredictionJournal,
  PredictionStore,
  ReceiptFilter,
  ReceiptHead,
} from './prediction-store.ts';
