// The figures of an evaluation under the names that runs record, such as `val_accuracy` and `test_accuracy`; and whether a
// metric is better when it is lower or higher, by its name.
import type { Metrics } from '../../foundation/records/index.ts';

export type MetricGoal = 'minimize' | 'maximize';

/** What an evaluation on validation measures. */
export interface ValidationFigures {
  readonly metrics: Metrics;
  readonly calibratedLoss: number;
}

/** On validation; `val_loss` is the calibrated loss, by which the best step is chosen. */
export function nameValidationMetrics({
  metrics,
  calibratedLoss,
}: ValidationFigures): Record<string, number> {
  const { val_loss: rawLoss, ...others } = nameMetrics('val', metrics);
  return { val_loss: calibratedLoss, ...others, val_raw_loss: rawLoss! };
}

/** On the test split. */
export function nameTestMetrics(metrics: Metrics): Record<string, number> {
  return nameMetrics('test', metrics);
}

function nameMetrics(split: string, metrics: Metrics): Record<string, number> {
  const { loss, accuracy, macroF1, rocAuc, brier, ece } = metrics;
  return {
    [`${split}_loss`]: loss,
    [`${split}_accuracy`]: accuracy,
    [`${split}_macro_f1`]: macroF1,
    ...(rocAuc === null ? {} : { [`${split}_roc_auc`]: rocAuc }),
    [`${split}_brier`]: brier,
    [`${split}_ece`]: ece,
  };
}

const LOWER_IS_BETTER = /(?:^|_)(?:loss|brier|ece|error|ms|seconds|bytes|norm|perplexity|latency)(?:_|$)/;

/** Losses, errors, times and sizes are better when lower; everything else counts as better when higher. */
export function goalOfMetric(name: string): MetricGoal {
  return LOWER_IS_BETTER.test(name) ? 'minimize' : 'maximize';
}
