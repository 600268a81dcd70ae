// The words that the text and the HTML page of evaluation reports share: figures, their order, and remarks. The order of
// the columns is fixed: the model's own source first, other sources beside it, "not measured" where there is none.
import type { EvaluationReport } from '../../foundation/records/index.ts';

/** The reports of one model. */
export interface EvaluationSubject {
  /** NAME@VERSION or a run id. */
  readonly model: string;
  readonly reports: readonly EvaluationReport[];
}

export interface Column {
  readonly title: string;
  readonly origin: 'its own source' | 'another source';
  /** null: not measured. */
  readonly report: EvaluationReport | null;
}

/** At least one column of its own source and one of another, measured or not. */
export function listColumns(reports: readonly EvaluationReport[]): Column[] {
  const column = (report: EvaluationReport): Column => ({
    title: report.synthetic ? `${report.collection}, synthetic` : report.collection,
    origin: report.outOfSource ? 'another source' : 'its own source',
    report,
  });
  const own = reports.filter((report) => !report.outOfSource).map(column);
  const others = reports.filter((report) => report.outOfSource).map(column);
  if (own.length === 0) own.push({ title: 'own test split', origin: 'its own source', report: null });
  if (others.length === 0)
    others.push({ title: 'other collections', origin: 'another source', report: null });
  return [...own, ...others];
}

export interface Figure {
  readonly name: string;
  readonly meaning: string;
  readonly value: (report: EvaluationReport) => string;
  /** [low, high] as text, where there is an interval. */
  readonly interval?: (report: EvaluationReport) => string | null;
}

type WithInterval = keyof EvaluationReport['intervals'];

function measured(name: string, key: WithInterval, meaning: string): Figure {
  return {
    name,
    meaning,
    value: ({ metrics }) => formatFraction(metrics[key], 'one class only'),
    interval: ({ intervals }) => {
      const interval = intervals[key];
      return interval === null ? null : `${interval[0].toFixed(3)} to ${interval[1].toFixed(3)}`;
    },
  };
}

/** Every figure of the side-by-side table. */
export const FIGURES: readonly Figure[] = [
  {
    name: 'articles',
    meaning: 'number of articles',
    value: (report) => report.n.toLocaleString('en-US'),
  },
  measured('accuracy', 'accuracy', 'share predicted correctly'),
  {
    name: 'baseline',
    meaning: 'accuracy of always predicting the largest class',
    value: (report) => computeGuessing(report).toFixed(3),
  },
  measured('macro F1', 'macroF1', 'mean F1 of the classes'),
  measured('ROC-AUC', 'rocAuc', 'how well it ranks articles; 0.5 is chance'),
  {
    name: 'PR-AUC',
    meaning: 'average precision',
    value: (report) => formatFraction(report.prAuc, 'one class only'),
  },
  measured('Brier score', 'brier', 'squared error of probabilities, 0 is best'),
  measured('ECE', 'ece', 'gap between probability and truth, 0 is best'),
  measured('loss', 'loss', 'cross-entropy, 0 is best'),
  {
    name: 'answered',
    meaning: 'share not answered with "not sure"',
    value: (report) => report.abstention.answered.toFixed(3),
  },
  {
    name: 'accuracy of answered',
    meaning: 'accuracy on the answered articles',
    value: (report) => formatFraction(report.abstention.accuracyAnswered, 'none answered'),
  },
  {
    name: 'seen in training',
    meaning: 'articles that were also in its training data',
    value: (report) => report.seenInTraining?.toLocaleString('en-US') ?? 'not looked up',
  },
];

/** @param otherwise  what stands in place of a missing figure */
export function formatFraction(value: number | null, otherwise: string): string {
  return value === null ? otherwise : value.toFixed(3);
}

export function formatPercent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

/** Accuracy of always naming the class with the most articles. */
export function computeGuessing(report: EvaluationReport): number {
  return Math.max(...report.perClass.map((figures) => figures.support)) / report.n;
}

/** The sentences that a reader must not miss, the most serious first. */
export function listRemarks(reports: readonly EvaluationReport[]): string[] {
  const own = reports.find((report) => !report.outOfSource);
  const others = reports.filter((report) => report.outOfSource);
  const remarks: string[] = [];
  if (reports.some((report) => report.synthetic)) {
    remarks.push(
      'Synthetic articles: the figures show that the program works, not how well it classifies real news.',
    );
  }
  for (const report of reports) {
    if (!report.seenInTraining) continue;
    remarks.push(
      `The model was trained on ${report.seenInTraining} of the ${report.n} articles of ${report.collection} (same title or same text): its figures there are too optimistic.`,
    );
  }
  remarks.push(...others.map((report) => formatElsewhere(report, own)));
  if (others.length === 0) {
    remarks.push('Not measured on other sources. Figures on its own source say little about others.');
  }
  for (const report of reports) {
    if (report.n < 100)
      remarks.push(
        `${report.collection} has only ${report.n} articles: read the intervals, not the figures.`,
      );
  }
  return remarks;
}

function formatElsewhere(report: EvaluationReport, own: EvaluationReport | undefined): string {
  const here =
    own === undefined ? '' : `Accuracy ${formatPercent(own.metrics.accuracy)} on ${own.collection}, but `;
  const there = `${here === '' ? 'Accuracy ' : ''}${formatPercent(report.metrics.accuracy)} on ${report.collection}`;
  const drops = own === undefined || report.metrics.accuracy < own.intervals.accuracy[0];
  const sentence = drops
    ? `${here}${there}`
    : `Accuracy ${formatPercent(own.metrics.accuracy)} on ${own.collection}, ${formatPercent(report.metrics.accuracy)} on ${report.collection}`;
  const guessing = computeGuessing(report);
  return report.intervals.accuracy[0] <= guessing
    ? `${sentence}: not clearly better than always predicting the largest class (${formatPercent(guessing)}).`
    : `${sentence}.`;
}

/** One sentence about the effect of the abstention threshold; null where the model never abstains. */
export function formatAbstention({ abstention }: EvaluationReport): string | null {
  if (abstention.threshold === 0) return null;
  const answered = `It answers ${formatPercent(abstention.answered)} of these articles`;
  const right =
    abstention.accuracyAnswered === null
      ? ''
      : ` and is right on ${formatPercent(abstention.accuracyAnswered)} of those`;
  return `${answered}${right}; below a probability of ${formatPercent(abstention.threshold)} it says "not sure".`;
}
