// Formats evaluation reports as one HTML page that needs nothing else: no script, no font, no request. The model's own and
// other sources stand side by side from the first screen on, measured or not.
import { escapeHtml, formatPage } from '../../../foundation/html/index.ts';
import type { EvaluationReport } from '../../../foundation/records/index.ts';
import {
  type Column,
  computeGuessing,
  type EvaluationSubject,
  FIGURES,
  formatAbstention,
  formatPercent,
  listColumns,
  listRemarks,
} from '../words.ts';
import { drawAccuracyTrack, drawReliability, drawRoc, formatConfusion } from './charts.ts';
import { EVALUATION_STYLE } from './style.ts';

/** Most sources shown of each collection; the JSON has all. */
const SOURCES_SHOWN = 30;

/** @returns a whole HTML document */
export function formatEvaluationHtml({ model, reports }: EvaluationSubject): string {
  const columns = listColumns(reports);
  const body = `<main>
<header>
<p class="eyebrow">Evaluation</p>
<h1>${escapeHtml(model)}</h1>
<ul class="remarks">${listRemarks(reports)
    .map((remark) => `<li>${escapeHtml(remark)}</li>`)
    .join('')}</ul>
</header>
<div class="pair">${columns.map(formatPanel).join('')}</div>
<h2>All figures</h2>
<div class="scroll">${formatFigures(columns)}</div>
${reports.map(formatCollection).join('\n')}
${formatOrigin(reports)}
</main>`;
  const parents = [...new Set([model, ...reports.flatMap((report) => report.parents)])];
  return formatPage({ title: `Evaluation of ${model}`, style: EVALUATION_STYLE, body, parents });
}

function toneOf(column: Pick<Column, 'origin'>): string {
  return column.origin === 'its own source' ? 'own' : 'other';
}

function formatPanel(column: Column): string {
  const { report, title, origin } = column;
  const head = `<div class="origin">${origin}</div><div class="title">${escapeHtml(title)}</div>`;
  if (report === null) {
    const remedy =
      origin === 'its own source'
        ? 'To measure it on its own test split, run <code>veracity evaluate</code> without data.'
        : 'To measure it there, evaluate it on other data or set <code>evaluate.collections</code>.';
    return `<section class="panel absent ${toneOf(column)}">${head}<div class="big">not measured</div><p class="note">${remedy}</p></section>`;
  }
  const [low, high] = report.intervals.accuracy;
  return `<section class="panel ${toneOf(column)}">${head}
<div class="big">${formatPercent(report.metrics.accuracy)}</div>
<div class="note">accuracy on ${report.n.toLocaleString('en-US')} articles</div>
${drawAccuracyTrack(report)}
<div class="ends"><span>0%</span><span>100%</span></div>
<div class="note">95% interval ${formatPercent(low)} to ${formatPercent(high)} · the tick is the baseline (always the largest class), ${formatPercent(computeGuessing(report))}</div>
</section>`;
}

function formatFigures(columns: readonly Column[]): string {
  const head = columns.map(
    (column) =>
      `<th scope="col" class="${toneOf(column)}"><span class="origin">${column.origin}</span><b>${escapeHtml(column.title)}</b></th>`,
  );
  const rows = FIGURES.map(({ name, meaning, value, interval }, index) => {
    const cells = columns.map(({ report }) => {
      if (report === null)
        return index > 0 ? '' : `<td class="absent" rowspan="${FIGURES.length}">not measured</td>`;
      const range = interval?.(report) ?? null;
      return `<td>${value(report)}${range === null ? '' : `<small class="interval">${range}</small>`}</td>`;
    });
    return `<tr><th scope="row"><b>${name}</b><small>${escapeHtml(meaning)}</small></th>${cells.join('')}</tr>`;
  });
  return `<table class="figures" style="--columns:${columns.length + 1}"><thead><tr><td></td>${head.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table><p class="note" style="margin-top:10px">The smaller range under a figure is its 95% bootstrap interval.</p>`;
}

function formatCollection(report: EvaluationReport): string {
  const origin: Column['origin'] = report.outOfSource ? 'another source' : 'its own source';
  const roc = drawRoc(report);
  const positive = report.classNames.length === 2 ? escapeHtml(report.classNames[1]!) : 'each class';
  const abstention = formatAbstention(report);
  return `<section class="${toneOf({ origin })}">
<h2><span class="origin">${origin}</span>${escapeHtml(report.collection)}</h2>
${abstention === null ? '' : `<p>${escapeHtml(abstention)}</p>`}
<div class="plots">
${formatFigure('Reliability', 'Dashed line: perfect calibration (80% of the predictions with probability 80% are correct). Bars: number of articles.', drawReliability(report))}
${roc === null ? '' : formatFigure('ROC curve', `True against false positive rate for ${positive}. Dashed line: chance.`, roc)}
${formatFigure('Confusion', 'Rows: actual class. Columns: predicted class.', formatConfusion(report))}
</div>
<div class="tables">${formatClasses(report)}${formatSources(report.perSource)}</div>
</section>`;
}

function formatFigure(title: string, caption: string, content: string): string {
  return `<figure><figcaption><h3>${title}</h3><p>${caption}</p></figcaption>${content}</figure>`;
}

function formatClasses(report: EvaluationReport): string {
  const row = (
    name: string,
    figures: { precision: number; recall: number; f1: number },
    count: number,
  ): string =>
    `<tr><th scope="row">${name}</th><td>${figures.precision.toFixed(3)}</td><td>${figures.recall.toFixed(3)}</td><td>${figures.f1.toFixed(3)}</td><td>${count.toLocaleString('en-US')}</td></tr>`;
  const rows = report.perClass.map((figures) => row(escapeHtml(figures.name), figures, figures.support));
  return `<div><h3>By class</h3><div class="scroll"><table class="rows"><thead><tr><th scope="col">class</th><th scope="col">precision</th><th scope="col">recall</th><th scope="col">F1</th><th scope="col">articles</th></tr></thead><tbody>${rows.join('')}${row('<b>macro</b>', report.macro, report.n)}</tbody></table></div></div>`;
}

function formatSources(sources: EvaluationReport['perSource']): string {
  if (sources.length === 0)
    return '<div><h3>By outlet</h3><p class="note">The collection does not say where its articles come from.</p></div>';
  const rows = sources
    .slice(0, SOURCES_SHOWN)
    .map(
      ({ source, n, accuracy, macroF1 }) =>
        `<tr><th scope="row">${escapeHtml(source)}</th><td>${n.toLocaleString('en-US')}</td><td><i class="bar" style="--share:${(accuracy * 100).toFixed(1)}%"></i>${accuracy.toFixed(3)}</td><td>${macroF1.toFixed(3)}</td></tr>`,
    );
  const more = sources.length - rows.length;
  return `<div><h3>By outlet</h3><div class="scroll"><table class="rows"><thead><tr><th scope="col">outlet</th><th scope="col">articles</th><th scope="col">accuracy</th><th scope="col">macro F1</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>${more > 0 ? `<p class="note">and ${more} more in the JSON</p>` : ''}</div>`;
}

function formatOrigin(reports: readonly EvaluationReport[]): string {
  const facts = reports.map(
    (report) =>
      `<dt>${escapeHtml(report.collection)}</dt><dd>${escapeHtml(report.testSet)} · ${escapeHtml(report.parents.join(' · '))} · ${escapeHtml(report.createdAt)}</dd>`,
  );
  return `<footer><h3>Where the figures come from</h3><dl>${facts.join('')}</dl></footer>`;
}
