// Warnings about a dataset as English text. Only the edges use them: the terminal and the JSON of commands.
import type { DatasetWarning } from '../../foundation/records/index.ts';
import { formatLabelsArgument, formatLabelsYaml, formatRows } from './label-block.ts';
import { formatRawNote } from './reading.ts';
import { adviseOnLoss, formatLostShare, formatPlaces } from './row-loss.ts';

/** The text of one warning: a sentence on the first line, then what to look at and what to paste. */
export function formatDatasetWarning(warning: DatasetWarning): string {
  switch (warning.code) {
    case 'ROWS_SET_ASIDE':
      return formatSetAside(warning);
    case 'LABELS_ALIKE':
      return formatAlike(warning);
    case 'LABELS_UNMAPPED':
      return formatUnmapped(warning);
    case 'SPLITS_OVERLAP':
      return `${formatRows(warning.rows)} of the given splits are not used: a copy or near-copy stands in validation or test, which are kept`;
    default:
      return `${warning.file}: ${formatRawNote(warning)}`;
  }
}

/** Warnings as the JSON of a command holds them: texts, and beside them the facts. */
export function buildDatasetWarningAnswer(warnings: readonly DatasetWarning[]) {
  return {
    warnings: warnings.map(formatDatasetWarning),
    warningFacts: warnings.map((warning) => ({ ...warning, message: formatDatasetWarning(warning) })),
  };
}

type Of<C extends DatasetWarning['code']> = Extract<DatasetWarning, { code: C }>;

function formatSetAside(warning: Of<'ROWS_SET_ASIDE'>): string {
  const { rows, read, words, perClass, examples } = warning;
  const classes = perClass.length === 0 ? '' : ` (${perClass.map(formatLabel).join(', ')})`;
  return [
    `${rows.toLocaleString('en')} of ${formatRows(read)} are not used (${formatLostShare(rows / read)}): ${words}${classes}`,
    `  see ${formatPlaces(examples)}`,
    `  ${adviseOnLoss(warning)}`,
  ].join('\n');
}

function formatAlike({ alike, missing, rare, labels }: Of<'LABELS_ALIKE'>): string {
  const counts = new Map(
    [...alike.flatMap((group) => group.labels), ...missing, ...rare].map(({ name, rows }) => [name, rows]),
  );
  const isJoined = alike.length + missing.length > 0;
  return [
    isJoined
      ? 'some labels look misspelt or like a missing label; at present each is a class of its own'
      : 'some classes have very few rows',
    ...alike.map(
      (group) => `  alike (${group.differIn.join(', ')}): ${group.labels.map(formatLabel).join(', ')}`,
    ),
    ...(missing.length > 0 ? [`  like a missing label: ${missing.map(formatLabel).join(', ')}`] : []),
    ...(rare.length > 0 ? [`  very few rows: ${rare.map(formatLabel).join(', ')}`] : []),
    isJoined
      ? '  to join them, check this block and paste it into your file in configs/data (null leaves rows out):'
      : '  to join them with others or leave them out (null), change this block and paste it into your file in configs/data:',
    ...formatBlocks(labels, counts),
    '  if all of them are correct, list them in data.classes to end this warning',
  ].join('\n');
}

function formatUnmapped(warning: Of<'LABELS_UNMAPPED'>): string {
  const { setting, rows, read, values, others, examples, labels } = warning;
  const of = `${rows.toLocaleString('en')} of ${formatRows(read)} are not used (${formatLostShare(rows / read)})`;
  if (labels === null) {
    return [
      `${of}: their labels are not in ${setting} (${others.toLocaleString('en')} different ones)`,
      `  see ${formatPlaces(examples)}; is data.columns.label the right column?`,
    ].join('\n');
  }
  return [
    `${of}: their labels are not in ${setting}`,
    ...values.map((value) => `  ${formatLabel(value)}: see ${formatPlaces(value.examples)}`),
    '  to name them, check this block and paste it into your file in configs/data (null leaves rows out):',
    ...formatBlocks(labels, new Map(values.map((value) => [value.name, value.rows]))),
  ].join('\n');
}

/** The setting for a file in configs and for the command line. */
function formatBlocks(labels: Of<'LABELS_ALIKE'>['labels'], counts: ReadonlyMap<string, number>): string[] {
  return [
    ...formatLabelsYaml(labels, counts).map((line) => `    ${line}`),
    '  or on the command line:',
    `    ${formatLabelsArgument(labels)}`,
  ];
}

function formatLabel({ name, rows }: { readonly name: string; readonly rows: number }): string {
  return `"${name}" ${rows.toLocaleString('en')}`;
}
