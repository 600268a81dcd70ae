// May a version take production's place? Only figures on the very same articles are compared: a model that looks
// better on an easier test set is not better. "Worse" = below the lower end of production's 95% interval.
import type { EvaluationReport } from '../../foundation/records/index.ts';

/** A candidate that trained on more of the test articles than this was not tested on them. */
const HIGHEST_SEEN_SHARE = 0.01;

export interface GateFinding {
  readonly testSet: string;
  readonly collection: string;
  readonly metric: 'accuracy' | 'macroF1';
  readonly candidate: number;
  readonly production: number;
  /** Lower end of production's interval. */
  readonly low: number;
}

export type GateResult =
  | { readonly outcome: 'passed'; readonly compared: readonly GateFinding[] }
  | { readonly outcome: 'worse'; readonly worse: readonly GateFinding[] }
  | { readonly outcome: 'not-comparable'; readonly problem: string };

/**
 * Compares on every test set that both have, of which one must be a test split of either's own data: a shared
 * collection from elsewhere alone says too little.
 */
export function checkPromotion(
  candidate: readonly EvaluationReport[],
  production: readonly EvaluationReport[],
): GateResult {
  const pairs = candidate.flatMap((ours) => {
    const theirs = production.find((report) => report.testSet === ours.testSet);
    return theirs === undefined ? [] : [{ ours, theirs }];
  });
  const fair = pairs.filter(({ ours }) => (ours.seenInTraining ?? 0) <= HIGHEST_SEEN_SHARE * ours.n);
  if (!fair.some(({ ours, theirs }) => !ours.outOfSource || !theirs.outOfSource)) {
    return { outcome: 'not-comparable', problem: describeProblem(candidate, production, pairs) };
  }
  const compared = fair.flatMap(({ ours, theirs }) =>
    (['accuracy', 'macroF1'] as const).map((metric) => ({
      testSet: ours.testSet,
      collection: ours.collection,
      metric,
      candidate: ours.metrics[metric],
      production: theirs.metrics[metric],
      low: theirs.intervals[metric][0],
    })),
  );
  const worse = compared.filter((finding) => finding.candidate < finding.low);
  return worse.length > 0 ? { outcome: 'worse', worse } : { outcome: 'passed', compared };
}

function describeProblem(
  candidate: readonly EvaluationReport[],
  production: readonly EvaluationReport[],
  pairs: readonly { ours: EvaluationReport }[],
): string {
  const own = (reports: readonly EvaluationReport[]): string =>
    reports.find((report) => !report.outOfSource)?.testSet ?? 'no test split';
  const leaked = pairs.find(({ ours }) => !ours.outOfSource || (ours.seenInTraining ?? 0) > 0);
  if (leaked?.ours.seenInTraining) {
    return `but it was trained on ${leaked.ours.seenInTraining} of the ${leaked.ours.n} articles of ${leaked.ours.testSet}`;
  }
  return `got figures on ${own(candidate)} against ${own(production)}: not comparable`;
}
