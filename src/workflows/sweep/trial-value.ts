// The metric of a trial: which names there are, and which figure of a training each one is.
import type { EvaluationReport } from '../../foundation/records/index.ts';
import { nameTestMetrics, nameValidationMetrics, type ValidationFigures } from '../../keeping/runs/index.ts';

/** The metrics that a sweep can compare. `test_…` exist only once a trial is finished. */
export const TRIAL_METRICS: readonly string[] = [
  'val_loss',
  'val_accuracy',
  'val_macro_f1',
  'val_roc_auc',
  'val_brier',
  'val_ece',
  'val_raw_loss',
  'test_loss',
  'test_accuracy',
  'test_macro_f1',
  'test_roc_auc',
  'test_brier',
  'test_ece',
];

/** The metric in one evaluation on validation; null where only the finished model has it. */
export function readValidationMetric(name: string, figures: ValidationFigures): number | null {
  return nameValidationMetrics(figures)[name] ?? null;
}

/** The metric on the test split; null for a metric of validation. */
export function readTestMetric(
  name: string,
  [own]: readonly Pick<EvaluationReport, 'metrics'>[],
): number | null {
  return own === undefined ? null : (nameTestMetrics(own.metrics)[name] ?? null);
}
