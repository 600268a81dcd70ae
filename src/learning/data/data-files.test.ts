// Files as people have them: packed, in other encodings, under wrong names.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zip } from '../../../test/fixtures/zip-archive.ts';
import { isBadRow } from './csv-parser.ts';
import type { RawFile } from './raw-row.ts';
import { readRawRows } from './raw-rows.ts';
import { DEFAULT_READING, formatFileReading, formatRawNote, type ReadingOptions } from './reading.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'data-files-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const columns = { title: 'title', text: 'text', label: null, source: null, date: null, id: null };

async function read(
  name: string,
  bytes: Buffer | string,
  { reading = {}, ...file }: Partial<Omit<RawFile, 'reading'>> & { reading?: Partial<ReadingOptions> } = {},
  streamed = false,
) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const found = { rows: [] as unknown[], notes: [] as string[], how: [] as string[] };
  async function* stream(): AsyncGenerator<Buffer> {
    const all = Buffer.from(bytes as string);
    for (let at = 0; at < all.length; at += 7) yield all.subarray(at, at + 7);
  }
  const settings = { path, format: null, columns, reading: { ...DEFAULT_READING, ...reading }, ...file };
  for await (const batch of readRawRows(settings, streamed ? { stream: stream() } : { path })) {
    const { rows, member, notes, reading: how } = batch;
    for (const row of rows) {
      const values = isBadRow(row) ? [row.reason.code] : [row.get('title'), row.get('text')];
      found.rows.push(member === null ? values : [member, ...values]);
    }
    found.notes.push(...notes.map(formatRawNote));
    if (how !== null) found.how.push(formatFileReading(how));
  }
  return found;
}

const german = 'title;text\nÄrger;"„Größe“ – 3,5"\nMüll;Öl\nÜber;für\n';
const windows = Buffer.from(
  [...german].map((c) => ({ '„': 0x84, '“': 0x93, '–': 0x96 })[c] ?? c.charCodeAt(0)),
);
const germanRows = [
  ['Ärger', '„Größe“ – 3,5'],
  ['Müll', 'Öl'],
  ['Über', 'für'],
];
const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');
const csv = 'title,text\na,b\nc,d\n';
const csvRows = [
  ['a', 'b'],
  ['c', 'd'],
];

describe('the encoding of a text file', () => {
  it.each<[string, Buffer, string]>([
    ['UTF-8', Buffer.from(german), 'CSV, separator semicolon, UTF-8'],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${german}`), 'CSV, separator semicolon, UTF-8'],
    ['UTF-16LE', wide(german), 'CSV, separator semicolon, UTF-16LE'],
    ['UTF-16LE with a mark', wide(`\ufeff${german}`), 'CSV, separator semicolon, UTF-16LE'],
    ['UTF-16BE', wide(german).swap16(), 'CSV, separator semicolon, UTF-16BE'],
    ['UTF-16BE with a mark', wide(`\ufeff${german}`).swap16(), 'CSV, separator semicolon, UTF-16BE'],
    ['Windows-1252', windows, 'CSV, separator semicolon, Windows-1252 (assumed)'],
  ])('is found and named: %s', async (name, bytes, how) => {
    for (const streamed of [false, true]) {
      const found = await read('a.csv', bytes, {}, streamed);
      expect(found).toMatchObject({ rows: germanRows, how: [how] });
      expect(found.notes).toHaveLength(name === 'Windows-1252' ? 1 : 0);
    }
  });

  it('is found where the first letters beyond ASCII come late', async () => {
    const plain = Array.from({ length: 40_000 }, (_, i) => `Title ${i},Plain words of the row ${i}`);
    const late = Buffer.from(`title,text\n${plain.join('\n')}\nÄ,ö\nÖ,ä\nÜ,ß\n`, 'latin1');
    const { rows, notes } = await read('late.csv', late);
    expect(rows.slice(-1)).toEqual([['Ü', 'ß']]);
    expect(notes).toEqual([
      'read as Windows-1252, the most likely encoding of text that is not UTF-8; if letters are wrong, set the encoding',
    ]);
  });

  it('stays UTF-8 where rows in another encoding are mixed in: only those are lost', async () => {
    const mixed = Buffer.concat([
      Buffer.from('title,text\nGrüße,a\n'),
      Buffer.from('Müll,b\nÖl,c\nÄrger,d\nÜber,e\n', 'latin1'),
      Buffer.from('schön,f\n'),
    ]);
    const { rows } = await read('mixed.csv', mixed);
    expect(rows).toEqual([
      ['Grüße', 'a'],
      ...Array.from({ length: 4 }, () => ['ENCODING_INVALID']),
      ['schön', 'f'],
    ]);
  });

  it.each<[string, readonly number[]]>([
    ['Windows-1251', [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]], // Привет
    ['Windows-1250', [0x70, 0xb3, 0x6f, 0x74, 0xb9, 0x6b, 0x69, 0xbf, 0x65]], // Polish letters between others
    ['Shift_JIS', [0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea]],
  ])('is not guessed if it does not look like Windows-1252: %s', async (_, word) => {
    const line = Buffer.from([...word, 0x2c, ...word, 0x0a]);
    const bytes = Buffer.concat([Buffer.from('title,text\n'), line, line, line, line]);
    await expect(read('other.csv', bytes)).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      message: expect.stringContaining('expected text in UTF-8, UTF-16 or Windows-1252'),
      hint: expect.stringContaining('Set data.encoding=NAME'),
    });
  });

  it('is that of the setting, which must exist', async () => {
    const cyrillic = Buffer.from([0x61, 0x2c, 0xcf, 0xf0, 0x0a]);
    const bytes = Buffer.concat([Buffer.from('title,text\n'), cyrillic]);
    expect(await read('a.csv', bytes, { reading: { encoding: 'cp1251' } })).toMatchObject({
      rows: [['a', 'Пр']],
      how: ['CSV, separator comma, WINDOWS-1251 (set)'],
    });
    await expect(read('a.csv', bytes, { reading: { encoding: 'latin-none' } })).rejects.toMatchObject({
      code: 'ENCODING_UNKNOWN',
      exitCode: 2,
    });
    await expect(
      read('a.csv', Buffer.from(german), { reading: { encoding: 'windows-1252' } }),
    ).rejects.toMatchObject({
      message: expect.stringContaining('expected text in windows-1252, got text in UTF-8'),
    });
  });

  it("is that of the model's training file for text that is not UTF-8", async () => {
    const model = { reading: { ...DEFAULT_READING, encoding: 'iso-8859-15' } };
    const euro = Buffer.from('title,text\n\xa4,a\n\xa4,b\n\xa4,c\n', 'latin1');
    expect(await read('a.csv', euro, { model })).toMatchObject({
      rows: [
        ['€', 'a'],
        ['€', 'b'],
        ['€', 'c'],
      ],
      how: ['CSV, separator comma, ISO-8859-15 (as the training file)'],
    });
    expect((await read('a.csv', 'title,text\n€,a\n', { model })).rows).toEqual([['€', 'a']]);
  });
});

describe('the separator of a table', () => {
  it.each([
    [
      'semicolons and decimal commas',
      'title;text\n3,5;4,5\n',
      [['3,5', '4,5']],
      'CSV, separator semicolon, UTF-8',
    ],
    ['tabs and quotes', 'title\ttext\n"a ""b"""\tc\n', [['a "b"', 'c']], 'CSV, separator tab, UTF-8'],
    ['pipes', 'title|text\na,b|c\n', [['a,b', 'c']], 'CSV, separator pipe, UTF-8'],
    ['a first line with sep=', 'sep=|\r\ntitle|text\r\na|b\r\n', [['a', 'b']], 'CSV, separator pipe, UTF-8'],
    ['mixed line ends', 'title,text\r\na,b\nc,d\r\n', csvRows, 'CSV, separator comma, UTF-8'],
  ])('is found and named: %s', async (_, text, rows, how) => {
    expect(await read('a.csv', text)).toEqual({ rows, notes: [], how: [how] });
  });

  it('is no comma where the header has one column', async () => {
    const one = { ...columns, title: null };
    const { rows, how } = await read('a.csv', 'text\nIt rained, again.\n', { columns: one });
    expect(rows).toEqual([[null, 'It rained, again.']]);
    expect(how).toEqual(['CSV with one column, UTF-8']);
  });

  it('is that of the setting', async () => {
    const found = await read('a.csv', 'title;text,more\na;b,c\n', {
      reading: { separator: 'comma' },
      columns: { ...columns, title: 'title;text', text: 'more' },
    });
    expect(found.how).toEqual(['CSV, separator comma (set), UTF-8']);
  });
});

describe('a file that is not what its name says', () => {
  it.each([
    [
      'a.csv',
      '{"title":"a","text":"b"}\n{"title":"c","text":"d"}\n',
      'the file is JSON, and is read as that',
    ],
    [
      'a.csv',
      '[{"title":"a","text":"b"},\n{"title":"c","text":"d"}]',
      'the file is JSON, and is read as that',
    ],
    ['a.json', '{"title":"a","text":"b"}\n{"title":"c","text":"d"}\n', undefined],
    ['a.json', '[{"title":"a","text":"b"},{"title":"c","text":"d"}]', undefined],
  ])('is read by its content: %s with %s', async (name, text, note) => {
    const { rows, notes } = await read(name, text);
    expect(rows).toEqual(csvRows);
    expect(notes).toEqual(note === undefined ? [] : [note]);
  });

  it.each([
    ['nothing', ''],
    ['blank lines', '\n\n'],
  ])('is refused if it holds %s', async (_, text) => {
    await expect(read('a.csv', text)).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      message: expect.stringContaining('got an empty file'),
    });
  });

  it('has no rows if it holds only a header', async () => {
    expect((await read('a.csv', 'title,text\n')).rows).toEqual([]);
  });
});

describe('a packed file', () => {
  it.each<[string, Buffer, string]>([
    ['a.csv.gz', gzipSync(csv), 'gzip, CSV, separator comma, UTF-8'],
    ['a.csv', gzipSync(csv), 'gzip, CSV, separator comma, UTF-8'],
    ['a.csv.gz', gzipSync(gzipSync(csv)), 'gzip, gzip, CSV, separator comma, UTF-8'],
    [
      'a.gz',
      Buffer.concat([gzipSync('title,text\na,b\n'), gzipSync('c,d\n')]),
      'gzip, CSV, separator comma, UTF-8',
    ],
    ['a.jsonl.gz', gzipSync('{"title":"a","text":"b"}\n{"title":"c","text":"d"}'), 'gzip, JSON, UTF-8'],
    ['a.json.gz', gzipSync('[{"title":"a","text":"b"},{"title":"c","text":"d"}]'), 'gzip, JSON, UTF-8'],
    ['a.tsv.gz', gzipSync(wide('\ufefftitle\ttext\na\tb\nc\td\n')), 'gzip, CSV, separator tab, UTF-16LE'],
  ])('is unpacked as it is read: %s', async (name, bytes, how) => {
    for (const streamed of [false, true])
      expect(await read(name, bytes, {}, streamed)).toEqual({ rows: csvRows, notes: [], how: [how] });
  });

  it('may be a zip archive: all files with names of data, and nothing else', async () => {
    const archive = zip([
      { name: '__MACOSX/._one.csv', bytes: 'junk' },
      { name: '.DS_Store', bytes: 'junk' },
      { name: 'folder/', bytes: '', method: 0 },
      { name: 'README.md', bytes: '# about' },
      { name: 'folder/one.csv', bytes: 'title,text\na,b\n' },
      { name: 'two.jsonl.gz', bytes: gzipSync('{"title":"c","text":"d"}\n'), method: 0 },
      { name: 'link.csv', bytes: '/etc/passwd', link: true, method: 0 },
    ]);
    for (const streamed of [false, true])
      expect(await read('a.zip', archive, {}, streamed)).toEqual({
        rows: [
          ['folder/one.csv', 'a', 'b'],
          ['two.jsonl.gz', 'c', 'd'],
        ],
        notes: ['left out of the archive, because their names are not those of data: README.md'],
        how: ['zip, CSV, separator comma, UTF-8', 'zip, gzip, JSON, UTF-8'],
      });
    expect((await read('a.zip', zip([{ name: 'export.dat', bytes: csv }]))).rows).toHaveLength(2);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('veracity-data-'))).toEqual([]);
  });

  const flipLast = (bytes: Buffer, at: number): Buffer => {
    bytes[bytes.length - at]! ^= 0xff;
    return bytes;
  };
  const whole = zip([{ name: 'a.csv', bytes: csv.repeat(50) }]);
  const flipped = Buffer.from(zip([{ name: 'a.csv', bytes: csv, method: 0 }]));
  flipped[flipped.indexOf('a,b')] = 0x78;
  it.each<[string, Buffer, RegExp, RegExp]>([
    [
      'an encrypted member',
      zip([{ name: 'a.csv', bytes: csv, encrypted: true }]),
      /a\.csv.*an encrypted one/,
      /password/,
    ],
    [
      'another compression',
      zip([{ name: 'a.csv', bytes: csv, method: 14 }]),
      /compression method 14/,
      /deflate/,
    ],
    [
      'a path that leaves the archive',
      zip([{ name: '../a.csv', bytes: csv }]),
      /unsafe path/,
      /paths inside/,
    ],
    ['an absolute path', zip([{ name: '/etc/a.csv', bytes: csv }]), /unsafe path/, /paths inside/],
    [
      'no data',
      zip([
        { name: 'a.pdf', bytes: '' },
        { name: 'b.txt', bytes: '' },
      ]),
      /only a\.pdf/,
      /Unpack/,
    ],
    ['nothing', zip([]), /an empty archive/, /Unpack/],
    ['a workbook', zip([{ name: '[Content_Types].xml', bytes: '' }]), /an Office document/, /CSV/],
    [
      'a missing end',
      whole.subarray(0, whole.length - 30),
      /zip archive, got a damaged one \(its end is missing\)/,
      /again/,
    ],
    ['a member with another checksum', flipped, /its checksum differs/, /again/],
    [
      'an archive in an archive',
      zip([{ name: 'b.zip', bytes: whole }]),
      /an archive in an archive/,
      /Unpack/,
    ],
    [
      'gzip in gzip in gzip in gzip in gzip',
      [1, 2, 3, 4].reduce((bytes) => gzipSync(bytes), gzipSync(csv)),
      /archive in an archive/,
      /Unpack/,
    ],
    [
      'gzip that is cut',
      gzipSync(csv.repeat(500)).subarray(0, 60),
      /gzip file, got one whose end is missing/,
      /again/,
    ],
    ['gzip that is damaged', flipLast(gzipSync(csv), 8), /gzip file, got a damaged one/, /again/],
    [
      'gzip of a tar archive',
      gzipSync(Buffer.concat([Buffer.alloc(257, 'a'), Buffer.from('ustar\x0000'), Buffer.alloc(300)])),
      /a tar archive/,
      /tar xf/,
    ],
  ])('is refused with the reason and what to do: %s', async (_, bytes, got, hint) => {
    await expect(read('a.zip', bytes)).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      message: expect.stringMatching(got),
      hint: expect.stringMatching(hint),
      exitCode: 2,
    });
  });

  it('is refused if it grows far beyond its size', async () => {
    const zeros = Buffer.alloc(68 * 1024 * 1024, `title,text\n${'x'.repeat(60_000)},a\n`);
    const bomb = expect.objectContaining({
      message: expect.stringMatching(/expected at most 250 times the packed size/),
    });
    await expect(read('a.gz', gzipSync(zeros))).rejects.toEqual(bomb);
    await expect(read('a.zip', zip([{ name: 'a.csv', bytes: zeros }]))).rejects.toEqual(bomb);
  });
});
