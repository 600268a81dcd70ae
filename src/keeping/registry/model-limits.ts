// Finds what a model cannot do, from its record and its evaluations.
import type { EvaluationReport, ModelFolder, ModelLimit } from '../../foundation/records/index.ts';

/** Figures on fewer articles are rough. */
const SMALL_SPLIT = 100;

/** The limits of a model, the most serious first. */
export function listModelLimits(
  { synthetic, maxTokens, truncation, traits, calibration }: ModelFolder,
  evaluations: readonly EvaluationReport[],
): ModelLimit[] {
  const own = evaluations.find((report) => !report.outOfSource);
  const others = evaluations.filter((report) => report.outOfSource);
  const { abstainBelow, abstain } = calibration;
  const limits: ModelLimit[] = [{ code: 'WRITING_NOT_TRUTH' }];
  if (synthetic) limits.push({ code: 'SYNTHETIC_TRAINING' });
  if (own !== undefined && own.n < SMALL_SPLIT) limits.push({ code: 'SMALL_TEST_SPLIT', articles: own.n });
  limits.push(...others.map((report) => compareElsewhere(report, own)));
  if (others.length === 0) limits.push({ code: 'NOT_MEASURED_ELSEWHERE' });
  limits.push({ code: 'READS_PART', maxTokens, kept: truncation, unit: traits.unit });
  if (abstainBelow > 0) limits.push({ code: 'ABSTAINS', below: abstainBelow });
  if (abstain?.reached === false) {
    const { wanted, precision } = abstain;
    limits.push({ code: 'PRECISION_NOT_REACHED', wanted, precision });
  }
  return limits;
}

function compareElsewhere(report: EvaluationReport, own: EvaluationReport | undefined): ModelLimit {
  const guessing = Math.max(...report.perClass.map(({ support }) => support)) / report.n;
  const there = {
    collection: report.collection,
    accuracy: report.metrics.accuracy,
    guessing,
    beatsGuessing: report.intervals.accuracy[0] > guessing,
  };
  if (own === undefined) return { code: 'OTHER_SOURCE_ONLY', ...there };
  const isLower = report.metrics.accuracy < own.intervals.accuracy[0];
  return {
    code: isLower ? 'OTHER_SOURCE_LOWER' : 'OTHER_SOURCE_ALIKE',
    ...there,
    ownAccuracy: own.metrics.accuracy,
  };
}
