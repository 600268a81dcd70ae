// The room's door: what other rooms may use.
export type {
  assertNoLeaks,
  auditPagePath,
  buildDatasetWarningAnswer,
  formatAuditHtml,
  formatAuditText,

<<<<<<< HEAD
  formatFileReading,
=======
  formatLabelErrors,
  type LeakReader,
  type PreparedDataset,
>>>>>>> 937f58e (The gate: leaks of what a model reads stop prepare and train, unless a reason accepts them)
} from '../../learning/data/index.ts';

export { auditArticles, listAuditWarnings, prepareDatasetVersion } from './prepared-data.ts';
