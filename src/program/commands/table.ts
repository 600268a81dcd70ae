// Formats a table in plain columns without frames, so that other programs can cut and sort its lines.

/** Aligns `rows` under `headers`; columns of numbers are right-aligned. */
export function formatTable(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headers.map((header, i) =>
    Math.max(header.length, ...rows.map((row) => (row[i] ?? '').length)),
  );
  const numeric = headers.map(
    (_, i) =>
      rows.some((row) => /\d/.test(row[i] ?? '')) && rows.every((row) => /^[-\d.,%s ]*$/.test(row[i] ?? '')),
  );
  return [headers, ...rows]
    .map((row) =>
      widths
        .map((width, i) => (numeric[i] ? (row[i] ?? '').padStart(width) : (row[i] ?? '').padEnd(width)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
