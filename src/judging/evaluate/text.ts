// Formats evaluation reports as plain text for a terminal: the model's own and other sources side by side, then classes,
// confusion and sources.
import type { EvaluationReport } from '../../foundation/records/index.ts';
import { type EvaluationSubject, FIGURES, formatAbstention, listColumns, listRemarks } from './words.ts';

/** Most sources shown of each collection; the JSON has all. */
const SOURCES_SHOWN = 20;

/** @returns several paragraphs, no colours, no trailing line break */
export function formatEvaluationText({ model, reports }: EvaluationSubject): string {
  const columns = listColumns(reports);
  const rows = [
    ['', ...columns.map(({ title }) => title)],
    ['', ...columns.map(({ origin }) => origin)],
    ...FIGURES.map(({ name, value, interval }) => [
      name,
      ...columns.map(({ report }) => {
        if (report === null) return 'not measured';
        const range = interval?.(report) ?? null;
        return range === null ? value(report) : `${value(report)} (${range})`;
      }),
    ]),
  ];
  return [
    model,
    align(rows),
    'In brackets: 95% bootstrap intervals.',
    listRemarks(reports)
      .map((remark) => `! ${remark}`)
      .join('\n'),
    ...reports.flatMap(formatDetails),
  ].join('\n\n');
}

function formatDetails(report: EvaluationReport): string[] {
  const classes = [
    [
      'class',
      'precision',
      'recall',
      'F1',
      'articles',
      ...report.classNames.map((name) => `predicted ${name}`),
    ],
    ...report.perClass.map((figures, index) => [
      figures.name,
      figures.precision.toFixed(3),
      figures.recall.toFixed(3),
      figures.f1.toFixed(3),
      String(figures.support),
      ...report.confusion[index]!.map(String),
    ]),
    [
      'macro',
      report.macro.precision.toFixed(3),
      report.macro.recall.toFixed(3),
      report.macro.f1.toFixed(3),
      String(report.n),
    ],
  ];
  const abstention = formatAbstention(report);
  const parts = [`${report.collection}\n${align(classes)}`];
  if (abstention !== null) parts.push(abstention);
  if (report.perSource.length > 0) parts.push(formatSources(report.perSource));
  return parts;
}

function formatSources(sources: EvaluationReport['perSource']): string {
  const shown = sources.slice(0, SOURCES_SHOWN);
  const more = sources.length - shown.length;
  return [
    align([
      ['source', 'articles', 'accuracy', 'macro F1'],
      ...shown.map((row) => [row.source, String(row.n), row.accuracy.toFixed(3), row.macroF1.toFixed(3)]),
    ]),
    ...(more > 0 ? [`and ${more} more, see --json`] : []),
  ].join('\n');
}

/** Columns two spaces apart; the first is indented. */
function align(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows
    .map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd())
    .join('\n');
}
