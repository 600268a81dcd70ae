// The page's plots as inline SVG and plain markup: no script, no library, readable when printed.
import {
  createPlot,
  drawSegment,
  escapeHtml,
  formatPlace,
  type Plot,
  type Tick,
} from '../../../foundation/html/index.ts';
import type { EvaluationReport } from '../../../foundation/records/index.ts';
import { computeGuessing } from '../words.ts';

/** A nearly square plot of two shares. */
const FRAME = {
  width: 320,
  height: 300,
  titles: 'middle',
  margin: { left: 50, right: 12, top: 12, bottom: 44 },
} as const;

/** Probability against truth: dots on the diagonal mean that "80%" is right 80 times in 100. */
export function drawReliability(report: EvaluationReport): string {
  const filled = report.reliability.filter((bin) => bin.n > 0);
  const low = Math.min(Math.floor(10 / report.classNames.length) / 10, 0.5);
  const plot = createPlot({
    ...FRAME,
    label: formatReliabilityLabel(report),
    x: { title: 'predicted probability', low, high: 1, ticks: listShareTicks(low) },
    y: { title: 'accuracy', low: 0, high: 1, ticks: listShareTicks(0) },
  });
  const most = Math.max(...filled.map((bin) => bin.n));
  const diagonal = drawSegment('reference', [plot.x(low), plot.y(low)], [plot.x(1), plot.y(1)]);
  const bars = filled.map((bin) => {
    const left = plot.x(Math.max(bin.low, low)) + 1;
    const width = Math.max(2, plot.x(bin.high) - left - 1);
    const height = (bin.n / most) * 44;
    return `<rect class="count" x="${formatPlace(left)}" y="${formatPlace(plot.bottom - height)}" width="${formatPlace(width)}" height="${formatPlace(height)}"/>`;
  });
  const gaps = filled.map((bin) => {
    const x = plot.x(bin.confidence);
    return drawSegment('gap', [x, plot.y(bin.confidence)], [x, plot.y(bin.accuracy)]);
  });
  const dots = filled.map((bin) => {
    const at = `cx="${formatPlace(plot.x(bin.confidence))}" cy="${formatPlace(plot.y(bin.accuracy))}"`;
    const title = `${bin.n} articles, mean probability ${bin.confidence.toFixed(2)}, accuracy ${bin.accuracy.toFixed(2)}`;
    return `<circle class="dot" ${at} r="${formatPlace(3 + 4 * Math.sqrt(bin.n / most))}"><title>${title}</title></circle>`;
  });
  return plot.draw([...bars, diagonal, ...gaps, ...dots].join(''));
}

function formatReliabilityLabel(report: EvaluationReport): string {
  const bins = report.reliability.filter((bin) => bin.n > 0);
  const list = bins.map((bin) => `${bin.confidence.toFixed(2)}: ${bin.accuracy.toFixed(2)} of ${bin.n}`);
  return `Reliability on ${report.collection}, probability: accuracy of articles. ${list.join('; ')}`;
}

/** The classes' curves against chance; null where only one class occurs. */
export function drawRoc(report: EvaluationReport): string | null {
  const curves = report.roc.filter(({ points }) => points.length > 0);
  if (curves.length === 0) return null;
  const auc = report.metrics.rocAuc?.toFixed(3) ?? 'unknown';
  const plot = createPlot({
    ...FRAME,
    label: `ROC curve on ${report.collection}, area ${auc}`,
    x: { title: 'false positive rate', low: 0, high: 1, ticks: listShareTicks(0) },
    y: { title: 'true positive rate', low: 0, high: 1, ticks: listShareTicks(0) },
  });
  const chance = drawSegment('reference', [plot.x(0), plot.y(0)], [plot.x(1), plot.y(1)]);
  const paths = curves.map(({ points, positive }, index) => {
    const place = points.map(([x, y]) => `${formatPlace(plot.x(x))} ${formatPlace(plot.y(y))}`);
    return `<path class="curve curve-${index % 4}" d="M${place.join('L')}"><title>${escapeHtml(positive)}</title></path>`;
  });
  const area = `<text class="inside" x="${plot.x(0.97)}" y="${plot.y(0.05)}" text-anchor="end">area ${auc}</text>`;
  return plot.draw([chance, ...paths, area, ...formatLegend(plot, curves)].join(''));
}

/** Names the curves where there are several, above the area's text. */
function formatLegend(plot: Plot, curves: EvaluationReport['roc']): string[] {
  if (curves.length < 2) return [];
  return curves.map(({ positive }, index) => {
    const y = plot.y(0.05) - 20 * (curves.length - index);
    const right = plot.x(0.97);
    return `<path class="curve curve-${index % 4}" d="M${right - 30} ${y - 4}H${right}"/><text class="inside" x="${right - 38}" y="${y}" text-anchor="end">${escapeHtml(positive)}</text>`;
  });
}

/** Actual against predicted class, shaded by the share of the row. */
export function formatConfusion(report: EvaluationReport): string {
  const head = report.classNames.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('');
  const rows = report.confusion.map((row, actual) => {
    const support = row.reduce((sum, count) => sum + count, 0);
    const cells = row.map((count, predicted) => {
      const share = support === 0 ? 0 : count / support;
      const kind = actual === predicted ? 'right' : 'wrong';
      return `<td class="cell ${kind}" style="--share:${share.toFixed(3)}"><b>${count.toLocaleString('en-US')}</b><span>${(share * 100).toFixed(0)}%</span></td>`;
    });
    return `<tr><th scope="row">${escapeHtml(report.classNames[actual]!)}</th>${cells.join('')}</tr>`;
  });
  return `<table class="confusion"><thead><tr><td><span class="visually-hidden">actual class, predicted class</span></td>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

/** Accuracy as a dot, its interval as a bar, guessing as a tick, on a line from 0 to 1. */
export function drawAccuracyTrack(report: EvaluationReport): string {
  const [low, high] = report.intervals.accuracy;
  const percent = (value: number): string => `${(value * 100).toFixed(2)}%`;
  const guessing = computeGuessing(report);
  const label = `accuracy ${report.metrics.accuracy.toFixed(3)}, 95% interval ${low.toFixed(3)} to ${high.toFixed(3)}, baseline ${guessing.toFixed(3)}`;
  return `<div class="track" role="img" aria-label="${label}"><i class="range" style="left:${percent(low)};width:${percent(high - low)}"></i><i class="guess" style="left:${percent(guessing)}"></i><i class="point" style="left:${percent(report.metrics.accuracy)}"></i></div>`;
}

/** From `low` to 1. */
function listShareTicks(low: number): Tick[] {
  const step = 1 - low > 0.6 ? 0.25 : 0.1;
  const ticks: Tick[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= 1 + 1e-9; i++)
    ticks.push({ at: i * step, label: String(Math.round(i * step * 100) / 100) });
  return ticks;
}
