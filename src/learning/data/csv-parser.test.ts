import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { type BadRow, type CsvRow, createCsvParser, isBadRow } from './csv-parser.ts';

function parse(
  bytes: Buffer | string,
  chunkBytes = Number.POSITIVE_INFINITY,
  maxRowBytes?: number,
): (CsvRow | BadRow)[] {
  const data = Buffer.from(bytes as string);
  const parser = createCsvParser(maxRowBytes === undefined ? {} : { maxRowBytes });
  const rows: (CsvRow | BadRow)[] = [];
  for (let at = 0; at < data.length; at += chunkBytes)
    rows.push(...parser.push(data.subarray(at, at + chunkBytes)));
  return [...rows, ...parser.end()];
}

const fields = (rows: (CsvRow | BadRow)[]): (readonly string[])[] =>
  rows.map((row) => (isBadRow(row) ? [row.reason.code] : row.fields));

describe('CSV parser', () => {
  it('reads quotes, doubled quotes, embedded breaks and separators, LF and CRLF, with line numbers', () => {
    const rows = parse('a,b\r\n"x ""y"", z","1\r\n2"\n\n,plain "quoted"\nlast,');
    expect(rows).toEqual([
      { line: 1, fields: ['a', 'b'] },
      { line: 2, fields: ['x "y", z', '1\r\n2'] },
      { line: 5, fields: ['', 'plain "quoted"'] },
      { line: 6, fields: ['last', ''] },
    ]);
  });

  it('drops a byte order mark and reads lone CR as line breaks', () => {
    expect(parse('\ufeffa,b\r1,2\r')).toEqual([
      { line: 1, fields: ['a', 'b'] },
      { line: 2, fields: ['1', '2'] },
    ]);
  });

  it.each([
    [';', 'a;b,c;d\n1;2,5;3'],
    ['tab', 'a\tb\tc\n1\t2,5\t3'],
  ])('finds the separator %s in the header', (_, text) => {
    expect(fields(parse(text))[1]).toEqual(['1', '2,5', '3']);
  });

  it.each([
    ['one comma, one semicolon', 'Subject;Text, whole\n1;2,5\n'],
    ['more commas than bars', 'Subject, short|Text, whole\n1|2,5\n'],
    ['a name in quotes', 'Subject;"Text, whole, plain"\n1;"2,5"\n'],
    ['commas that separate, without spaces', 'a|b,c\n1,"2,5"\n'],
    ['commas that separate, with spaces', 'a, b\n1,"2,5"\n'],
  ])('finds the separator beside names that hold one: %s', (_, text) => {
    expect(fields(parse(text))[1]).toEqual(['1', '2,5']);
  });

  it('reports bytes that are not UTF-8 with their line and continues', () => {
    const data = Buffer.concat([
      Buffer.from('a,b\nok,1\nbad,'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('\nok,2\n'),
    ]);
    expect(parse(data).slice(1)).toEqual([
      { line: 2, fields: ['ok', '1'] },
      { line: 3, reason: { code: 'ENCODING_INVALID' } },
      { line: 4, fields: ['ok', '2'] },
    ]);
  });

  it('reports text after a closing quote and a quote that never closes, and continues on the next line', () => {
    expect(parse('a,b\n"x"y,1\nok,2\n"open,3\nok,4\n').slice(1)).toEqual([
      { line: 2, reason: { code: 'QUOTE_TEXT_AFTER' } },
      { line: 3, fields: ['ok', '2'] },
      { line: 4, reason: { code: 'QUOTE_UNCLOSED' } },
      { line: 5, fields: ['ok', '4'] },
    ]);
  });

  it('skips a row that is longer than allowed and finds the next one', () => {
    const rows = parse(`a,b\n"${'x'.repeat(400)}\nok,2\nok,3\n`, 64, 256);
    expect(rows[1]).toMatchObject({ line: 2, reason: { code: 'ROW_UNENDED', limitBytes: 256 } });
    expect(rows.at(-1)).toEqual({ line: 4, fields: ['ok', '3'] });
  });

  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', 'é', '\u{1f600}', ' ') });
  const table = fc.array(fc.tuple(field, field, field), { minLength: 1, maxLength: 8 });
  it('reads back whatever a strict writer wrote, wherever the file is cut into chunks', () => {
    fc.assert(
      fc.property(
        table,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom('\n', '\r\n'),
        (rows, chunkBytes, newline) => {
          const text = [
            'h1,h2,h3',
            ...rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')),
          ].join(newline);
          expect(fields(parse(text, chunkBytes)).slice(1)).toEqual(rows);
        },
      ),
    );
  });

  it('agrees with Papa Parse on ordinary files', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const text = Papa.unparse([['h1', 'h2', 'h3'], ...rows], { newline: '\n' });
        const papa = Papa.parse<string[]>(text, { skipEmptyLines: true, newline: '\n', delimiter: ',' }).data;
        expect(fields(parse(text))).toEqual(papa);
      }),
    );
  });
});
