// Formats an audit as one self-contained HTML page: no scripts, no network.
import { escapeHtml, formatPage } from '../../../foundation/html/index.ts';
import { formatRejectReason } from '../reject-reason-sentences.ts';
import { percent } from './audit-text.ts';
import type { Mark } from './information.ts';
import type { AuditReport } from './report.ts';

const AUDIT_STYLE = `
:root { color-scheme: light dark; --bar: #3b7dd8; --line: #8884; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:has(.bar) { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
.bar { display: inline-block; height: .6rem; background: var(--bar); border-radius: 2px; vertical-align: middle; margin-right: .4rem; }
.wide { overflow-x: auto; }
.wide table { min-width: 36rem; }
`;

/** Formats an audit as one self-contained page. */
export function formatAuditHtml(report: AuditReport): string {
  const title = `Audit of ${report.name}`;
  const body = [
    `<h1>${escapeHtml(title)}</h1>`,
    report.synthetic
      ? '<p><strong>These articles are synthetic: invented for this program.</strong></p>'
      : '',
    `<p>${report.rows.read} rows read, ${report.rows.usable} usable, ${report.rows.empty} empty. Always predicting the largest class has an accuracy of ${percent(report.majorityAccuracy)}. A trace that reaches much more on its own gives the label away; its bar is long.</p>`,
    formatFiles(report),
    formatClassTable(report),
    formatUnusableRows(report),
    formatMarks(report),
    formatColumns(report),
    formatTerms(report, 'cleaned'),
    formatTerms(report, 'raw'),
  ];
  return formatPage({ title, style: AUDIT_STYLE, body: body.filter((part) => part !== '').join('\n') });
}

function formatFiles({ files }: AuditReport): string {
  return table(
    ['File', 'Bytes', 'md5', 'Edition'],
    files.map((file) => [file.name, String(file.sizeBytes), file.md5, file.edition ?? '']),
    [1],
  );
}

function formatClassTable({ classes, copies }: AuditReport): string {
  const headers = [
    'Class',
    'Articles',
    'Share',
    'Title words (5%, median, 95%)',
    'Text words (5%, median, 95%)',
    'Repeated titles',
    'Repeated texts',
  ];
  const rows = classes.map((one, i) => [
    one.name,
    String(one.rows),
    percent(one.share),
    one.titleWords.slice(1, 4).join(', '),
    one.textWords.slice(1, 4).join(', '),
    String(copies.repeatedTitles[i] ?? 0),
    String(copies.repeatedTexts[i] ?? 0),
  ]);
  return `<h2>Classes</h2>
${table(headers, rows, [1, 2, 5, 6])}
<p>${copies.contradictingTitles} rows have a title that also occurs with another label.</p>`;
}

function formatUnusableRows({ rows: { rejected } }: AuditReport): string {
  const rows = rejected.map(({ reason, count }) => [formatRejectReason(reason), String(count)]);
  return rows.length === 0 ? '' : `<h2>Unusable rows</h2>${table(['Reason', 'Rows'], rows, [1])}`;
}

function formatMarks({ classes, giveAways, majorityAccuracy, strip }: AuditReport): string {
  const names = classes.map(({ name }) => name);
  const headers = [
    'Trace',
    'Accuracy: raw',
    'cleaned',
    ...names.map((name) => `${name}: raw`),
    ...names.map((name) => `${name}: cleaned`),
  ];
  const rows = giveAways.map(({ summary, raw, cleaned }) => [
    escapeHtml(summary),
    bar(raw, majorityAccuracy),
    cleaned === null ? '' : bar(cleaned, majorityAccuracy),
    ...raw.share.map(percent),
    ...names.map((_, i) => (cleaned === null ? '' : percent(cleaned.share[i] ?? 0))),
  ]);
  const numeric = [...names, ...names].map((_, i) => i + 3);
  return `<h2>Traces of the publisher</h2>
<p>How often each trace occurs in each class, in the raw files and after cleaning (data.strip=${strip}).</p>
${table(headers, rows, numeric, true)}`;
}

function formatColumns({ classes, columns }: AuditReport): string {
  const names = classes.map(({ name }) => name);
  const formatMark = (mark: AuditReport['columns'][number]['marks'][number]): string =>
    `${mark.name}: ${mark.share.map((value, i) => `${names[i]} ${percent(value)}`).join(', ')}`;
  const rows = columns.map(({ column, distinct, accuracyAlone, pure, marks }) => [
    column,
    distinct === null ? 'many' : String(distinct),
    accuracyAlone === null ? '' : percent(accuracyAlone),
    pure === null ? '' : percent(pure),
    marks
      .filter(({ bits }) => bits > 0.01)
      .map(formatMark)
      .join('; '),
  ]);
  const headers = ['Column', 'Values', 'Accuracy from the value', 'Rows whose value has one class', 'Typing'];
  return `<h2>Columns</h2>\n${table(headers, rows, [1, 2, 3])}`;
}

function formatTerms({ classes, terms, majorityAccuracy }: AuditReport, side: 'cleaned' | 'raw'): string {
  const names = classes.map(({ name }) => name);
  const rows = terms[side].map((term) => [
    escapeHtml(term.term),
    bar(term, majorityAccuracy),
    ...term.share.map(percent),
  ]);
  const numeric = names.map((_, i) => i + 2);
  return `<h2>Most predictive words: ${side === 'raw' ? 'raw files' : 'after cleaning'}</h2>
${table(['Term', 'Accuracy', ...names], rows, numeric, true)}`;
}

/** @param isHtml  whether the cells already are HTML */
function table(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  numeric: readonly number[],
  isHtml = false,
): string {
  const align = (i: number): string => (numeric.includes(i) ? ' class="number"' : '');
  const cell = (value: string, i: number): string =>
    `<td${align(i)}>${isHtml ? value : escapeHtml(value)}</td>`;
  return `<div class="wide"><table><thead><tr>${headers.map((header, i) => `<th scope="col"${align(i)}>${escapeHtml(header)}</th>`).join('')}</tr></thead><tbody>\n${rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n')}\n</tbody></table></div>`;
}

/** Accuracy as a number and a bar; the bar starts at the accuracy of always guessing the largest class. */
function bar(mark: Mark, majorityAccuracy: number): string {
  const gained = Math.max(0, mark.accuracyAlone - majorityAccuracy) / Math.max(1e-9, 1 - majorityAccuracy);
  const width = (gained * 5).toFixed(2);
  return `<span class="bar" style="width:${width}rem"></span>${percent(mark.accuracyAlone)}`;
}
