// Whether a metric is better when it is lower or higher, by its name.

export type MetricGoal = 'minimize' | 'maximize';

const LOWER_IS_BETTER = /(?:^|_)(?:loss|brier|ece|error|ms|seconds|bytes|norm|perplexity|latency)(?:_|$)/;

/** Losses, errors, times and sizes are better when lower; everything else counts as better when higher. */
export function goalOfMetric(name: string): MetricGoal {
  return LOWER_IS_BETTER.test(name) ? 'minimize' : 'maximize';
}
