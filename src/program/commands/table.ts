// Formats a table in plain columns without frames, so that other programs can cut and sort its lines.

/** Characters that take two places in a terminal (Chinese, Japanese, Korean, emoji), and those that take none. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/gu;
const EMPTY = /\p{Mn}|\p{Me}|\u200b|\u200c|\u200d|\ufe0f/gu;

/** How many places a text takes in a terminal. */
export function countCells(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  const wide = text.match(WIDE)?.length ?? 0;
  return [...text.replace(EMPTY, '')].length + wide;
}

/** Aligns `rows` under `headers`; columns of numbers are right-aligned. */
export function formatTable(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headers.map((header, i) =>
    Math.max(countCells(header), ...rows.map((row) => countCells(row[i] ?? ''))),
  );
  const numeric = headers.map(
    (_, i) =>
      rows.some((row) => /\d/.test(row[i] ?? '')) && rows.every((row) => /^[-\d.,%s ]*$/.test(row[i] ?? '')),
  );
  return [headers, ...rows]
    .map((row) =>
      widths
        .map((width, i) => {
          const cell = row[i] ?? '';
          const space = ' '.repeat(width - countCells(cell));
          return numeric[i] ? `${space}${cell}` : `${cell}${space}`;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
