// The room's door: what other rooms may use.
export {
  buildDatasetWarningAnswer,
  formatAuditHtml,
  formatAuditText,
  formatFileReading,
} from '../../learning/data/index.ts';
export { auditArticles, listAuditWarnings, prepareDatasetVersion } from './prepared-data.ts';
