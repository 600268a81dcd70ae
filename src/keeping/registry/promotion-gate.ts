// Decides whether a version may replace the one in production. It compares figures on the very same articles only: a model
// that looks better on an easier test set is not better. "Worse" means below the lower end of production's 95% interval.
// If there is nothing to compare, `listWaysToCompare` says which evaluations would change that.
import { formatNames } from '../../foundation/core/index.ts';
import type {
  EvaluationReport,
  GateResult,
  NotComparableReason,
  SplitName,
} from '../../foundation/records/index.ts';

/** Largest share of the test articles that a model may have been trained on. */
const HIGHEST_SEEN_SHARE = 0.01;

/** One of the two versions that are compared. */
export interface ComparedVersion {
  /** NAME@VERSION */
  readonly reference: string;
  readonly classNames: readonly string[];
  readonly datasetVersion: string;
  readonly evaluations: readonly EvaluationReport[];
}

interface Pair {
  readonly ours: EvaluationReport;
  readonly theirs: EvaluationReport;
}

/**
 * Compares on every test set that both have. At least one must be a test split of either version's own data: a shared
 * collection from another source alone says too little.
 */
export function checkPromotion(candidate: ComparedVersion, production: ComparedVersion): GateResult {
  const notComparable = (reason: NotComparableReason): GateResult => ({ outcome: 'not-comparable', reason });
  if (!haveSameClasses(candidate, production)) {
    return notComparable({
      code: 'DIFFERENT_CLASSES',
      candidate: [...candidate.classNames],
      production: [...production.classNames],
    });
  }
  const pairs = candidate.evaluations.flatMap((ours) => {
    const theirs = production.evaluations.find((report) => report.testSet === ours.testSet);
    return theirs === undefined ? [] : [{ ours, theirs }];
  });
  const unseen = pairs.filter(({ ours }) => !hasSeen(ours));
  if (!unseen.some(isOwnTestSet)) return notComparable(findReason(candidate, production, pairs));
  const compared = compare(unseen);
  if (!compared.some(isWorse)) return { outcome: 'passed', compared };
  // A figure of production on articles that it was trained on is too high: to be below it proves nothing.
  const fair = unseen.filter(({ theirs }) => !hasSeen(theirs));
  const worse = compare(fair).filter(isWorse);
  if (worse.length > 0) return { outcome: 'worse', worse };
  if (fair.some(isOwnTestSet)) return { outcome: 'passed', compared: compare(fair) };
  const { theirs } = unseen.find(isOwnTestSet)!;
  return notComparable(buildSeenReason('production', theirs));
}

/** An evaluation that is missing for a comparison. */
export interface MissingEvaluation {
  /** NAME@VERSION */
  readonly model: string;
  readonly dataset: string;
  readonly split: SplitName;
}

/**
 * The ways to make two versions comparable, the best first; each is a list of missing evaluations on one test split. Empty
 * if none is left: each version was trained on articles of the other's test split.
 */
export function listWaysToCompare(
  candidate: ComparedVersion,
  production: ComparedVersion,
): MissingEvaluation[][] {
  const testSets = new Set([findOwnTestSet(production), findOwnTestSet(candidate)]);
  return [...testSets].flatMap((testSet) => {
    const reportOf = ({ evaluations }: ComparedVersion): EvaluationReport | undefined =>
      evaluations.find((report) => report.testSet === testSet);
    const [ours, theirs] = [reportOf(candidate), reportOf(production)];
    if (ours !== undefined && (hasSeen(ours) || (theirs !== undefined && hasSeen(theirs)))) return [];
    const [dataset = '', split] = testSet.split('/');
    const missing = (model: string): MissingEvaluation => ({
      model,
      dataset,
      split: split === 'validation' ? split : 'test',
    });
    const way = [
      ...(ours === undefined ? [missing(candidate.reference)] : []),
      ...(theirs === undefined ? [missing(production.reference)] : []),
    ];
    return way.length === 0 ? [] : [way];
  });
}

function haveSameClasses(a: ComparedVersion, b: ComparedVersion): boolean {
  return [...a.classNames].sort().join('\n') === [...b.classNames].sort().join('\n');
}

function hasSeen({ seenInTraining, n }: EvaluationReport): boolean {
  return (seenInTraining ?? 0) > HIGHEST_SEEN_SHARE * n;
}

function isOwnTestSet({ ours, theirs }: Pair): boolean {
  return !ours.outOfSource || !theirs.outOfSource;
}

function compare(pairs: readonly Pair[]) {
  return pairs.flatMap(({ ours, theirs }) =>
    (['accuracy', 'macroF1'] as const).map((metric) => ({
      testSet: ours.testSet,
      collection: ours.collection,
      metric,
      candidate: ours.metrics[metric],
      production: theirs.metrics[metric],
      low: theirs.intervals[metric][0],
    })),
  );
}

function isWorse({ candidate, low }: { readonly candidate: number; readonly low: number }): boolean {
  return candidate < low;
}

/** The test split of the data that a version was trained on; validation if only that was measured. */
function findOwnTestSet({ datasetVersion, evaluations }: ComparedVersion): string {
  const measured = evaluations.map(({ testSet }) => testSet);
  const own = [`${datasetVersion}/test`, `${datasetVersion}/validation`];
  return own.find((testSet) => measured.includes(testSet)) ?? own[0]!;
}

function findReason(
  candidate: ComparedVersion,
  production: ComparedVersion,
  pairs: readonly Pair[],
): NotComparableReason {
  const leaked = pairs.find(({ ours }) => hasSeen(ours));
  if (leaked !== undefined) return buildSeenReason('candidate', leaked.ours);
  const own = (version: ComparedVersion): string | null => {
    const testSet = findOwnTestSet(version);
    return version.evaluations.some((report) => report.testSet === testSet) ? testSet : null;
  };
  return { code: 'DIFFERENT_TEST_SETS', candidate: own(candidate), production: own(production) };
}

function buildSeenReason(
  model: 'candidate' | 'production',
  { testSet, seenInTraining, n: articles }: EvaluationReport,
): NotComparableReason {
  return { code: 'TRAINED_ON_TEST_ARTICLES', model, testSet, seen: seenInTraining ?? 0, articles };
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
  switch (reason.code) {
    case 'TRAINED_ON_TEST_ARTICLES': {
      const who = reason.model === 'production' ? 'the version in production' : 'it';
      return `but ${who} was trained on ${reason.seen} of the ${reason.articles} articles of ${reason.testSet}`;
    }
    case 'DIFFERENT_TEST_SETS': {
      const [candidate, production] = [reason.candidate, reason.production].map(
        (set) => set ?? 'no test split',
      );
      return `got figures on ${candidate} against ${production}: not comparable`;
    }
    case 'DIFFERENT_CLASSES':
      return `but it has the classes ${formatNames(reason.candidate)} and production has ${formatNames(reason.production)}`;
    case 'PRODUCTION_DAMAGED':
      return `but the version in production cannot be read (${reason.error})`;
  }
}
