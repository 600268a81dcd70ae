// Formats an audit as one self-contained HTML page: no scripts, no network. The give-aways come first, ranked, each with an
// example of at most twelve words and what to do; then what is wrong with the data.
import { escapeHtml, formatPage } from '../../../foundation/html/index.ts';
import { AUDIT_STYLE } from './audit-style.ts';
import { formatCopies, formatOutcome, formatTime, percent, STATUS_HEADINGS } from './audit-text.ts';
import { formatBalance } from './balance-html.ts';
import { hasCounts, type Mark, type Measure } from './measure.ts';
import type { AuditReport, GiveAway, GiveAwayStatus } from './report.ts';

const SUSPECTS_SHOWN = 20;
const REMOVED_SHOWN = 60;
const WORD_STATUS: Readonly<Record<GiveAwayStatus, string>> = {
  stops: 'stops training',
  case: 'stops models that read capitals',
  unread: 'warning: column above its limit',
  found: 'below its limit',
  removed: 'removed by cleaning',
  slight: 'slight',
};

/** Formats an audit as one self-contained page. */
export function formatAuditHtml(report: AuditReport): string {
  const title = `Audit of ${report.name}`;
  const body = [
    `<main><p class="eyebrow">Veracity: data audit</p><h1>${escapeHtml(title)}</h1>`,
    report.synthetic
      ? '<p><strong>These articles are synthetic: invented for this program.</strong></p>'
      : '',
    formatSummary(report),
    formatGiveAways(report),
    formatParts(report),
    formatColumns(report),
    formatTerms(report, 'cleaned'),
    formatTerms(report, 'raw'),
    formatStrip(report),
    `<h2>Copies</h2><p>${escapeHtml(formatCopies(report))}.</p><p>${report.copies.duplicates} rows are left out because an earlier one is the same; ${report.copies.nearDuplicates.reduce((a, b) => a + b, 0)} have a near copy or another version, and lie in one split with it.</p>`,
    formatClasses(report),
    formatBalance(report),
    formatSuspects(report),
    formatFiles(report),
    '</main>',
  ];
  return formatPage({ title, style: AUDIT_STYLE, body: body.filter((part) => part !== '').join('\n') });
}

function formatSummary(report: AuditReport): string {
  const has = (status: GiveAwayStatus): boolean => report.giveAways.some((one) => one.status === status);
  const kind = has('stops') ? ' stops' : has('case') ? ' case' : '';
  return `<p>${report.rows.read} rows read, ${report.rows.usable} usable, ${report.rows.empty} empty. Always predicting the largest class has an accuracy of ${percent(report.majorityAccuracy)}, a quick model of all words ${percent(report.quickModel.accuracyAlone)}.</p>
<p class="outcome${kind}">${escapeHtml(formatOutcome(report))}</p>`;
}

function formatGiveAways(report: AuditReport): string {
  const listed = report.giveAways.filter(
    ({ status, kind }) => status !== 'slight' && (kind !== 'part' || status !== 'found'),
  );
  const removed = listed.filter(({ status }) => status === 'removed');
  const present = listed.filter(({ status }) => status !== 'removed');
  const list = (findings: readonly GiveAway[], from: number): string =>
    findings.map((finding, i) => formatFinding(report, finding, from + i)).join('\n');
  const intro = `<p>How well each of these alone tells the named class from the others: the mean of two shares, articles of that class that are told and other articles that are not taken for it. 50% is chance, however unequal the classes are; the red line is the limit, which the low end of the 95% interval must stay below.</p>`;
  return `<h2>What gives the label away</h2>
${present.length + removed.length === 0 ? '<p>Nothing was found.</p>' : intro}
${list(present, 1)}
${removed.length === 0 ? '' : `<details${present.length === 0 ? ' open' : ''}><summary>${escapeHtml(STATUS_HEADINGS.removed)}: ${removed.length}</summary>${list(removed.slice(0, REMOVED_SHOWN), present.length + 1)}</details>`}`;
}

function formatFinding({ classes }: AuditReport, one: GiveAway, rank: number): string {
  const { summary, status, className, raw, cleaned, example, advice, limit } = one;
  const bars = [
    ...(raw === null ? [] : [formatBar('raw', raw, limit?.value ?? null)]),
    ...(cleaned === null ? [] : [formatBar('cleaned', cleaned, limit?.value ?? null)]),
  ];
  const counted = [cleaned, raw].find(
    (side): side is Mark => side !== null && hasCounts(side) && side.rows.some((n) => n > 0),
  );
  const counts =
    counted === undefined
      ? []
      : classes.map(({ name }, i) => `${name} ${counted.rows[i]} (${percent(counted.share[i] ?? 0)})`);
  const isOfTwo = counted === undefined && classes.length === 2;
  const given = isOfTwo ? 'tells both classes apart' : `gives away ${escapeHtml(className)}`;
  const notes = [
    ...(counts.length === 0 ? [] : [`Articles that have it: ${escapeHtml(counts.join(', '))}.`]),
    ...(example === null ? [] : [`Example: <q>${escapeHtml(example)}</q>`]),
    ...(advice === null ? [] : [escapeHtml(advice)]),
    ...(limit === null || status === 'removed' ? [] : [`Limit: ${limit.setting}=${limit.value}.`]),
  ];
  return `<section class="finding"><span class="rank">${rank}</span><div>
<p><strong>${escapeHtml(summary)}</strong> <span class="status ${status}">${WORD_STATUS[status]}</span></p>
<p class="note">${given}</p>
<div class="bars">${bars.join('')}</div>
${notes.map((note) => `<p class="note">${note}</p>`).join('')}</div></section>`;
}

/** A bar from chance to certainty. */
function formatBar(label: string, { separation, low }: Measure, limit: number | null): string {
  const place = (value: number): string => `${Math.max(0, Math.min(100, (value - 0.5) * 200)).toFixed(1)}%`;
  const line = limit === null ? '' : `<b style="left:${place(limit)}"></b>`;
  return `<span>${label}</span><span class="track" title="at least ${percent(low)}"><i class="${label}" style="width:${place(separation)}"></i>${line}</span><span>${percent(separation)}</span>`;
}

function formatParts({ giveAways }: AuditReport): string {
  const rows = giveAways
    .filter(({ kind }) => kind === 'part')
    .map(({ summary, raw, cleaned, limit, status }) => [
      summary,
      raw === null ? '' : percent(raw.separation),
      cleaned === null ? '' : `${percent(cleaned.separation)} (from ${percent(cleaned.low)})`,
      limit === null ? '' : String(limit.value),
      status === 'slight' ? '' : WORD_STATUS[status],
    ]);
  return `<h2>Parts of the articles alone</h2>
<p>What a quick model tells from one part, on articles that it did not learn from. The first and last tokens count only if they leave at most half of the errors of as many tokens from the middle of the text.</p>
${table(['Part', 'Raw', 'Cleaned', 'Limit', ''], rows, [1, 2, 3])}`;
}

function formatColumns({ classes, columns }: AuditReport): string {
  const rows = columns.map(({ column, role, distinct, accuracyAlone, pure, rules, marks }) => {
    const [best] = rules;
    const typing = marks.filter(({ bits }) => bits > 0.01);
    return [
      column,
      role ?? 'not read',
      distinct === null ? 'many' : String(distinct),
      accuracyAlone === null ? '' : percent(accuracyAlone),
      pure === null ? '' : percent(pure),
      best === undefined ? '' : `${best.words}: ${percent(best.separation)}, ${best.bits.toFixed(2)} bits`,
      typing
        .map(
          ({ name, share }) =>
            `${name}: ${classes.map((one, i) => `${one.name} ${percent(share[i] ?? 0)}`).join(', ')}`,
        )
        .join('; '),
    ];
  });
  return `<h2>Columns</h2>
<p>Rules are learned on one half of the rows and tested on the other, so that an id does not count because it can be learned by heart.</p>
${table(['Column', 'Role', 'Values', 'Accuracy of the value', 'Rows whose value has one class', 'Best rule', 'Typing'], rows, [2, 3, 4])}`;
}

function formatTerms({ classes, terms }: AuditReport, side: 'cleaned' | 'raw'): string {
  if (terms[side].length === 0) return '';
  const rows = terms[side].map((term) => [
    term.term,
    percent(term.accuracyAlone),
    term.bits.toFixed(3),
    ...classes.map((_, i) => String(term.rows[i] ?? 0)),
  ]);
  const names = classes.map(({ name }) => name);
  const heading = side === 'raw' ? 'in the raw files' : 'after cleaning';
  const list = table(
    ['Words', 'Accuracy alone', 'Bits', ...names],
    rows,
    names.map((_, i) => i + 3).concat(1, 2),
  );
  const title = `Words and pairs of words that say most, ${heading}`;
  return side === 'raw'
    ? `<details><summary>${title}</summary>${list}</details>`
    : `<h2>${title}</h2><p>Articles of each class that have them. Most are what the articles are about.</p>${list}`;
}

function formatStrip({ classes, whole }: AuditReport): string {
  if (whole === null) return '';
  const { before, after, rules, rows } = whole.strip;
  const used = rules.filter((rule) => rule.after !== null);
  const list = used.map(({ rule, summary, changed, after: own }) => [
    rule,
    summary,
    ...classes.map((_, i) => percent(changed[i] ?? 0)),
    own === null ? '' : percent(own.accuracyAlone),
  ]);
  const headers = [
    'Rule',
    'What it does',
    ...classes.map(({ name }) => `${name} changed`),
    'Accuracy after it alone',
  ];
  return `<h2>What each cleaning rule removes</h2>
<p>A quick model of the words and signs of ${rows} articles reaches ${percent(before.accuracyAlone)} before any rule of data.strip, and ${percent(after.accuracyAlone)} after all of them.</p>
${table(headers, list, classes.map((_, i) => i + 2).concat(classes.length + 2))}`;
}

function formatClasses({ classes, rows, whole }: AuditReport): string {
  const list = classes.map((one) => [
    one.name,
    String(one.rows),
    percent(one.share),
    String(one.empty),
    one.titleWords.slice(1, 4).join(', '),
    one.textWords.slice(1, 4).join(', '),
  ]);
  const headers = [
    'Class',
    'Articles',
    'Share',
    'Empty',
    'Title words (5%, median, 95%)',
    'Text words (5%, median, 95%)',
  ];
  const unusable = rows.rejected
    .map(({ words, rows: lost }) => `<li>${lost} × ${escapeHtml(words)}</li>`)
    .join('');
  const time =
    whole?.time == null ? '' : `<h2>Order in time</h2><p>${escapeHtml(formatTime(whole.time))}.</p>`;
  return `<h2>Classes</h2>${table(headers, list, [1, 2, 3])}${unusable === '' ? '' : `<p>Unusable rows:</p><ul>${unusable}</ul>`}${time}`;
}

function formatSuspects({ whole }: AuditReport): string {
  if (whole === null) return '';
  const { measured, rows } = whole.suspects;
  if (rows === null)
    return '<h2>Labels that may be wrong</h2><p>A quick model tells the classes too badly to doubt a label.</p>';
  const list = rows
    .slice(0, SUSPECTS_SHOWN)
    .map((one) => [
      one.id,
      `${one.file}:${one.line}`,
      one.label,
      one.suggested,
      percent(one.probability),
      percent(one.suggestedProbability),
    ]);
  return `<h2>Labels that may be wrong</h2>
<p>${rows.length} of ${measured} articles: a model that did not learn from the article is more certain of another class than it is, on average, of the articles of that class. Nothing is changed; a person decides. <code>veracity data audit --label-errors FILE</code> writes all as CSV or JSON Lines.</p>
${list.length === 0 ? '' : table(['Id', 'Row', 'Label', 'Suggested', 'Probability of the label', 'of the suggested'], list, [4, 5])}`;
}

function formatFiles({ files, wrongEncoding, classes }: AuditReport): string {
  const broken = wrongEncoding.some((n) => n > 0)
    ? `<p>Articles with characters of a wrong encoding: ${escapeHtml(classes.map(({ name }, i) => `${name} ${wrongEncoding[i]}`).join(', '))}.</p>`
    : '';
  const list = files.map((file) => [file.name, String(file.sizeBytes), file.md5, file.edition ?? '']);
  return `<h2>Files</h2>${table(['File', 'Bytes', 'md5', 'Edition'], list, [1])}${broken}`;
}

function table(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  numeric: readonly number[],
): string {
  const align = (i: number): string => (numeric.includes(i) ? ' class="number"' : '');
  const head = headers.map((header, i) => `<th scope="col"${align(i)}>${escapeHtml(header)}</th>`).join('');
  const line = (row: readonly string[]): string =>
    `<tr>${row.map((value, i) => `<td${align(i)}>${escapeHtml(value)}</td>`).join('')}</tr>`;
  return `<div class="scroll" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>\n${rows.map(line).join('\n')}\n</tbody></table></div>`;
}
