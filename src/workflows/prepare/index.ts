// The room's door: what other rooms may use.
export {
  assertNoLeaks,
  auditPagePath,
  buildDatasetWarningAnswer,
  formatAuditHtml,
  formatAuditText,
  formatFileReading,
  formatLabelErrors,
  type LeakReader,
  type PreparedDataset,
} from '../../learning/data/index.ts';
export { auditArticles, listAuditWarnings, prepareDatasetVersion } from './prepared-data.ts';
