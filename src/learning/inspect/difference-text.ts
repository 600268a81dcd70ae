// The difference of two tables as text for a terminal and as Markdown for a comment on a pull request.
import {
  type ChangeKind,
  changeKinds,
  type DataDifference,
  type DifferentRow,
  type SourceDifference,
} from './data-difference.ts';
import { escapeMarkdown, formatMarkdownTable, formatTextTable } from './text-table.ts';

const MAX_SOURCES = 15;
const KIND_WORDS: Readonly<Record<ChangeKind, string>> = {
  added: 'added',
  removed: 'removed',
  relabelled: 'relabelled',
  textChanged: 'text changed',
};

/** @param most  sources that are listed */
export function formatDifferenceText(difference: DataDifference, most = MAX_SOURCES): string {
  const { classes, relabels, sources, rows } = difference;
  const parts = [
    formatSides(difference).join('\n'),
    formatTextTable([], listFigures(difference)),
    formatTextTable(CLASS_HEADERS, listClasses(difference)),
  ];
  if (relabels.length > 0)
    parts.push(
      `relabelled: ${relabels.map(({ from, to, rows: n }) => `${n} from ${nameLabel(from)} to ${nameLabel(to)}`).join(', ')}`,
    );
  if (sources.length > 1 || sources[0]?.source !== null)
    parts.push(
      `${formatTextTable(SOURCE_HEADERS, listSources(sources, classes.length, most))}${tellMore(sources.length, most)}`,
    );
  for (const kind of changeKinds) {
    if (rows[kind].length === 0) continue;
    const more = difference[kind] - rows[kind].length;
    parts.push(
      [
        `${KIND_WORDS[kind]}:`,
        ...rows[kind].map((row) => `  ${formatRow(row, kind)}`),
        ...(more > 0 ? [`  and ${more} more`] : []),
      ].join('\n'),
    );
  }
  return parts.join('\n\n');
}

/** Sections of Markdown without a heading of their own. */
export function formatDifferenceMarkdown(difference: DataDifference, most = MAX_SOURCES): string {
  const { relabels, sources, classes } = difference;
  const parts = [
    formatSides(difference)
      .map((line) => `- ${escapeMarkdown(line)}`)
      .join('\n'),
    formatMarkdownTable(['rows', ''], listFigures(difference)),
    formatMarkdownTable(CLASS_HEADERS, listClasses(difference)),
  ];
  if (relabels.length > 0)
    parts.push(
      `Relabelled: ${relabels.map(({ from, to, rows: n }) => `${n} from ${escapeMarkdown(nameLabel(from))} to ${escapeMarkdown(nameLabel(to))}`).join(', ')}`,
    );
  if (sources.length > 1 || sources[0]?.source !== null)
    parts.push(
      `${formatMarkdownTable(SOURCE_HEADERS, listSources(sources, classes.length, most))}${tellMore(sources.length, most)}`,
    );
  return parts.join('\n\n');
}

export function formatSides({ before, after, matchedBy, idsIgnored }: DataDifference): string[] {
  const side = (word: string, { name, rows, unusable }: DataDifference['before']): string =>
    `${word} ${name}: ${rows} articles${unusable === 0 ? '' : `, ${unusable} unusable rows`}`;
  const by = {
    id: 'id',
    content: 'equal content',
    words: 'the same words',
    title: 'title',
    similarity: 'similar text',
  };
  const found = Object.entries(matchedBy).filter(([, count]) => count > 0);
  const how = found.map(([reason, count]) => `${count} by ${by[reason as keyof typeof by]}`).join(', ');
  return [
    side('before', before),
    side('after ', after),
    `rows found again: ${how || 'none'}${idsIgnored ? ' (not by id: the ids only number the rows)' : ''}`,
  ];
}

function listFigures(difference: DataDifference): string[][] {
  const { unchanged, sourceChanged } = difference;
  return [
    ...changeKinds.map((kind) => [KIND_WORDS[kind], String(difference[kind])]),
    ...(sourceChanged > 0 ? [['source changed', String(sourceChanged)]] : []),
    ['unchanged', String(unchanged)],
  ];
}

export const CLASS_HEADERS = ['class', 'before', 'share', 'after', 'share', 'change'];

export function listClasses({ classes, before, after }: DataDifference): string[][] {
  return classes.map((one) => [
    nameLabel(one.className),
    String(one.before),
    formatShareOf(one.before, before.rows),
    String(one.after),
    formatShareOf(one.after, after.rows),
    formatChange(one.after - one.before),
  ]);
}

export const SOURCE_HEADERS = [
  'source',
  'before',
  'after',
  'added',
  'removed',
  'relabelled',
  'text changed',
  'classes before',
  'after',
];

/** @param classCount  of the whole table: the classes of a source are listed if there are few */
export function listSources(
  sources: readonly SourceDifference[],
  classCount: number,
  most: number,
): string[][] {
  return sources.slice(0, most).map((one) => {
    const balance = (side: 'before' | 'after'): string =>
      classCount > 6
        ? `${one.classes.filter((row) => row[side] > 0).length} classes`
        : one.classes
            .filter((row) => row[side] > 0)
            .map((row) => `${nameLabel(row.className)} ${row[side]}`)
            .join(', ');
    return [
      one.source ?? '(none)',
      ...[one.before, one.after, one.added, one.removed, one.relabelled, one.textChanged].map(String),
      balance('before'),
      balance('after'),
    ];
  });
}

function tellMore(count: number, most: number): string {
  return count > most ? `\nand ${count - most} more sources` : '';
}

export function formatRow(
  { row, source, labelBefore, labelAfter, title }: DifferentRow,
  kind: ChangeKind,
): string {
  const label =
    kind === 'relabelled'
      ? `${nameLabel(labelBefore)} -> ${nameLabel(labelAfter)}`
      : nameLabel(kind === 'removed' ? labelBefore : labelAfter);
  return [row, label, source, title]
    .filter((part) => part !== null && part !== undefined && part !== '')
    .join('  ');
}

export function nameLabel(label: string | null): string {
  return label ?? '(no label)';
}

export function formatShareOf(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)}%`;
}

function formatChange(change: number): string {
  return change > 0 ? `+${change}` : String(change);
}
