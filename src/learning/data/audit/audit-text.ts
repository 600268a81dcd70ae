// Formats an audit as text for a terminal: what stops a training first, then what gives the label away, then what is wrong.
import { hasCounts, type Measure } from './measure.ts';
import type { AuditReport, GiveAway, GiveAwayStatus } from './report.ts';

const SHOWN = 12;

/** What each status means, as a heading. */
export const STATUS_HEADINGS: Readonly<Record<GiveAwayStatus, string>> = {
  stops: 'Stops a training: the model would read it, above its limit',
  case: 'Stops the training of a model that tells capital letters from small ones',
  unread: 'Above its limit in a column that no model reads',
  found: 'Below its limit, but clearly there',
  removed: 'In the raw files, removed by cleaning',
  slight: 'Slight',
};

/** Formats an audit as lines of text. */
export function formatAuditText(report: AuditReport): string {
  const { rejected } = report.rows;
  const unusable = rejected.reduce((sum, { rows }) => sum + rows, 0);
  const files = report.files.map(({ name, edition }) => `${name}${edition === null ? '' : ` (${edition})`}`);
  return [
    `audit of ${report.name}${report.synthetic ? ' (synthetic articles)' : ''}: ${files.join(', ')}`,
    `rows      ${report.rows.read} read, ${report.rows.usable} usable, ${report.rows.empty} empty, ${unusable} unusable`,
    ...rejected.map(({ words, rows }) => `          ${rows} × ${words}`),
    ...report.classes.map(
      (one) =>
        `class     ${one.name}: ${one.rows} (${percent(one.share)}), title ${one.titleWords[2]} words, text ${one.textWords[2]} words (median; 90% of the texts have ${one.textWords[1]} to ${one.textWords[3]})${one.empty === 0 ? '' : `, ${one.empty} empty`}`,
    ),
    `copies    ${formatCopies(report)}`,
    `baseline  accuracy of always predicting the largest class: ${percent(report.majorityAccuracy)}; of a quick model of all words: ${percent(report.quickModel.accuracyAlone)}`,
    '',
    formatOutcome(report),
    ...(['stops', 'case', 'unread', 'found', 'removed'] as const).flatMap((status) =>
      formatStatus(report, status),
    ),
    ...formatWhole(report),
    '',
    'Most predictive words after cleaning (accuracy from the word alone; articles of each class that have it):',
    ...report.terms.cleaned
      .slice(0, SHOWN)
      .map((term) => `  ${percent(term.accuracyAlone)}  ${term.term}: ${formatCounts(report, term.rows)}`),
  ].join('\n');
}

/** One sentence: whether a training would be stopped. */
export function formatOutcome({ giveAways, strip }: Pick<AuditReport, 'giveAways' | 'strip'>): string {
  const of = (status: GiveAwayStatus): number => giveAways.filter((one) => one.status === status).length;
  const [stops, needsCase] = [of('stops'), of('case')];
  const cleaning = `after cleaning (data.strip=${strip})`;
  if (stops > 0) return `${countOf(stops, 'give-away')} above the limits ${cleaning}: a training is stopped.`;
  if (needsCase > 0)
    return `Nothing is above the limits ${cleaning} for models that read small letters only; ${countOf(needsCase, 'give-away')} for models that read capitals.`;
  return `No give-away is above the limits ${cleaning}.`;
}

function formatStatus(report: AuditReport, status: GiveAwayStatus): string[] {
  const found = report.giveAways.filter((one) => one.status === status);
  if (found.length === 0) return [];
  const more = found.length > SHOWN ? [`  … and ${found.length - SHOWN} more on the page`] : [];
  return [
    '',
    `${STATUS_HEADINGS[status]}:`,
    ...found.slice(0, SHOWN).map((one) => formatGiveAway(report, one)),
    ...more,
  ];
}

function formatGiveAway(report: AuditReport, { summary, raw, cleaned }: GiveAway): string {
  const shown = cleaned ?? raw;
  const figures = [
    ...(raw === null ? [] : [`raw ${percent(raw.separation)}`]),
    ...(cleaned === null ? [] : [`cleaned ${percent(cleaned.separation)}`]),
  ];
  const counts =
    shown !== null && hasCounts(shown)
      ? ` (${formatCounts(report, hasCounts(raw ?? shown) && cleaned?.bits === 0 && raw !== null && hasCounts(raw) ? raw.rows : shown.rows)})`
      : '';
  return `  ${figures.join(', ')}  ${summary}${counts}`;
}

function formatWhole(report: AuditReport): string[] {
  const { whole } = report;
  if (whole === null) return [];
  const { strip, time, suspects } = whole;
  return [
    '',
    `data.strip: a quick model reaches ${percent(strip.before.accuracyAlone)} without it and ${percent(strip.after.accuracyAlone)} with it (${strip.rows} articles)`,
    ...(time === null ? [] : [`time: ${formatTime(time)}`]),
    suspects.rows === null
      ? 'labels: a quick model tells the classes too badly to doubt a label'
      : `labels: ${suspects.rows.length} of ${suspects.measured} may be wrong, for a person to review (--label-errors FILE lists them)`,
  ];
}

/** What the split by time shows, as one sentence. */
export function formatTime(time: NonNullable<NonNullable<AuditReport['whole']>['time']>): string {
  const span = `${time.rows} articles have a date, ${time.from} to ${time.to}`;
  if (time.time === null || time.random === null || time.cut === null)
    return `${span}; too few, or a class is missing before or after the newest fifth`;
  return `${span}; learned before ${time.cut} and tested after it, a quick model reaches ${percent(time.time.accuracyAlone)}; on a random split ${percent(time.random.accuracyAlone)}`;
}

/** Copies as one sentence. */
export function formatCopies({ classes, copies }: Pick<AuditReport, 'classes' | 'copies'>): string {
  const perClass = classes.map(
    ({ name }, i) =>
      `${name} ${copies.repeatedTitles[i]} repeated titles, ${copies.repeatedTexts[i]} repeated texts`,
  );
  return `${perClass.join('; ')}; ${copies.contradictingTitles} titles under several labels; ${copies.contradicting} rows with contradicting labels; ${copies.acrossSplits} near copies across splits (${copies.acrossRowSplits} if rows were split at random)`;
}

function formatCounts({ classes }: AuditReport, rows: readonly number[]): string {
  return classes.map(({ name }, i) => `${name} ${rows[i] ?? 0}`).join(', ');
}

/** "1 give-away", "2 give-aways". */
function countOf(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** 0.4567 as "45.7%". */
export function percent(value: number): string {
  return `${(value * 100).toFixed(1)}%`;
}

/** How well something tells a class from the others, with the low end of its interval. */
export function formatSeparation({ separation, low }: Measure): string {
  return `${percent(separation)} (at least ${percent(low)})`;
}
