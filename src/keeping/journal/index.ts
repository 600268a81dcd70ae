// The room's door: what other rooms may use.
export { type FeedbackLog, openFeedbackLog } from './feedback-log.ts';
export { createPredictionId } from './prediction-id.ts';
export {
  createPredictionJournal,
  findReceipt,
  type NewReceipt,
  type PredictionJournal,
} from './prediction-journal.ts';
