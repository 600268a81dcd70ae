// The room's door: what other rooms may use.
export { type ArticleBodies, createArticleBodies, type LoadArticle } from './article-bodies.ts';
export { formatMs, parseSeconds } from './duration.ts';
export { type FindRateOptions, type FoundRate, findRate, type Probe, type RateSearch } from './find-rate.ts';
export { formatLoadHtml } from './html/page.ts';
export type { LiveFigures, LoadCounts, LoadRecord, Percentiles, TimelineRow } from './load-record.ts';
export { type LoadStage, sumSeconds } from './load-stages.ts';
export { createLoadReport, type LoadReport } from './report.ts';
export { formatLoadReport, formatTimelineCsv } from './report-text.ts';
export { type LoadPlan, type LoadResult, runLoad } from './run-load.ts';
export { createSender, type SenderOptions } from './sender.ts';
export { checkThresholds, parseThresholds, type Threshold, type ThresholdResult } from './threshold.ts';
