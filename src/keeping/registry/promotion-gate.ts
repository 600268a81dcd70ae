// Decides whether a version may replace the one in production. It compares figures on the very same articles only: a model
// that looks better on an easier test set is not better. "Worse" means below the lower end of production's 95% interval.
import type { EvaluationReport, GateResult, NotComparableReason } from '../../foundation/records/index.ts';

/** Largest share of the test articles that the candidate may have been trained on. */
const HIGHEST_SEEN_SHARE = 0.01;

/**
 * Compares on every test set that both have. At least one must be a test split of either version's own data: a shared
 * collection from another source alone says too little.
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
    return { outcome: 'not-comparable', reason: findReason(candidate, production, pairs) };
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

function findReason(
  candidate: readonly EvaluationReport[],
  production: readonly EvaluationReport[],
  pairs: readonly { ours: EvaluationReport }[],
): NotComparableReason {
  const leaked = pairs.find(({ ours }) => !ours.outOfSource || (ours.seenInTraining ?? 0) > 0);
  if (leaked?.ours.seenInTraining) {
    const { testSet, seenInTraining: seen, n: articles } = leaked.ours;
    return { code: 'TRAINED_ON_TEST_ARTICLES', testSet, seen, articles };
  }
  const own = (reports: readonly EvaluationReport[]): string | null =>
    reports.find((report) => !report.outOfSource)?.testSet ?? null;
  return { code: 'DIFFERENT_TEST_SETS', candidate: own(candidate), production: own(production) };
}

const METRIC_WORDS = { accuracy: 'accuracy', macroF1: 'macro F1' } as const;

/** One line for people about what the gate found. */
export function formatGateResult(gate: GateResult): string {
  if (gate.outcome === 'not-comparable') return formatNotComparable(gate.reason);
  const findings = gate.outcome === 'worse' ? gate.worse : gate.compared;
  return findings
    .map(
      ({ metric, candidate, production, low, collection }) =>
        `${METRIC_WORDS[metric]} ${candidate.toFixed(3)} against ${production.toFixed(3)} (from ${low.toFixed(3)}) on ${collection}`,
    )
    .join('; ');
}

function formatNotComparable(reason: NotComparableReason): string {
  if (reason.code === 'TRAINED_ON_TEST_ARTICLES')
    return `but it was trained on ${reason.seen} of the ${reason.articles} articles of ${reason.testSet}`;
  const [candidate, production] = [reason.candidate, reason.production].map((set) => set ?? 'no test split');
  return `got figures on ${candidate} against ${production}: not comparable`;
}
