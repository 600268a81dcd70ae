import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { type BadRow, type CsvOptions, type CsvRow, createCsvParser, isBadRow } from './csv-parser.ts';

type Rows = (CsvRow | BadRow)[];

function parse(text: string | Buffer, options: CsvOptions = {}, chunkBytes = Number.POSITIVE_INFINITY): Rows {
  const data = Buffer.from(text as string);
  const parser = createCsvParser(options);
  const rows: Rows = [];
  for (let at = 0; at < data.length; at += chunkBytes)
    rows.push(...parser.push(data.subarray(at, at + chunkBytes)));
  return [...rows, ...parser.end()];
}

const show = (rows: Rows): (string | readonly string[])[] =>
  rows.map((row) => (isBadRow(row) ? row.reason.code : row.fields));

/** The last line of a row: a row that could be read goes on for each line break in it. */
function lastLineOf(row: CsvRow | BadRow): number {
  if (isBadRow(row)) return row.lastLine ?? row.line;
  return row.line + row.fields.join('').split(/\r\n|\n|\r/).length - 1;
}

/** Every line is the header, blank, or part of exactly one row. */
function expectEveryLineOnce(text: string, rows: Rows): void {
  const lines = text.split(/\r\n|\n|\r/);
  let next = 1;
  for (const row of rows) {
    expect(lines.slice(next - 1, row.line - 1).join('')).toBe('');
    expect(row.line).toBeGreaterThanOrEqual(next);
    next = lastLineOf(row) + 1;
  }
  expect(lines.slice(next - 1).join('')).toBe('');
}

const WORDS = [
  'ferry',
  'council',
  'orchard',
  'opened',
  'bridge',
  'on day 4',
  'said',
  'the lamp',
  'of Ostrey',
];
const words = (min: number, max: number) =>
  fc.array(fc.constantFrom(...WORDS), { minLength: min, maxLength: max }).map((list) => list.join(' '));
const article = fc.record({
  title: words(2, 4),
  text: fc.array(words(6, 12), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(', ')),
  label: fc.constantFrom('REAL', 'FAKE'),
});
/** What a hand, an export or a copy of an inch sign does to one row. */
const damage = fc.constantFrom('', '', '', '', 'lone quote', 'inch sign', 'quoted word', 'open title');
/** Some rows of each class are whole; the damaged ones may stand anywhere. */
const file = fc
  .tuple(
    fc.array(fc.tuple(article, damage), { minLength: 8, maxLength: 40 }),
    fc.array(fc.nat({ max: 40 }), { minLength: 4, maxLength: 4 }),
    fc.array(article, { minLength: 4, maxLength: 4 }),
  )
  .map(([rows, places, whole]) => {
    const all = [...rows];
    for (const [i, place] of places.entries()) {
      const label = i % 2 === 0 ? 'REAL' : 'FAKE';
      all.splice(place % (all.length + 1), 0, [{ ...(whole[i] as (typeof all)[number][0]), label }, '']);
    }
    return all;
  });

const quote = (text: string, separator: string): string =>
  text.includes(separator) || text.includes('"') ? `"${text.replaceAll('"', '""')}"` : text;

function writeRow(
  [{ title, text, label }, fault]: [{ title: string; text: string; label: string }, string],
  separator: string,
): string {
  const plain = text.replaceAll(', ', ' ');
  if (fault === 'lone quote') return [title, `"${plain}`, label].join(separator);
  if (fault === 'inch sign') return [title, `${plain} 32"`, label].join(separator);
  if (fault === 'quoted word') return [title, `"${WORDS[0]}" ${plain}`, label].join(separator);
  if (fault === 'open title') return [`"${title}`, plain, label].join(separator);
  return [title, quote(text, separator), label].join(separator);
}

describe('a messy CSV file', () => {
  it.each([',', ';', '\t', '|'])('loses only the rows that are damaged, separated by %j', (separator) => {
    fc.assert(
      fc.property(
        file,
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 20, max: 400 }),
        (rows, newline, chunkBytes) => {
          const header = ['title', 'text', 'label'].join(separator);
          const text = `${[header, ...rows.map((row) => writeRow(row, separator))].join(newline)}${newline}`;
          const read = parse(text, {}, chunkBytes);
          expect(read.slice(1).map(({ line }) => line)).toEqual(rows.map((_, i) => i + 2));
          const fieldsOf = show(read).slice(1);
          for (const [i, [{ title, text: body, label }, fault]] of rows.entries())
            if (fault === '') expect(fieldsOf[i]).toEqual([title, body, label]);
          expect(read).toEqual(parse(text));
        },
      ),
      { numRuns: 100, seed: 5 },
    );
  });

  const piece = fc.constantFrom('a', 'b c', '"', '""', ',', ',', '\n', '\n', '\r\n', ';', '"x"', 'é', ' ');
  it('accounts for every line, wherever the file is cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60 }),
        fc.integer({ min: 1, max: 30 }),
        (pieces, chunkBytes) => {
          const text = `h1,h2\n${pieces.join('')}`;
          const rows = parse(text);
          expectEveryLineOnce(text, rows);
          expect(parse(text, {}, chunkBytes)).toEqual(rows);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('accounts for every line where rows are longer than allowed', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 80 }),
        fc.integer({ min: 1, max: 30 }),
        (pieces, chunkBytes) => {
          const text = `h1,h2\n${pieces.join('')}`;
          expectEveryLineOnce(text, parse(text, { maxRowBytes: 12 }, chunkBytes));
        },
      ),
      { numRuns: 500 },
    );
  });

  const paragraph = fc.array(words(3, 9), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(', '));
  const longArticle = fc.record({
    title: words(2, 4),
    text: fc.array(paragraph, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('\n')),
    label: fc.constantFrom('REAL', 'FAKE'),
  });
  it.each([
    ['three columns', (a: { title: string; text: string; label: string }) => [a.title, a.text, a.label]],
    ['the text first', (a: { text: string; label: string }) => [a.text, a.label]],
    ['the text last', (a: { title: string; text: string; label: string }) => [a.label, a.title, a.text]],
  ])('keeps articles of several paragraphs that are quoted as the RFC says: %s', (_, order) => {
    fc.assert(
      fc.property(fc.array(longArticle, { minLength: 1, maxLength: 20 }), (articles) => {
        const rows = articles.map(order);
        const lines = [order({ title: 'title', text: 'text', label: 'label' }), ...rows].map((row) =>
          row.map((field) => (/[",\n]/.test(field) ? `"${field}"` : field)).join(','),
        );
        expect(show(parse(lines.join('\n'))).slice(1)).toEqual(rows);
      }),
    );
  });

  it.each([
    ['a list with a heading', 'title,text\nScores,"Results\nSmith, 34\nJones, 45"\nMoon,"Sold\nagain"\n', 2],
    [
      'an address',
      'text,label\n"Dear Sir, madam\nYours, Bob",REAL\n"It rained.\nIt stopped, then.",FAKE\n',
      2,
    ],
    [
      'a poem',
      'id,title,text\n1,Rain,"Rain, rain, go away\nCome, again, another day"\n2,Sun,"Sun\nshine"\n',
      2,
    ],
  ])('keeps %s', (_, text, count) => {
    expect(parse(text).filter((row) => !isBadRow(row))).toHaveLength(count + 1);
  });

  const word = fc.constantFrom(
    ...['ann', '3', 'score', 'x=1', 'print(a', 'b)', 'It rained', 'def f(a', 'b):', '"hi"', '0', '1'],
  );
  const tableLine = fc.array(word, { maxLength: 4 }).map((cells) => cells.join(','));
  const tableText = fc.array(tableLine, { minLength: 1, maxLength: 6 }).map((lines) => lines.join('\n'));
  it.each([
    ['title, text, class', [0, 1, 2]],
    ['text, class', [1, 2]],
    ['class, text', [2, 1]],
    ['title, text', [0, 1]],
    ['text, title', [1, 0]],
  ])('keeps tables and code within quoted texts: %s', (_, order) => {
    const row = fc.tuple(fc.constantFrom('Ferry opens', 'Council, again', 'A bridge'), tableText);
    const rowOf = fc
      .tuple(row, fc.constantFrom('0', '1'))
      .map(([[a, b], c]) => order.map((i) => [a, b, c][i]));
    fc.assert(
      fc.property(fc.array(rowOf, { minLength: 1, maxLength: 20 }), (rows) => {
        const text = Papa.unparse([order.map((i) => `h${i}`), ...rows], { newline: '\n' });
        expect(show(parse(text)).slice(1)).toEqual(rows);
      }),
      { numRuns: 200, seed: 9 },
    );
  });

  it.each([
    ['a table of the same width under a heading', 'title,text', 'Scores,"Results\nSmith,34\nJones,45"'],
    ['a table of classes', 'text,label', '"a,0\nb,1\nTotal",0'],
    ['a listing of such a file', 'label,text', 'howto,"Write rows:\nspam,buy now\nham,hello"'],
    ['code with many commas', 'id,text,label', '7,"f(a,b)\ng(x,y,z)\nh(p,q)",code'],
  ])('keeps %s among other quoted texts', (_, header, row) => {
    const width = header.split(',').length;
    const others = Array.from({ length: 12 }, (_x, i) =>
      Array.from({ length: width }, (_y, c) => (c === 1 ? `"It ""rained"".\nDay ${i}"` : `${i % 2}`)).join(
        ',',
      ),
    );
    const read = parse(`${[header, ...others, row, ...others].join('\n')}\n`);
    expect(read.filter(isBadRow)).toEqual([]);
    expect(read).toHaveLength(26);
  });

  it('finds a lone quote at the edge of a file that is quoted well otherwise', () => {
    const body = (i: number) => `The council opened the bridge ${'over the river '.repeat(2 + (i % 3))}again`;
    const label = (i: number) => (i % 2 === 0 ? 'REAL' : 'FAKE');
    const rows = Array.from({ length: 30 }, (_x, i) => `"He said ""so"".\n${body(i)}, at last",${label(i)}`);
    const plain = Array.from({ length: 8 }, (_x, i) => `${body(i)},${label(i)}`);
    plain[1] = `"${plain[1]}`;
    plain[6] = `${body(6)} of 32",REAL`;
    const read = parse(`text,label\n${[...rows, ...plain, ...rows].join('\n')}\n`);
    expect(read.filter(isBadRow)).toEqual([
      { line: 63, quoteEndLine: 68, reason: { code: 'QUOTE_OVER_ROWS' } },
    ]);
    expect(read).toHaveLength(69);
  });

  it('keeps what a program quoted throughout, whatever its lines look like', () => {
    const rows = ['"A","one","REAL"', '"B","two,FAKE\nC,three","REAL"', '"D","four","FAKE"'];
    expect(show(parse(`title,text,label\n${rows.join('\n')}\n`))[2]).toEqual([
      'B',
      'two,FAKE\nC,three',
      'REAL',
    ]);
  });

  it('names swallowed rows also where one of them has a field too few', () => {
    const rows = Array.from(
      { length: 30 },
      (_x, i) => `Ferry ${i},The council met,${i % 2 ? 'REAL' : 'FAKE'}`,
    );
    rows[4] = 'Ferry,"The council met,REAL';
    rows[12] = 'Ferry 12 and no more';
    rows[25] = 'Ferry,The council met 32",FAKE';
    const read = parse(`title,text,label\n${rows.join('\n')}\n`);
    expect(read.map(({ line }) => line)).toEqual(Array.from({ length: 31 }, (_x, i) => i + 1));
    expect(read.filter(isBadRow)).toEqual([
      { line: 6, quoteEndLine: 27, reason: { code: 'QUOTE_OVER_ROWS' } },
      { line: 14, reason: { code: 'FIELDS_MISSING' } },
    ]);
  });

  const title = (i: number): string => `Ferry ${'abcdefghijklmnop'[i]} of Ostrey`;
  const plainRow = (i: number): string => `${title(i)},The council opened the bridge`;
  it.each([
    ['in the first of several rows', 1, 4],
    ['near the end', 7, 9],
    ['over many rows', 2, 9],
  ])('finds a lone quote in a file without labels %s', (_, open, close) => {
    const rows = Array.from({ length: 10 }, (_x, i) => {
      if (i === open) return `${title(i)},"The council opened the bridge`;
      return i === close ? `${plainRow(i)} of 32"` : plainRow(i);
    });
    const read = parse(`title,text\n${rows.join('\n')}\n`);
    expect(read.filter(isBadRow)).toEqual([
      { line: open + 2, quoteEndLine: close + 2, reason: { code: 'QUOTE_OVER_ROWS' } },
    ]);
    expect(read).toHaveLength(11);
  });

  it('names the lines of a lone quote that closes before more text, and reads the lines between', () => {
    const text = 'title,text,label\nA,"one,REAL\nB,two,FAKE\nC,"so ""it"" is, here",REAL\nD,four,FAKE\n';
    expect(parse(text).slice(1)).toEqual([
      { line: 2, quoteEndLine: 4, reason: { code: 'QUOTE_TEXT_AFTER' } },
      { line: 3, fields: ['B', 'two', 'FAKE'] },
      { line: 4, fields: ['C', 'so "it" is, here', 'REAL'] },
      { line: 5, fields: ['D', 'four', 'FAKE'] },
    ]);
  });

  it('keeps a row of several lines with a missing field as one bad row', () => {
    const text = 'title,text,label\nA,"It rained.\nThen it stopped.\nSo they left."\nB,two,FAKE\n';
    expect(parse(text).slice(1)).toEqual([
      { line: 2, lastLine: 4, reason: { code: 'FIELDS_MISSING' } },
      { line: 5, fields: ['B', 'two', 'FAKE'] },
    ]);
  });

  describe('with a row that is longer than allowed', () => {
    const long = 'It rained all day.\n'.repeat(40);
    it.each([
      ['on one line', `"${'x'.repeat(700)}"`, 3],
      ['on one line without quotes', 'x'.repeat(700), 3],
      ['of many lines', `"${long}"`, 43],
      ['of many lines, with doubled quotes', `"${long.replaceAll('all', '""all""')}"`, 43],
      ['of many lines and a quoted field after it', `"${long}","${long}"`, 83],
    ])('counts one bad row: %s', (_, text, next) => {
      for (const chunkBytes of [7, 64, 10_000]) {
        const rows = parse(
          `title,text,label\nA,${text},REAL\nB,two,FAKE\n`,
          { maxRowBytes: 256 },
          chunkBytes,
        );
        const lastLine = next - 1 > 2 ? { lastLine: next - 1 } : {};
        expect(rows.slice(1)).toEqual([
          { line: 2, ...lastLine, reason: { code: 'ROW_TOO_LONG', limitBytes: 256 } },
          { line: next, fields: ['B', 'two', 'FAKE'] },
        ]);
      }
    });

    it('reads the rows after a lone quote that never closes', () => {
      const rows = Array.from({ length: 50 }, (_, i) => `T${i},the text,REAL`);
      const read = parse(`title,text,label\nA,"one,REAL\n${rows.join('\n')}\n`, { maxRowBytes: 256 }, 64);
      expect(read[1]).toMatchObject({ line: 2, reason: { code: 'ROW_UNENDED' } });
      expect(read.slice(2).map((row) => row.line)).toEqual(rows.map((_, i) => i + 3));
    });
  });

  it('takes quotes as text where the settings say so', () => {
    expect(show(parse('title,text\n"A,it said\n"B",two 32"\n', { quotes: false })).slice(1)).toEqual([
      ['"A', 'it said'],
      ['"B"', 'two 32"'],
    ]);
  });

  it('takes a quote between tabs as text where it does not enclose the field, unless the settings say otherwise', () => {
    const text =
      'title\ttext\n"Ferry" resumes\tone\n"open\ttwo\n"quoted\ttab"\t"of ""two""\nlines"\n"last\tfour\n';
    expect(show(parse(text)).slice(1)).toEqual([
      ['"Ferry" resumes', 'one'],
      ['"open', 'two'],
      ['quoted\ttab', 'of "two"\nlines'],
      ['"last', 'four'],
    ]);
    expect(show(parse(text, { quotes: true }))[1]).toBe('QUOTE_TEXT_AFTER');
  });

  it.each([
    ['sep=;\r\na,x;b\r\n1,5;2\r\n', ';'],
    ['"sep=|"\na,x|b\n1,5|2\n', '|'],
    ['\ufeffSEP=\t\na,x\tb\n1,5\t2\n', 'tab'],
  ])('takes the separator from a first line as Excel writes it: %j', (text) => {
    expect(parse(text)).toEqual([
      { line: 2, fields: ['a,x', 'b'] },
      { line: 3, fields: ['1,5', '2'] },
    ]);
  });

  it('takes the separator from the settings, whatever the header has', () => {
    expect(show(parse('a,b:c\n1:2\n', { separator: ':' }))).toEqual([
      ['a,b', 'c'],
      ['1', '2'],
    ]);
  });

  it('counts separators outside of quotes in the header', () => {
    expect(show(parse('"title, short, in words";text\n1,5;2\n'))[1]).toEqual(['1,5', '2']);
  });
});
