// Tables as aligned text and as Markdown. Columns of numbers are aligned to the right.

export function formatTextTable(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = headers.length === 0 ? rows : [headers, ...rows];
  const columns = Math.max(...all.map((row) => row.length), 0);
  const at = Array.from({ length: columns }, (_, i) => i);
  const widths = at.map((i) => Math.max(...all.map((row) => measureWidth(row[i] ?? ''))));
  const isNumber = at.map((i) => rows.length > 0 && rows.every((row) => isFigure(row[i] ?? '')));
  return all
    .map((row) =>
      at
        .map((i) => {
          const cell = row[i] ?? '';
          const space = ' '.repeat((widths[i] as number) - measureWidth(cell));
          return isNumber[i] === true ? space + cell : cell + space;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function formatMarkdownTable(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const right = headers.map((_, i) => rows.length > 0 && rows.every((row) => isFigure(row[i] ?? '')));
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  return [
    line(headers),
    `| ${right.map((is) => (is ? '--:' : '---')).join(' | ')} |`,
    ...rows.map(line),
  ].join('\n');
}

/** Text from data as text in Markdown: no links, no mentions, no HTML, no break of a table. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]|~#]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '&#64;')
    .replaceAll('://', ':&#47;&#47;');
}

function isFigure(cell: string): boolean {
  return /^(?:[+-]?[\d.,]+%?)?$/.test(cell);
}

/** Columns on a terminal: East Asian characters take two. */
function measureWidth(text: string): number {
  return [...text].reduce(
    (sum, one) =>
      sum + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/.test(one) ? 2 : 1),
    0,
  );
}
