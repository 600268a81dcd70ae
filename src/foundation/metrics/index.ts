// The room's door: what other rooms may use.
export { computeArticleScores, computeReliability } from './article-scores.ts';
export { computeIntervals } from './bootstrap.ts';
export { fitCalibration } from './calibration.ts';
export { computeAccuracy, computeClassFigures, computeConfusion, computeMacro } from './confusion.ts';
export { countHistogram, spreadWholeEdges, type ValueCounts } from './histogram.ts';
export { computeMetrics, computePrAuc } from './metrics.ts';
export { computeLogOdds, computeProbabilities } from './probabilities.ts';
export { computeRocCurve, positiveClasses } from './ranking.ts';
