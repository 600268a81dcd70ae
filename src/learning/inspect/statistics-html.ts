// Statistics of a table as one HTML page with plots.
import { createPlot, escapeHtml, formatPage, formatPlace, listTicks } from '../../foundation/html/index.ts';
import type { DataStatistics, Distribution, NamedCount } from './data-statistics.ts';
import { nameLabel } from './difference-text.ts';
import { drawBar, formatFigures, formatHtmlTable, INSPECT_STYLE, type PageCell } from './page-style.ts';
import {
  formatCopyCounts,
  formatLonger,
  formatPart,
  formatStatisticsHead,
  LENGTH_HEADERS,
  listLengths,
} from './statistics-text.ts';

const MAX_SOURCES = 30;
const MAX_CLASSES = 6;

export function formatStatisticsHtml(statistics: DataStatistics): string {
  const {
    name,
    articles,
    classes,
    languages,
    sources,
    distinctSources,
    months,
    copies,
    title,
    text,
    tokens,
  } = statistics;
  const dated = months.filter((month) => month.name !== null);
  const body = [
    '<p class="eyebrow">Statistics of data</p>',
    `<h1>${escapeHtml(name)}</h1>`,
    formatFigures([
      ['articles', String(articles)],
      ['classes', String(classes.filter((one) => one.name !== null).length)],
      ['sources', String(distinctSources)],
      ['languages', String(languages.filter((one) => one.name !== null).length)],
      ['copies', String(copies.articles)],
    ]),
    ...formatStatisticsHead(statistics).map((line) => `<p class="note">${escapeHtml(line)}</p>`),
    `<h2>Classes</h2>${formatCounts(
      'class',
      classes.map((one) => ({ ...one, name: nameLabel(one.name) })),
      articles,
    )}`,
    '<h2>Lengths</h2>',
    formatHtmlTable({
      headers: LENGTH_HEADERS,
      rows: listLengths(statistics),
      numeric: [1, 2, 3, 4, 5, 6, 7, 8],
    }),
    `<p class="note">${escapeHtml(formatLonger(statistics))}</p>`,
    `<div class="plots">${drawHistogram('Words of a title', 'words', title.words)}${drawHistogram('Words of a text', 'words', text.words)}${drawHistogram('Tokens of an article', 'tokens', tokens)}</div>`,
    `<h2>Languages</h2>${formatCounts(
      'language',
      languages.map((one) => ({ ...one, name: one.name ?? '(too short to tell)' })),
      statistics.languageSample,
    )}`,
    distinctSources === 0 ? '' : `<h2>Sources</h2>${formatSourceTable(statistics)}`,
    dated.length === 0 ? '' : `<h2>Months</h2><div class="plots">${drawMonths(dated)}</div>`,
    `<h2>Copies</h2><p>${escapeHtml(formatCopyCounts(statistics))}</p>`,
  ];
  const more =
    sources.length > MAX_SOURCES
      ? `<p class="note">The largest ${MAX_SOURCES} of ${distinctSources} sources are listed.</p>`
      : '';
  return formatPage({
    title: `Statistics of ${name}`,
    style: INSPECT_STYLE,
    body: `<main>${body.join('\n')}${more}</main>`,
  });
}

function formatCounts(
  word: string,
  counts: readonly { readonly name: string; readonly rows: number }[],
  whole: number,
): string {
  const most = Math.max(...counts.map(({ rows }) => rows));
  return formatHtmlTable({
    headers: [word, 'articles', 'share', ''],
    rows: counts.map(({ name, rows }) => [name, String(rows), formatPart(rows, whole), drawBar(rows / most)]),
    numeric: [1, 2],
    isSlim: true,
  });
}

function formatSourceTable({ sources, classes, articles }: DataStatistics): string {
  const shown = sources.slice(0, MAX_SOURCES);
  const listed = classes.slice(0, MAX_CLASSES);
  const most = Math.max(...shown.map(({ rows }) => rows));
  const rows = shown.map(({ name, rows: count, perClass }): PageCell[] => [
    name ?? '(none)',
    String(count),
    formatPart(count, articles),
    drawBar(count / most),
    ...listed.map((_, i) => String(perClass[i])),
  ]);
  const headers = ['source', 'articles', 'share', '', ...listed.map(({ name }) => nameLabel(name))];
  return formatHtmlTable({ headers, rows, numeric: [1, 2, ...listed.map((_, i) => i + 4)] });
}

function drawHistogram(title: string, unit: string, { histogram, median }: Distribution): string {
  const columns = histogram.map(({ from, count }) => ({ label: String(from), count }));
  return `<figure><h3>${escapeHtml(title)}</h3>${drawColumns(`${title}: half have at most ${median}`, `${unit}, from`, columns)}<figcaption><p>Half have at most ${median}.</p></figcaption></figure>`;
}

function drawMonths(months: readonly NamedCount[]): string {
  const columns = fillMonths(months);
  const [first, last] = [months[0]?.name, months.at(-1)?.name];
  return `<figure><h3>Articles by month</h3>${drawColumns(`Articles by month, from ${first} to ${last}`, 'month', columns)}<figcaption><p>From ${first} to ${last}.</p></figcaption></figure>`;
}

/** Months without articles have a place, too; over many years, columns are years. */
function fillMonths(months: readonly NamedCount[]): { readonly label: string; readonly count: number }[] {
  const counts = new Map(months.map(({ name, rows }) => [name!, rows]));
  const numberOf = (month: string): number => Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1;
  const [from, to] = [numberOf(months[0]!.name!), numberOf(months.at(-1)!.name!)];
  if (to - from > 240) {
    const years = new Map<string, number>();
    for (const { name, rows } of months)
      years.set(name!.slice(0, 4), (years.get(name!.slice(0, 4)) ?? 0) + rows);
    return [...years].map(([label, count]) => ({ label, count }));
  }
  return Array.from({ length: to - from + 1 }, (_, i) => {
    const label = `${Math.floor((from + i) / 12)}-${String(((from + i) % 12) + 1).padStart(2, '0')}`;
    return { label, count: counts.get(label) ?? 0 };
  });
}

const MAX_TICKS = 7;

function drawColumns(
  label: string,
  axis: string,
  columns: readonly { readonly label: string; readonly count: number }[],
): string {
  const high = Math.max(...columns.map(({ count }) => count), 1) * 1.05;
  const every = Math.ceil(columns.length / MAX_TICKS);
  const plot = createPlot({
    label,
    x: {
      title: axis,
      low: 0,
      high: columns.length,
      ticks: columns.flatMap((column, i) => (i % every === 0 ? [{ at: i + 0.5, label: column.label }] : [])),
    },
    y: { title: 'articles', low: 0, high, ticks: listTicks(high).map((at) => ({ at, label: String(at) })) },
    width: 440,
    height: 230,
    margin: { left: 48, right: 10, top: 24, bottom: 40 },
    titles: 'end',
  });
  const bars = columns.map(({ count }, i) => {
    const [left, right, top] = [plot.x(i + 0.06), plot.x(i + 0.94), plot.y(count)];
    return count === 0
      ? ''
      : `<rect class="column" x="${formatPlace(left)}" y="${formatPlace(top)}" width="${formatPlace(right - left)}" height="${formatPlace(plot.bottom - top)}"/>`;
  });
  return plot.draw(bars.join(''));
}
