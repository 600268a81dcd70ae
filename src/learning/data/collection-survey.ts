// Looks through a collection before a model is measured on it: whether the file can be read, has the configured columns, and
// has labels that are classes of the model. A training asks this before its first step, so that it is not for nothing.
import { appError, formatName, formatNames, isAppError } from '../../foundation/core/index.ts';
import type { FileNote } from '../../foundation/records/index.ts';
import { COLLECTION_ENCODING, type CollectionOptions } from './collection.ts';
import { isBadRow } from './csv-parser.ts';
import { formatLabelsYaml } from './label-block.ts';
import { createLabelRules, unifyLabel } from './label-rules.ts';
import { readLabelledRow } from './labelled-rows.ts';
import { namePart, readRawRows } from './raw-rows.ts';
import { formatRejectReason } from './reject-reason-sentences.ts';
import { locateCollectionFiles } from './source-files.ts';

/** Rows that have something in common, and the line of the first. */
interface RowGroup {
  rows: number;
  readonly line: number;
}

export interface CollectionSurvey {
  readonly name: string;
  readonly path: string;
  readonly read: number;
  /** What the configuration says each label means; null: labels are class names. */
  readonly labels: CollectionOptions['labels'];
  /** What the reader noticed about the file; its name is that of the collection. */
  readonly notes: readonly FileNote[];
  /** By class name, as the labels and their map give it. */
  readonly classes: ReadonlyMap<string, RowGroup>;
  /** Labels that the map does not name. */
  readonly unnamed: ReadonlyMap<string, RowGroup>;
  /** Rows that are unusable for another reason, by its sentence. */
  readonly unusable: ReadonlyMap<string, RowGroup>;
}

/** Labels and reasons that a message lists. */
const MOST_LISTED = 5;

/**
 * Reads the labels of a collection.
 * @throws FILE_NOT_FOUND, COLLECTION_UNUSABLE, and what reading the file throws; the signal's reason when it is aborted
 */
export async function surveyCollection(
  {
    name,
    path,
    columns,
    labels,
    reading,
  }: Pick<CollectionOptions, 'name' | 'path' | 'columns' | 'labels' | 'reading'>,
  signal: AbortSignal,
): Promise<CollectionSurvey> {
  for (const role of ['text', 'label'] as const)
    if (columns[role] === null)
      throw refuse(name, path, `a column for the ${role} (columns.${role})`, 'null', SET_COLUMNS);
  const rules = createLabelRules({ labels, classes: null });
  const [classes, unnamed, unusable] = [newGroups(), newGroups(), newGroups()];
  const notes: FileNote[] = [];
  let read = 0;
  try {
    for (const file of await locateCollectionFiles(path, columns, reading)) {
      for await (const batch of readRawRows({ ...file, encodingArgument: COLLECTION_ENCODING })) {
        notes.push(...batch.notes.map((note) => ({ ...note, file: `${name} (${namePart(file, batch)})` })));
        signal.throwIfAborted();
        for (const raw of batch.rows) {
          read++;
          const row = readLabelledRow(raw, file, rules);
          if (!isBadRow(row)) count(classes, row.label, row.line);
          else if ('unnamed' in row) count(unnamed, row.unnamed, row.line);
          else count(unusable, formatRejectReason(row.reason), row.line);
        }
      }
    }
  } catch (error) {
    throw explain(error, name, path);
  }
  return { name, path, read, labels, notes, classes, unnamed, unusable };
}

/** Rows of a collection that are not measured, for each label: "spam (20 rows, the first in line 2)". */
export interface LabelsLeftOut {
  /** Labels that are no class of the model. */
  readonly otherClasses: readonly string[];
  /** Labels that the map of the collection does not name. */
  readonly notInMap: readonly string[];
}

/**
 * Checks that at least one article of a collection has a class of the model.
 * @returns the labels whose rows are left out
 * @throws COLLECTION_UNUSABLE with the labels by line number
 */
export function checkCollectionLabels(
  survey: CollectionSurvey,
  classNames: readonly string[],
): LabelsLeftOut {
  const { name, path, read, labels, classes, unnamed, unusable } = survey;
  const rules = createLabelRules({ labels: null, classes: classNames });
  const isKnown = (label: string): boolean => rules.choose(label)?.kind === 'class';
  const others = new Map([...classes].filter(([label]) => !isKnown(label)));
  const leftOut = { otherClasses: listGroups(others), notInMap: listGroups(unnamed) };
  if ([...classes.keys()].some(isKnown)) return leftOut;
  if (read === 0) throw refuse(name, path, 'articles', 'no rows', 'Check the path of the collection.');
  const expected = `labels that are classes of the model (${formatNames(classNames)})`;
  if (others.size + unnamed.size === 0)
    throw refuse(name, path, expected, listGroups(unusable).join(', '), SET_COLUMNS);
  const alike = (label: string): string | undefined =>
    classNames.find((className) => className.toLowerCase() === label.toLowerCase());
  /** The file's labels that the map gives this meaning. */
  const labelsFor = (meaning: string): string[] =>
    labels === null ? [meaning] : Object.keys(labels).filter((label) => labels[label] === meaning);
  const map = Object.fromEntries(
    [
      ...new Set(
        [...others.keys()]
          .flatMap(labelsFor)
          .concat([...unnamed.keys()])
          .map(unifyLabel),
      ),
    ] // one entry names all spellings of a number or truth value
      .slice(0, MOST_LISTED)
      .map((label, i) => [label, alike(label) ?? classNames[i % classNames.length]!]),
  );
  const lines = formatLabelsYaml(map, new Map());
  const block = lines
    .slice(lines.findIndex((line) => line.endsWith('labels:')) + 1)
    .map((line) => line.trim());
  const hint = `Say which class each label means, for example: labels: {${block.join(', ')}}`;
  const unmapped = unnamed.size === 0 ? [] : [`not in its labels: ${leftOut.notInMap.join(', ')}`];
  const got = [...(others.size === 0 ? [] : [leftOut.otherClasses.join(', ')]), ...unmapped].join('; ');
  throw refuse(name, path, expected, got, hint);
}

const SET_COLUMNS = 'Set columns of that collection; names of columns count by case.';

function newGroups(): Map<string, RowGroup> {
  return new Map();
}

function count(groups: Map<string, RowGroup>, key: string, line: number): void {
  const known = groups.get(key);
  if (known === undefined) groups.set(key, { rows: 1, line });
  else known.rows++;
}

/** "false (20 rows, the first in line 2)", the most frequent first. */
function listGroups(groups: ReadonlyMap<string, RowGroup>): string[] {
  const sorted = [...groups].sort(([, a], [, b]) => b.rows - a.rows);
  const listed = sorted
    .slice(0, MOST_LISTED)
    .map(([key, { rows, line }]) =>
      rows === 1
        ? `${formatName(key)} (line ${line})`
        : `${formatName(key)} (${rows} rows, the first in line ${line})`,
    );
  return sorted.length > MOST_LISTED ? [...listed, `${sorted.length - MOST_LISTED} more`] : listed;
}

/** Errors of reading name the settings of the data; those of a collection are set elsewhere. */
function explain(error: unknown, name: string, path: string): unknown {
  if (!isAppError(error)) return error;
  if (error.code === 'FILE_NOT_FOUND')
    return appError('FILE_NOT_FOUND', { path, kind: `file (evaluate.collections, ${name})` });
  if (error.code !== 'DATA_COLUMN_MISSING') return error;
  const { role, column, columns } = error.details;
  return refuse(name, path, `a column ${column} (columns.${role})`, String(columns), SET_COLUMNS);
}

function refuse(name: string, path: string, expected: string, got: string, remedy: string): Error {
  return appError('COLLECTION_UNUSABLE', { name, path, expected, got, remedy });
}
