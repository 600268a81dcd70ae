// Draws how the classes are spread over months, sources and languages, as inline SVG and tables for the audit's page.
import { createPlot, escapeHtml, formatPlace, listTicks } from '../../../foundation/html/index.ts';
import { CLASS_COLOURS } from './audit-style.ts';
import type { AuditReport, BalanceRow } from './report.ts';

const SOURCES_SHOWN = 20;
const MONTH_TICKS = 5;

export function formatBalance(report: AuditReport): string {
  const names = report.classes.map(({ name }) => name);
  return [
    report.months.length > 1 ? formatMonths(report.months, names) : '',
    formatTable('Sources', report.sources, names),
    report.languages.length > 1
      ? formatTable('Languages of some articles (und: not found)', report.languages, names)
      : formatOneLanguage(report.languages),
  ].join('\n');
}

function formatOneLanguage([only]: readonly BalanceRow[]): string {
  return only === undefined || only.name === 'und' ? '' : `<p>Language: ${escapeHtml(only.name)}.</p>`;
}

function sizeOf({ rows }: BalanceRow): number {
  return rows.reduce((sum, count) => sum + count, 0);
}

/** Stacked bars, one for each month. */
function formatMonths(months: readonly BalanceRow[], names: readonly string[]): string {
  const high = Math.max(...months.map(sizeOf));
  const every = Math.ceil(months.length / MONTH_TICKS);
  const plot = createPlot({
    label: 'Articles of each class by month',
    x: {
      ...{ title: 'month', low: 0, high: months.length },
      ticks: months.flatMap(({ name }, i) => (i % every === 0 ? [{ at: i + 0.5, label: name }] : [])),
    },
    y: { title: 'articles', low: 0, high, ticks: listTicks(high).map((at) => ({ at, label: String(at) })) },
    ...{ width: 720, height: 240, margin: { left: 48, right: 12, top: 18, bottom: 40 }, titles: 'end' },
  });
  const bars = months.map(({ rows }, month) => {
    let below = 0;
    return rows
      .map((count, i) => {
        const [x, x2] = [plot.x(month + 0.1), plot.x(month + 0.9)];
        const [y, y2] = [plot.y(below + count), plot.y(below)];
        below += count;
        return count === 0
          ? ''
          : `<rect x="${formatPlace(x)}" y="${formatPlace(y)}" width="${formatPlace(x2 - x)}" height="${formatPlace(y2 - y)}" fill="${colourOf(i)}"/>`;
      })
      .join('');
  });
  const key = names.map(
    (name, i) => `<span class="swatch" style="background:${colourOf(i)}"></span>${escapeHtml(name)}`,
  );
  return `<h2>Months</h2><figure>${plot.draw(bars.join(''))}<figcaption><p>${key.join('')}</p></figcaption></figure>`;
}

function colourOf(i: number): string {
  return CLASS_COLOURS[i % CLASS_COLOURS.length] as string;
}

function formatTable(title: string, rows: readonly BalanceRow[], names: readonly string[]): string {
  if (rows.length === 0) return '';
  const head = ['', ...names].map(
    (name, i) => `<th scope="col"${i > 0 ? ' class="number"' : ''}>${escapeHtml(name)}</th>`,
  );
  const lines = rows
    .slice(0, SOURCES_SHOWN)
    .map(
      ({ name, rows: counts }) =>
        `<tr><td>${escapeHtml(name)}</td>${counts.map((count) => `<td class="number">${count}</td>`).join('')}</tr>`,
    );
  const more =
    rows.length > SOURCES_SHOWN ? `<p class="note">and ${rows.length - SOURCES_SHOWN} more</p>` : '';
  return `<h2>${title}</h2><div class="scroll" tabindex="0"><table><thead><tr>${head.join('')}</tr></thead><tbody>${lines.join('')}</tbody></table></div>${more}`;
}
