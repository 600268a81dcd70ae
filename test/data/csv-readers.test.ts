// The reader against others, where these agree: Papa Parse here, Python's csv and DuckDB through the rows that
// reference/csv-readers.py kept.
import { readFileSync } from 'node:fs';
import Papa from 'papaparse';
import { expect, it } from 'vitest';
import { createCsvParser } from '../../src/learning/data/csv-parser.ts';

interface Case {
  readonly text: string;
  readonly rows: readonly (readonly string[])[];
}

const cases = JSON.parse(
  readFileSync(new URL('./reference/csv-readers.json', import.meta.url), 'utf8'),
) as readonly Case[];

it('reads what Papa Parse, Python and DuckDB read alike', () => {
  let compared = 0;
  for (const { text, rows } of cases) {
    const papa = Papa.parse<string[]>(text, { delimiter: ',', newline: '\n', skipEmptyLines: true });
    if (JSON.stringify(papa.data.slice(1)) !== JSON.stringify(rows)) continue;
    compared++;
    const parser = createCsvParser();
    const ours = [...parser.push(Buffer.from(text)), ...parser.end()];
    expect([text, ours.slice(1).map((row) => ('fields' in row ? row.fields : row.reason.code))]).toEqual([
      text,
      rows,
    ]);
  }
  expect(compared).toBeGreaterThan(150);
});
