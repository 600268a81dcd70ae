// What a model can't do, in sentences that need no glossary; the card and the commands say the same ones.
import { type EvaluationReport, type ModelFolder, nameUnit } from '../../foundation/records/index.ts';

/** Plain sentences, the gravest first. */
export function listModelLimits(info: ModelFolder, evaluations: readonly EvaluationReport[]): string[] {
  const own = evaluations.find((report) => !report.outOfSource);
  const others = evaluations.filter((report) => report.outOfSource);
  const limits = ['It judges how an article is written, not whether what it says is true.'];
  if (info.synthetic) {
    limits.push(
      'It learned from invented articles, made to try the program: its answers about real news mean nothing.',
    );
  }
  if (own !== undefined && own.n < 100) {
    limits.push(
      `Its own test split has only ${own.n} articles, so its figures are rough: read the intervals.`,
    );
  }
  limits.push(...others.map((report) => describeElsewhere(report, own)));
  if (others.length === 0) {
    limits.push('It was not measured on articles from other sources: expect it to do clearly worse there.');
  }
  const part = info.truncation === 'head' ? 'beginning' : 'beginning and the end';
  limits.push(`It reads only the ${part} of a long article (${nameTokens(info.maxTokens, info)}).`);
  const { abstainBelow, abstain } = info.calibration;
  if (abstainBelow > 0)
    limits.push(`It says "not sure" when its probability is below ${percent(abstainBelow)}.`);
  if (abstain?.reached === false) {
    limits.push(
      `It was asked to be right on ${percent(abstain.wanted)} of what it answers, but no threshold reached that on validation: there it was ${percent(abstain.precision)}.`,
    );
  }
  return limits;
}

/** A number of what the model reads, such as 256 tokens. */
export function nameTokens(count: number, { traits }: Pick<ModelFolder, 'traits'>): string {
  return `${count.toLocaleString('en-US')} ${nameUnit(traits.unit)}`;
}

function describeElsewhere(report: EvaluationReport, own: EvaluationReport | undefined): string {
  const there = `${percent(report.metrics.accuracy)} of ${report.collection}`;
  const guessing = Math.max(...report.perClass.map((figures) => figures.support)) / report.n;
  const verdict =
    report.intervals.accuracy[0] <= guessing
      ? `, no better than always guessing the larger class (${percent(guessing)})`
      : '';
  if (own === undefined) return `It is right on ${there}${verdict}.`;
  const link = report.metrics.accuracy < own.intervals.accuracy[0] ? 'but only on' : 'and on';
  return `It is right on ${percent(own.metrics.accuracy)} of held-out articles from its own data set, ${link} ${there}${verdict}.`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
