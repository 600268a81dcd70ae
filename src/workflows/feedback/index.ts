// The room's door: what other rooms may use.
export {
  type ExportedFeedback,
  exportFeedback,
  type FeedbackExportRequest,
  type FeedbackRow,
} from './feedback-export.ts';
