// Formats an audit as text for a terminal: problems first, then what tells the classes apart.
import { formatRejectReason } from '../reject-reason-sentences.ts';
import type { AuditReport } from './report.ts';

const SHOWN = 12;
/** Information in bits: about that of a mark in half of one class's articles and a quarter of the other's. */
export const TELLING_BITS = 0.05;

/** Formats an audit as lines of text. */
export function formatAuditText(report: AuditReport): string {
  const names = report.classes.map(({ name }) => name);
  const shares = (share: readonly number[]): string =>
    share.map((value, i) => `${names[i]} ${percent(value)}`).join(', ');
  const { rejected } = report.rows;
  const left = report.giveAways.filter(({ cleaned }) => cleaned !== null && cleaned.bits >= TELLING_BITS);
  return [
    `audit of ${report.name}${report.synthetic ? ' (synthetic articles)' : ''}: ${report.files.map((file) => `${file.name}${file.edition === null ? '' : ` (${file.edition})`}`).join(', ')}`,
    `rows      ${report.rows.read} read, ${report.rows.usable} usable, ${report.rows.empty} empty, ${rejected.reduce((sum, { count }) => sum + count, 0)} unusable`,
    ...rejected.map(({ reason, count }) => `          ${count} × ${formatRejectReason(reason)}`),
    ...report.classes.map(
      (one) =>
        `class     ${one.name}: ${one.rows} (${percent(one.share)}), title ${one.titleWords[2]} words, text ${one.textWords[2]} words (median; 90% of the texts have ${one.textWords[1]} to ${one.textWords[3]})`,
    ),
    `copies    ${names.map((name, i) => `${name} ${report.copies.repeatedTitles[i]} repeated titles, ${report.copies.repeatedTexts[i]} repeated texts`).join('; ')}; ${report.copies.contradictingTitles} titles under several labels`,
    `baseline  accuracy of always predicting the largest class: ${percent(report.majorityAccuracy)}`,
    '',
    'What gives the label away in the raw files (accuracy from this alone):',
    ...report.giveAways
      .filter(({ raw }) => raw.bits >= TELLING_BITS)
      .slice(0, SHOWN)
      .map(
        ({ summary, raw, cleaned }) =>
          `  ${percent(raw.accuracyAlone)}  ${summary}: ${shares(raw.share)}${cleaned === null ? '' : `; cleaned ${percent(cleaned.accuracyAlone)}`}`,
      ),
    ...columnLines(report),
    '',
    left.length === 0
      ? `After cleaning (data.strip=${report.strip}) no trace of the publisher gives the label away.`
      : `What still gives the label away after cleaning (data.strip=${report.strip}):`,
    ...left
      .sort((a, b) => (b.cleaned?.bits ?? 0) - (a.cleaned?.bits ?? 0))
      .slice(0, SHOWN)
      .map(
        ({ summary, cleaned }) =>
          `  ${percent(cleaned?.accuracyAlone ?? 0)}  ${summary}: ${shares(cleaned?.share ?? [])}`,
      ),
    '',
    'Most predictive words after cleaning (accuracy from the word alone; share of each class that has it):',
    ...report.terms.cleaned
      .slice(0, SHOWN)
      .map((term) => `  ${percent(term.accuracyAlone)}  ${term.term}: ${shares(term.share)}`),
  ].join('\n');
}

function columnLines(report: AuditReport): string[] {
  const values = report.columns.flatMap(({ column, distinct, accuracyAlone, pure }) =>
    accuracyAlone !== null && accuracyAlone > report.majorityAccuracy + 0.02
      ? [
          `  ${percent(accuracyAlone)}  column ${column} (${distinct} values; ${percent(pure ?? 0)} of the rows have a value of one class only)`,
        ]
      : [],
  );
  const marks = report.columns.flatMap(({ column, marks: found }) =>
    found
      .filter(({ bits }) => bits >= TELLING_BITS)
      .map(({ name, accuracyAlone }) => `  ${percent(accuracyAlone)}  column ${column} ${name}`),
  );
  return [...values, ...marks];
}

/** 0.4567 as "45.7%". */
export function percent(value: number): string {
  return `${(value * 100).toFixed(1)}%`;
}
