// The difference of two tables as one HTML page.
import { escapeHtml, formatPage } from '../../foundation/html/index.ts';
import { type ChangeKind, changeKinds, type DataDifference } from './data-difference.ts';
import {
  formatShareOf,
  formatSides,
  listClasses,
  listSources,
  nameLabel,
  SOURCE_HEADERS,
} from './difference-text.ts';
import { drawBar, formatFigures, formatHtmlTable, INSPECT_STYLE } from './page-style.ts';

const MAX_SOURCES = 100;
const KIND_TITLES: Readonly<Record<ChangeKind, string>> = {
  added: 'Added',
  removed: 'Removed',
  relabelled: 'Relabelled',
  textChanged: 'Text changed',
};

export function formatDifferenceHtml(difference: DataDifference): string {
  const { before, after, sources } = difference;
  const hasSources = sources.length > 1 || sources[0]?.source !== null;
  const body = [
    '<p class="eyebrow">Difference of data</p>',
    `<h1>${escapeHtml(before.name)} → ${escapeHtml(after.name)}</h1>`,
    formatFigures([
      ...changeKinds.map((kind) => [KIND_TITLES[kind].toLowerCase(), String(difference[kind])] as const),
      ['unchanged', String(difference.unchanged)],
    ]),
    ...formatSides(difference).map((line) => `<p class="note">${escapeHtml(line)}</p>`),
    `<h2>Classes</h2>${formatClasses(difference)}`,
    formatRelabels(difference),
    hasSources ? `<h2>Sources</h2>${formatSources(difference)}` : '',
    ...changeKinds.map((kind) => formatRows(difference, kind)),
  ];
  const title = `Difference of ${before.name} and ${after.name}`;
  return formatPage({ title, style: INSPECT_STYLE, body: `<main>${body.join('\n')}</main>` });
}

function formatClasses(difference: DataDifference): string {
  const { classes, before, after } = difference;
  const rows = listClasses(difference).map((cells, i) => {
    const { before: from, after: to } = classes[i]!;
    return [
      cells[0]!,
      cells[1]!,
      { html: `${formatShareOf(from, before.rows)}${htmlOf(drawBar(from / before.rows, true))}` },
      cells[3]!,
      { html: `${formatShareOf(to, after.rows)}${htmlOf(drawBar(to / after.rows))}` },
      cells[5]!,
    ];
  });
  return formatHtmlTable({
    headers: ['class', 'before', 'share before', 'after', 'share after', 'change'],
    rows,
    numeric: [1, 3, 5],
  });
}

function htmlOf(cell: ReturnType<typeof drawBar>): string {
  return typeof cell === 'string' ? escapeHtml(cell) : cell.html;
}

function formatRelabels({ relabels }: DataDifference): string {
  if (relabels.length === 0) return '';
  const rows = relabels.map(({ from, to, rows: count }) => [nameLabel(from), nameLabel(to), String(count)]);
  return `<h2>Changes of labels</h2>${formatHtmlTable({ headers: ['from', 'to', 'rows'], rows, numeric: [2], isSlim: true })}`;
}

function formatSources({ sources, classes }: DataDifference): string {
  const rows = listSources(sources, classes.length, MAX_SOURCES);
  const more =
    sources.length > MAX_SOURCES ? `<p class="note">and ${sources.length - MAX_SOURCES} more</p>` : '';
  return `${formatHtmlTable({ headers: SOURCE_HEADERS, rows, numeric: [1, 2, 3, 4, 5, 6] })}${more}`;
}

function formatRows(difference: DataDifference, kind: ChangeKind): string {
  const rows = difference.rows[kind];
  if (rows.length === 0) return '';
  const items = rows.map(({ row, source, labelBefore, labelAfter, title }) => {
    const label =
      kind === 'relabelled'
        ? `${nameLabel(labelBefore)} → ${nameLabel(labelAfter)}`
        : nameLabel(kind === 'removed' ? labelBefore : labelAfter);
    const about = [label, source].filter((part) => part !== null).join(' · ');
    const head = title === undefined || title === '' ? row : title;
    const place = head === row ? '' : ` · ${row}`;
    return `<li>${escapeHtml(head)}<small>${escapeHtml(about + place)}</small></li>`;
  });
  const more = difference[kind] - rows.length;
  return `<h2>${KIND_TITLES[kind]}: ${difference[kind]}</h2><ul class="rows">${items.join('\n')}</ul>${more > 0 ? `<p class="note">and ${more} more</p>` : ''}`;
}
