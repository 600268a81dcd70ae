// The room's door: what other rooms may use.
export {
  type ArticleFileNote,
  ArticleReader,
  type ArticleReaderOptions,
  ArticleRejects,
  formatArticleFileNote,
  type ReadArticleRow,
} from './article-row.ts';
export { auditData } from './audit/audit.ts';
export { formatAuditHtml } from './audit/audit-html.ts';
export { formatAuditText } from './audit/audit-text.ts';
export { formatLabelErrors } from './audit/label-error-list.ts';
export {
  assertNoLeaks,
  auditPagePath,
  type LeakReader,
  listLeaks,
} from './audit/leak-check.ts';
export { DEFAULT_LEAK_LIMITS } from './audit/leak-limits.ts';
export type { AuditReport } from './audit/report.ts';
export { type Collection, type CollectionOptions, readCollection } from './collection.ts';
export { type CollectionSurvey, checkCollectionLabels, surveyCollection } from './collection-survey.ts';
export { type ArticleColumns, type ColumnNote, formatColumnNote } from './column-finder.ts';
export { articleRoles, type ColumnRequest, parseColumnRequest } from './column-request.ts';
export { isBadRow } from './csv-parser.ts';
export { listFolderFiles } from './dataset-folder.ts';
export { buildDatasetWarningAnswer, formatDatasetWarning } from './dataset-warning-sentences.ts';
export { formatOfName } from './file-start.ts';
export { parseIsoDate } from './iso-date.ts';
export { createLabelRules, tidyLabel } from './label-rules.ts';
export { createMinHasher, estimateSimilarity } from './min-hash.ts';
export type { ColumnMap, ColumnRole, DataContext, DataOptions } from './options.ts';
export { isPackagePath, resolveDataPath } from './package-path.ts';
export { type PreparedDataset, type PrepareRequest, prepareDataset } from './prepare.ts';
export type { RawBatch, RawFile, RawRow } from './raw-row.ts';
export { readRawRows } from './raw-rows.ts';
export {
  formatFileReading,
  formatRawNote,
  isKnownEncoding,
  parseSeparator,
  type RawNote,
  type ReadingOptions,
} from './reading.ts';
export type { RejectCount, RejectCounts, RejectReason } from './reject-reason.ts';
export { formatRejectReason } from './reject-reason-sentences.ts';
export { openRowIndex } from './row-index.ts';
export { ContentSet, type FoundRow, type Likeness, nameSplit, RowSearch } from './row-search.ts';
export { createColumn } from './row-table.ts';
export { type ExampleArticle, loadSampleExamples } from './sample-examples.ts';
export {
  locateCollectionFiles,
  locateSourceFiles,
  resolveColumns,
  resolveReading,
  type SourceFile,
  samplePath,
} from './source-files.ts';
export { readSourceRow } from './source-row.ts';
export { isDataName, type RawInput } from './unpack.ts';
export { createWordHashes, fillWordHashes, hashSequence, type WordHashes } from './word-hashes.ts';
export { type OpenedZip, openZip } from './zip-members.ts';
