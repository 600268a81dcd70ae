// Statistics of a table as text with small bars, and as Markdown.
import type { DataStatistics, Distribution, NamedCount } from './data-statistics.ts';
import { nameLabel } from './difference-text.ts';
import { formatMarkdownTable, formatTextTable } from './text-table.ts';

const MAX_ROWS = 12;
const BAR_CELLS = 20;
const EIGHTHS = ' ▏▎▍▌▋▊▉█';

export function formatStatisticsText(statistics: DataStatistics): string {
  const { classes, articles, distinctSources, months } = statistics;
  const most = Math.max(...classes.map(({ rows }) => rows));
  const parts = [
    formatStatisticsHead(statistics).join('\n'),
    formatTextTable(
      ['class', 'articles', 'share', ''],
      classes.map(({ name, rows }) => [
        nameLabel(name),
        String(rows),
        formatPart(rows, articles),
        drawTextBar(rows / most),
      ]),
    ),
    formatTextTable(LENGTH_HEADERS, listLengths(statistics)),
    formatLonger(statistics),
    formatGroups('language', statistics.languages, statistics.languageSample),
  ];
  if (distinctSources > 0) parts.push(formatGroups('source', statistics.sources, articles));
  if (months.some(({ name }) => name !== null)) parts.push(formatGroups('month', months, articles, 36));
  parts.push(formatCopyCounts(statistics));
  return parts.join('\n\n');
}

export function formatStatisticsMarkdown(statistics: DataStatistics): string {
  const { classes, articles, sources, distinctSources } = statistics;
  const parts = [
    formatStatisticsHead(statistics)
      .map((line) => `- ${line}`)
      .join('\n'),
    formatMarkdownTable(
      ['class', 'articles', 'share'],
      classes.map(({ name, rows }) => [nameLabel(name), String(rows), formatPart(rows, articles)]),
    ),
    formatMarkdownTable(LENGTH_HEADERS, listLengths(statistics)),
  ];
  if (distinctSources > 0)
    parts.push(
      formatMarkdownTable(
        ['source', 'articles', 'share'],
        sources
          .slice(0, MAX_ROWS)
          .map(({ name, rows }) => [name ?? '(none)', String(rows), formatPart(rows, articles)]),
      ),
    );
  parts.push(formatCopyCounts(statistics));
  return parts.join('\n\n');
}

export function formatStatisticsHead({
  name,
  files,
  articles,
  unusable,
  withoutLabel,
  withoutText,
  withoutTitle,
  distinctSources,
}: DataStatistics): string[] {
  const megabytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6;
  const lacking = [
    [unusable, 'unusable rows'],
    [withoutLabel, 'without a label'],
    [withoutTitle, 'without a title'],
    [withoutText, 'without a text'],
  ] as const;
  return [
    `${name}: ${articles} articles, ${megabytes.toFixed(megabytes < 10 ? 2 : 0)} MB in ${files.length} file${files.length === 1 ? '' : 's'}, ${distinctSources} sources`,
    ...lacking.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`),
  ];
}

export const LENGTH_HEADERS = ['length', 'mean', 'min', '5%', '25%', 'median', '75%', '95%', 'max'];

export function listLengths({ title, text, tokens, tokenizer }: DataStatistics): string[][] {
  const row = (name: string, one: Distribution): string[] => [
    name,
    one.mean.toFixed(1),
    ...[one.min, one.p5, one.p25, one.median, one.p75, one.p95, one.max].map(String),
  ];
  return [
    row('title, characters', title.characters),
    row('title, words', title.words),
    row('text, characters', text.characters),
    row('text, words', text.words),
    row(`tokens (${tokenizer ?? 'words and punctuation'})`, tokens),
  ];
}

export function formatLonger({ longerThan }: DataStatistics): string {
  return `longer than ${longerThan.map(({ tokens, share }) => `${tokens} tokens: ${(100 * share).toFixed(1)}%`).join(', ')}`;
}

export function formatCopyCounts({ copies }: DataStatistics): string {
  return `copies: ${copies.articles} of an earlier article (${copies.contradicting} under another label), ${copies.titles} of an earlier title, ${copies.texts} of an earlier text`;
}

function formatGroups(word: string, groups: readonly NamedCount[], whole: number, most = MAX_ROWS): string {
  const shown = word === 'month' ? groups.slice(-most) : groups.slice(0, most);
  const highest = Math.max(...shown.map(({ rows }) => rows));
  const table = formatTextTable(
    [word, 'articles', 'share', ''],
    shown.map(({ name, rows }) => [
      name ?? `(no ${word})`,
      String(rows),
      formatPart(rows, whole),
      drawTextBar(rows / highest),
    ]),
  );
  return groups.length > shown.length ? `${table}\nand ${groups.length - shown.length} more` : table;
}

export function formatPart(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)}%`;
}

/** @param share  0 to 1 */
function drawTextBar(share: number): string {
  const eighths = Math.max(share > 0 ? 1 : 0, Math.round(share * BAR_CELLS * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (eighths % 8 === 0 ? '' : EIGHTHS.charAt(eighths % 8));
}
