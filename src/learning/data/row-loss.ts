// Counts the rows that are lost, by reason, with the first lines of each, and decides how many are too many: above 2% for one
// reason is a warning, above data.max_set_aside (10%) an error. Exact copies under one label do not count: a person would keep
// one of them, and one is kept. Rows that data.labels leaves out do not count either: a person has asked for that.
import { appError } from '../../foundation/core/index.ts';
import type { DatasetWarning, RowPlace } from '../../foundation/records/index.ts';
import { formatRows } from './label-block.ts';

/** A larger share of the rows, for one reason, is a warning. */
const WARNING_SHARE = 0.02;
/** How many rows a warning or an error names. */
export const MAX_PLACES = 5;

export interface Loss {
  /** EMPTY, CONFLICTING, or the code of a reject reason. */
  readonly reason: string;
  /** The reason in words. */
  readonly words: string;
  readonly rows: number;
  /** Empty where the rows have no class. */
  readonly perClass: readonly { readonly name: string; readonly rows: number }[];
  readonly examples: readonly RowPlace[];
}

/** Counts losses by their reason in words. */
export class LossCounts {
  readonly #losses = new Map<
    string,
    { reason: string; rows: number; perClass: Map<string, number>; examples: RowPlace[] }
  >();

  add(reason: string, words: string, place: RowPlace, className?: string): void {
    let loss = this.#losses.get(words);
    if (loss === undefined) {
      loss = { reason, rows: 0, perClass: new Map(), examples: [] };
      this.#losses.set(words, loss);
    }
    loss.rows++;
    if (loss.examples.length < MAX_PLACES) loss.examples.push(place);
    if (className !== undefined) loss.perClass.set(className, (loss.perClass.get(className) ?? 0) + 1);
  }

  /** The losses, in the order in which their reasons were first added. */
  list(): Loss[] {
    return [...this.#losses].map(([words, { reason, rows, perClass, examples }]) => ({
      reason,
      words,
      rows,
      perClass: [...perClass].map(([name, count]) => ({ name, rows: count })),
      examples,
    }));
  }
}

/** Whether a reason counts towards the limits. */
export function countsAsLost({ reason }: Loss): boolean {
  return reason !== 'LABEL_LEFT_OUT';
}

/** The warnings about reasons that take more than 2% of the rows. Labels that are not named have a warning of their own. */
export function warnOfLosses(losses: readonly Loss[], read: number): DatasetWarning[] {
  return losses
    .filter(
      (loss) => countsAsLost(loss) && !/^LABEL_UN/.test(loss.reason) && loss.rows > WARNING_SHARE * read,
    )
    .map((loss) => ({
      code: 'ROWS_SET_ASIDE' as const,
      ...loss,
      read,
      perClass: [...loss.perClass],
      examples: [...loss.examples],
    }));
}

/**
 * @param list  the file that lists the rows; null if there is none
 * @throws DATA_SET_ASIDE if one reason takes more than `limit` of the rows
 */
export function assertFewLosses(
  { name, read, limit, list }: { name: string; read: number; limit: number; list: string | null },
  losses: readonly Loss[],
): void {
  const worst = findTooMany(losses, limit * read);
  if (worst === undefined) return;
  throw appError('DATA_SET_ASIDE', {
    name,
    allowed: formatLostShare(limit),
    rows: formatRows(worst.rows),
    read: read.toLocaleString('en'),
    share: formatLostShare(worst.rows / read),
    words: worst.words,
    places: formatPlaces(worst.examples),
    advice: adviseOnLoss(worst),
    list: list === null ? '' : `All of them are listed in ${list}. `,
    flag: suggestLimit(worst.rows, read),
  });
}

/** The reason with most rows, if it has more than `limit` of them. */
export function findTooMany(losses: readonly Loss[], limit: number): Loss | undefined {
  const worst = losses.filter(countsAsLost).sort((a, b) => b.rows - a.rows)[0];
  return worst !== undefined && worst.rows > limit ? worst : undefined;
}

/** What a person can do about a reason, beside correcting the rows. */
export function adviseOnLoss({ reason }: Pick<Loss, 'reason'>): string {
  switch (reason) {
    case 'EMPTY':
      return 'If the titles are the articles, set data.columns.text to their column and data.columns.title=null.';
    case 'CONFLICTING':
      return 'Correct the labels; with data.near_duplicates.threshold=1 only equal texts contradict each other.';
    case 'ID_REPEATED':
      return 'If the column does not identify articles, set data.columns.id=null.';
    case 'LABEL_EMPTY':
      return 'Fill in the labels, or check data.columns.label.';
    case 'LABEL_UNMAPPED':
      return 'Name these labels in data.labels (null leaves one out), or check data.columns.label.';
    case 'LABEL_UNKNOWN':
      return 'Name these labels in data.classes, or join them with data.labels.';
    default:
      return 'Correct these lines.';
  }
}

/** The smallest value of data.max_set_aside, in hundredths, that lets this many rows pass. */
export function suggestLimit(rows: number, read: number): number {
  let limit = Math.ceil((rows / read) * 100) / 100;
  while (rows > limit * read) limit = Math.round((limit + 0.01) * 100) / 100;
  return Math.min(1, limit);
}

export function formatLostShare(share: number): string {
  return `${Number((share * 100).toPrecision(share < 0.1 ? 2 : 3))}%`;
}

/** Rows by file and line: `a.csv:3, 7 and b.csv:12`. */
export function formatPlaces(places: readonly RowPlace[]): string {
  const files = [...new Set(places.map(({ file }) => file))];
  return files
    .map(
      (file) =>
        `${file}:${places
          .filter((place) => place.file === file)
          .map(({ line }) => line)
          .join(', ')}`,
    )
    .join(' and ');
}
