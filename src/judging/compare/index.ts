// The room's door: what other rooms may use.
export { type Correlation, measureCorrelations } from './correlation.ts';
export type { AnalysedTrial, FactorRange } from './factors.ts';
export { type ImportanceReport, MIN_IMPORTANCE_TRIALS, measureImportance } from './importance.ts';
export { findParetoFront, type Objective, type ParetoPoint } from './pareto.ts';
export { type AxisPoint, type AxisRanking, type BudgetAxis, rankByAxis } from './ranking.ts';
export { measureSeedNoise, type RepeatedSettings, type SeedNoise } from './seed-noise.ts';
