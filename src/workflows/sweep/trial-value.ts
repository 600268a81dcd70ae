// The metric of a trial: which names there are, and which figure of a training each one is.
import type { EvaluationReport, Metrics } from '../../foundation/records/index.ts';

/** What an evaluation on validation measures. */
export interface ValidationFigures {
  readonly metrics: Metrics;
  readonly calibratedLoss: number;
}

/** The metrics that a sweep can compare, each with its usual goal. `test_…` exist only once a trial is finished. */
export const METRICS: ReadonlyMap<string, 'minimize' | 'maximize'> = new Map([
  ['val_loss', 'minimize'],
  ['val_accuracy', 'maximize'],
  ['val_macro_f1', 'maximize'],
  ['val_roc_auc', 'maximize'],
  ['val_brier', 'minimize'],
  ['val_ece', 'minimize'],
  ['val_raw_loss', 'minimize'],
  ['test_loss', 'minimize'],
  ['test_accuracy', 'maximize'],
  ['test_macro_f1', 'maximize'],
  ['test_roc_auc', 'maximize'],
  ['test_brier', 'minimize'],
  ['test_ece', 'minimize'],
]);

/** The metric in one evaluation on validation; null where only the finished model has it. */
export function readValidationMetric(
  name: string,
  { metrics, calibratedLoss }: ValidationFigures,
): number | null {
  if (!name.startsWith('val_')) return null;
  if (name === 'val_loss') return calibratedLoss;
  return pickMetric(name === 'val_raw_loss' ? 'loss' : name.slice('val_'.length), metrics);
}

/** The metric on the test split; null for a metric of validation. */
export function readTestMetric(
  name: string,
  reports: readonly Pick<EvaluationReport, 'metrics'>[],
): number | null {
  const own = reports[0]?.metrics;
  return name.startsWith('test_') && own !== undefined ? pickMetric(name.slice('test_'.length), own) : null;
}

function pickMetric(name: string, metrics: Metrics): number | null {
  const { accuracy, macroF1, rocAuc, brier, ece, loss } = metrics;
  const figures: Readonly<Record<string, number | null>> = {
    ...{ accuracy, macro_f1: macroF1, roc_auc: rocAuc, brier, ece, loss },
  };
  return figures[name] ?? null;
}
