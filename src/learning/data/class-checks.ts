// Checks that every class has articles for every split; each error says which class lacks them, the counts, and what to do.
import { type AppError, appError, type Issue } from '../../foundation/core/index.ts';
import { type RowPlace, splitNames } from '../../foundation/records/index.ts';
import type { Ingested } from './ingest.ts';
import { formatLabelsArgument, formatRows } from './label-block.ts';
import type { DataOptions } from './options.ts';
import { adviseOnLoss, countsAsLost, formatPlaces, type Loss } from './row-loss.ts';

/** This many labels are accepted, however few articles there are; this many, if articles share them at all. */
const FEW_LABELS = 5;
const MANY_LABELS = 20;
const MAX_HINT_CHARS = 200;

/** @throws DATA_LABELS if there are so many labels that the label column must be another one, such as the title */
export function assertFewLabels(name: string, { rows, labelNames }: Ingested): void {
  const labels = labelNames.length;
  const share = labels <= MANY_LABELS ? 2 : splitNames.length;
  if (labels <= FEW_LABELS || rows >= labels * share) return;
  throw appError('DATA_LABELS', {
    name,
    expected: 'labels that articles share',
    got: `${labels} different ones in ${rows} articles`,
    hint: 'Is data.columns.label the right column?',
  });
}

/**
 * @param kept   kept rows by class
 * @param lists  files that list the lost rows
 * @throws DATA_CLASS_LOST if all rows of a class that has rows are lost
 */
export function assertNoClassLost(
  name: string,
  { labelCounts }: Ingested,
  kept: ReadonlyMap<string, number>,
  losses: readonly Loss[],
  lists: readonly string[],
): void {
  const lost = [...new Set(labelCounts.map(({ className }) => className))].filter(
    (className) => (kept.get(className) ?? 0) === 0,
  );
  if (lost.length === 0) return;
  const causes = losses
    .filter(
      (loss) => countsAsLost(loss) && loss.perClass.some(({ name: className }) => lost.includes(className)),
    )
    .sort((a, b) => b.rows - a.rows);
  const [main] = causes;
  throw appError('DATA_CLASS_LOST', {
    name,
    classes: lost.sort().join(' and '),
    lost: causes.map(formatLoss).join('; '),
    advice: main === undefined ? '' : adviseOnLoss(main),
    list: lists.length === 0 ? '' : ` The rows are listed in ${lists.join(' and ')}.`,
  });
}

function formatLoss({ rows, words, perClass, examples }: Loss): string {
  const classes = perClass.map((one) => `${one.name} ${one.rows}`).join(', ');
  return `${formatRows(rows)} (${classes}): ${words} (${formatPlaces(examples.slice(0, 2))})`;
}

export interface ClassFacts {
  readonly name: string;
  readonly rows: number;
  /** Groups of near-duplicates. */
  readonly groups: number;
  readonly first: RowPlace | null;
}

/**
 * @param spellings  labels that look misspelt, which may be why a class has so few rows
 * @throws DATA_LABELS for fewer than two classes; DATA_TOO_FEW for a class with fewer groups than splits
 */
export function assertClassesFill(
  config: DataOptions,
  classes: readonly ClassFacts[],
  spellings: readonly Issue[],
): void {
  const { name, split } = config;
  const present = classes.filter(({ rows }) => rows > 0);
  if (present.length < 2) {
    const [only] = present;
    throw appError('DATA_LABELS', {
      name,
      expected: 'articles of at least two classes',
      got: only === undefined ? 'no usable row' : `only ${only.name} (${formatRows(only.rows)})`,
      hint:
        only === undefined
          ? 'Check data.path, data.columns.label and data.labels.'
          : 'Add articles of another class, or check data.columns.label and data.labels.',
    });
  }
  const needed = 1 + Number(split.validation > 0) + Number(split.test > 0);
  const lacking = classes.filter(({ groups }) => groups < needed);
  const [first] = lacking;
  if (first === undefined) return;
  const { details } = tooFew(first, present, needed, config);
  const counts = lacking.map((one) => ({
    path: one.name,
    code: 'DATA_TOO_FEW',
    message: `${formatTooFew(one)}, ${needed} are needed`,
  }));
  const issues = [...(counts.length > 1 ? counts : []), ...spellings];
  const misspelt = {
    ...details,
    advice: 'Some labels look misspelt; the last line has the setting that joins them.',
    also: '',
  };
  throw appError('DATA_TOO_FEW', spellings.length > 0 ? misspelt : details, { issues });
}

function formatTooFew({ rows, groups, first }: ClassFacts): string {
  const at = first === null ? '' : ` (${formatPlaces([first])})`;
  if (rows <= 1) return `${formatRows(rows)}${at}`;
  return groups === 1
    ? `${formatRows(rows)} that are all near-duplicates of one another${at}`
    : `${formatRows(rows)} in ${groups} groups of near-duplicates${at}`;
}

function tooFew(
  facts: ClassFacts,
  present: readonly ClassFacts[],
  needed: number,
  { name, near_duplicates, labels }: DataOptions,
): AppError {
  const { name: className, rows, groups } = facts;
  if (rows === 0) {
    return appError('DATA_TOO_FEW', {
      name,
      expected: `articles of each class of data.classes`,
      got: `none of ${className} (there are ${present.map((one) => `${one.name} ${one.rows}`).join(', ')})`,
      advice: `Take ${className} out of data.classes, or name its label in data.labels.`,
      also: '',
    });
  }
  const leaveOut = `To leave it out: ${formatLabelsArgument(leaveOutClass(className, present, labels))}.`;
  return appError('DATA_TOO_FEW', {
    name,
    expected: `at least ${needed} articles of class ${className} that are no near-duplicates, one for each split`,
    got: formatTooFew(facts),
    advice:
      rows === groups || near_duplicates.threshold === 1
        ? `Add articles of ${className}, or join it with another class in data.labels.`
        : `Add other articles of ${className}; if these are not copies, raise data.near_duplicates.threshold (now ${near_duplicates.threshold}; with 1, only equal texts are copies).`,
    also:
      present.length <= 2
        ? ''
        : leaveOut.length > MAX_HINT_CHARS
          ? 'data.labels={LABEL: null} leaves a label out.'
          : leaveOut,
  });
}

/** The setting of data.labels in which the labels of one class are left out. */
function leaveOutClass(
  className: string,
  present: readonly ClassFacts[],
  labels: DataOptions['labels'],
): Record<string, string | null> {
  const named = labels ?? Object.fromEntries(present.map(({ name }) => [name, name]));
  return Object.fromEntries(
    Object.entries(named).map(([label, to]) => [label, to === className ? null : to]),
  );
}
