// The warnings about labels of a dataset, made once all rows have been counted.
import type { Issue } from '../../foundation/core/index.ts';
import type { DatasetWarning } from '../../foundation/records/index.ts';
import type { Ingested, UnnamedLabel } from './ingest.ts';
import { formatLabelsArgument, formatRows } from './label-block.ts';
import { findLabelSpellings, suggestClass } from './label-spellings.ts';
import type { DataOptions } from './options.ts';
import { formatPlaces, MAX_PLACES } from './row-loss.ts';

type LabelsUnmapped = Extract<DatasetWarning, { code: 'LABELS_UNMAPPED' }>;

/** So many different labels can be shown: they are no texts of articles. */
const FEW_LABELS = 5;
const MANY_LABELS = 20;

export function warnOfLabels(table: Ingested, config: DataOptions): DatasetWarning[] {
  const unmapped = findUnmapped(table, config);
  const alike = findLabelSpellings(table.labelCounts, config.classes, config.labels);
  return [...(unmapped === null ? [] : [unmapped]), ...(alike === null ? [] : [alike])];
}

function findUnmapped(
  { losses, unnamed, read, labelCounts }: Ingested,
  config: DataOptions,
): LabelsUnmapped | null {
  const found = losses.filter(({ reason }) => reason === 'LABEL_UNMAPPED' || reason === 'LABEL_UNKNOWN');
  const rows = found.reduce((sum, loss) => sum + loss.rows, 0);
  if (rows === 0) return null;
  const sorted = [...unnamed].sort((a, b) => b.rows - a.rows);
  const shown = areLabels(sorted, rows) ? sorted : [];
  const known = [
    ...labelCounts.map(({ written, className }) => [written, className] as const),
    ...Object.entries(config.labels ?? {}).flatMap(([label, to]) =>
      to === null ? [] : [[label, to] as const],
    ),
    ...labelCounts.map(({ className }) => [className, className] as const),
  ];
  const named =
    config.labels ?? Object.fromEntries(labelCounts.map((count) => [count.written, count.className]));
  const suggested = shown.map(({ name }) => [name, suggestClass(name, known)] as const);
  return {
    code: 'LABELS_UNMAPPED',
    setting: found.some(({ reason }) => reason === 'LABEL_UNMAPPED') ? 'data.labels' : 'data.classes',
    rows,
    read,
    values: shown.map(({ name, rows: count, examples }) => ({ name, rows: count, examples: [...examples] })),
    others: sorted.length - shown.length,
    examples: found.flatMap(({ examples }) => examples).slice(0, MAX_PLACES),
    labels: shown.length === 0 ? null : { ...named, ...Object.fromEntries(suggested) },
  };
}

/** Whether values can be labels: they are few, or rows share them. Otherwise they may be titles from a wrong column. */
function areLabels(values: readonly UnnamedLabel[], rows: number): boolean {
  return values.length <= FEW_LABELS || (values.length <= MANY_LABELS && rows >= 2 * values.length);
}

/** The issue of an error about classes if labels look misspelt: they may be why a class has so few rows. */
export function listAlike(table: Ingested, config: DataOptions): Issue[] {
  const found = findLabelSpellings(table.labelCounts, config.classes, config.labels);
  if (found === null || found.alike.length + found.missing.length === 0) return [];
  const label = ({ name, rows }: { name: string; rows: number }): string => `"${name}" ${rows}`;
  const looks = [
    ...found.alike.map(({ labels }) => `${labels.map(label).join(', ')} look like one class`),
    ...(found.missing.length > 0 ? [`${found.missing.map(label).join(', ')}: like a missing label`] : []),
  ];
  const labels = leaveOutSmall(found.labels, table, config);
  const leavesOut = Object.values(labels).includes(null) ? ' (null leaves rows out)' : '';
  const message = `${looks.join('; ')}. Correct this and add it${leavesOut}: ${formatLabelsArgument(labels)}`;
  return [{ path: 'data.labels', code: 'LABELS_ALIKE', message }];
}

/** A class that would still have too few rows for the splits is left out: the setting must not lead to the same error. */
function leaveOutSmall(
  labels: Readonly<Record<string, string | null>>,
  { labelCounts }: Ingested,
  { split }: DataOptions,
): Record<string, string | null> {
  const needed = 1 + Number(split.validation > 0) + Number(split.test > 0);
  const rowsOf = new Map<string | null, number>();
  for (const { written, rows } of labelCounts) {
    const to = labels[written] ?? null;
    rowsOf.set(to, (rowsOf.get(to) ?? 0) + rows);
  }
  return Object.fromEntries(
    Object.entries(labels).map(([label, to]) => [label, (rowsOf.get(to) ?? 0) < needed ? null : to]),
  );
}

/** One issue of an error for each label that is not named, and one with the setting that names them. */
export function listUnmapped(table: Ingested, config: DataOptions): Issue[] {
  const found = findUnmapped(table, config);
  if (found === null) return [];
  const issues = found.values.map(({ name, rows, examples }) => ({
    path: formatPlaces(examples.slice(0, 1)),
    code: 'LABEL_UNMAPPED',
    message: `"${name}": ${formatRows(rows)} (${formatPlaces(examples)})`,
  }));
  if (found.labels === null) {
    const message = `${found.others} different labels in ${formatRows(found.rows)}: is data.columns.label the right column?`;
    return [...issues, { path: 'data.columns.label', code: 'LABEL_UNMAPPED', message }];
  }
  const message = `null leaves rows out; correct this and add it: ${formatLabelsArgument(found.labels)}`;
  return [...issues, { path: 'data.labels', code: 'LABEL_UNMAPPED', message }];
}
