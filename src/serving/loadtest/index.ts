// The room's door: what other rooms may use.
export { type ArticleBodies, createArticleBodies, type LoadArticle } from './article-bodies.ts';
export { formatMs, parseSeconds } from './duration.ts';
export { findRate } from './find-rate.ts';
export type { FoundRate, Measured, Probe } from './found-rate.ts';
export { formatLoadHtml } from './html/page.ts';
export type { LiveFigures, LoadCounts, LoadRecord, Percentiles, TimelineRow } from './load-record.ts';
export { type LoadStage, sumSeconds } from './load-stages.ts';
export type { LoadWarning, RateSureness } from './load-warning.ts';
export { formatLoadWarning, formatRateSureness } from './load-warning-sentences.ts';
export type { FindRateOptions } from './rate-probe.ts';
export { createLoadReport, type LoadReport, type ReportFacts } from './report.ts';
export { formatLoadReport, formatTimelineCsv } from './report-text.ts';
export { type LoadPlan, type LoadTestResult, runLoad } from './run-load.ts';
export { createSender, type SenderOptions } from './sender.ts';
export { checkThresholds, parseThresholds, type Threshold, type ThresholdResult } from './threshold.ts';
