// The room's door: what other rooms may use.
export { type AnalysedSweep, analyseSweep, listSweeps, type SweepQuestion } from './sweep-analysis.ts';
export {
  compareTrials,
  describeNoise,
  measureTrialNoise,
  type TrialPareto,
} from './trial-comparison.ts';
export { analyseImportance, type TrialImportance } from './trial-importance.ts';
export { listProposed, rankTrials } from './trial-ranking.ts';
