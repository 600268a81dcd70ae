// The room's door: what other rooms may use.

export { formatApart, formatSharePercent } from './apart.ts';
export { type ApiKeyEvent, type ApiScope, apiKeyEventRecord, apiScopes } from './api-key.ts';
export { type ArticleText, articleRecord, articleSchema, type DatasetArticle } from './article.ts';
export { type Checkpoint, checkpointRecord } from './checkpoint.ts';
export {
  type DatasetManifest,
  datasetManifestRecord,
  type SplitName,
  splitNames,
} from './dataset-manifest.ts';
export type { DatasetWarning, FileNote, RowPlace } from './dataset-warning.ts';
export { defaultModelRecord } from './default-model.ts';
export {
  type EvaluationReport,
  evaluationReportRecord,
  evaluationReportSchema,
  type Metrics,
  metricsSchema,
} from './evaluation.ts';
export { type ArticleExplanation, explanationAnswerSchema, explanationRecord } from './explanation.ts';
export { type Feedback, feedbackRecord, opinionShape } from './feedback.ts';
export { type FeedbackExport, feedbackExportRecord } from './feedback-export.ts';
export { type FileReading, fileReadingSchema } from './file-reading.ts';
export type { GateResult, NotComparableReason } from './gate-result.ts';
export { type Home, locateHome } from './home.ts';
export {
  copyKeptExamples,
  type KeptExample,
  keptExamplesRecord,
  loadKeptExamples,
  saveKeptExamples,
} from './kept-examples.ts';
export {
  type AcceptedLeaks,
  acceptedLeaksSchema,
  type Leak,
  type LeakCheck,
  leakCheckSchema,
} from './leak-check.ts';
export { type Measures, measuresSchema } from './measures.ts';
export {
  type Calibration,
  calibrationSchema,
  type ModelColumns,
  type ModelFolder,
  type ModelReading,
  type ModelTraits,
  modelColumnsSchema,
  modelFolderRecord,
  modelReadingSchema,
  type OutOfDistributionLimits,
  type Precision,
  precisionNames,
  runsAlone,
} from './model-folder.ts';
export { type ModelLimit, modelLimitFactSchema } from './model-limit.ts';
export { buildLimitAnswer, formatModelLimit, formatTokenCount } from './model-limit-sentences.ts';
export {
  type DeletedVersion,
  deletedVersionRecord,
  type ModelVersion,
  modelNamePattern,
  modelVersionRecord,
  type StageEvent,
  type StageName,
  stageEventRecord,
  stageNames,
} from './model-version.ts';
export { articleNouns, capitalise, type Nouns, nameNouns, nounPattern } from './noun.ts';
export { type Prediction, predictionSchema } from './prediction.ts';
export {
  hashContent,
  predictionIdPattern,
  predictionReceiptRecord,
  predictionReceiptSchema,
  type ReceiptRecord,
} from './prediction-receipt.ts';
export { formatOriginId, type PretrainedOrigin } from './pretrained-origin.ts';
export { type ProfileSummary, profileSummaryRecord } from './profile-summary.ts';
export {
  appendRecordLine,
  hasSchemaVersion,
  loadRecord,
  loadRecordLines,
  parseRecord,
  type RecordType,
  saveRecord,
} from './record.ts';
export { REFERENCE_FILE, referencePredictionsRecord } from './reference-predictions.ts';
export { type ReturnedCanary, returnedCanariesRecord } from './returned-canaries.ts';
export {
  type Run,
  type RunEvent,
  type RunLogLine,
  type RunStatus,
  runEventRecord,
  runLogLineRecord,
  runRecord,
} from './run.ts';
export { type Artifact, type RunAnnotation, runAnnotationRecord } from './run-annotation.ts';
export {
  type ExportDestination,
  exportDestinationSchema,
  isServerAddress,
  type RunExport,
  runExportRecord,
} from './run-export.ts';
export { type RunLease, runLeaseRecord } from './run-lease.ts';
export { type RunMeasurement, runMeasurementRecord } from './run-measurement.ts';
export type { RunCode, RunEnvironment, RunMachine, RunPlace } from './run-provenance.ts';
export {
  type EarlyStopping,
  type Sweep,
  type SweepDefinition,
  type SweepStatus,
  sweepRecord,
  type Trial,
  trialRecord,
} from './sweep.ts';
export { type TextUnit, textUnitSchema } from './text-unit.ts';
export { receiptWarningFactSchema, type Warning, warningFactSchema } from './warning.ts';
export { buildExplanationAnswer, buildWarningAnswer, formatWarning } from './warning-sentences.ts';
