import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isBadRow } from './csv-parser.ts';
import type { RawFile } from './raw-row.ts';
import { readRawRows } from './raw-rows.ts';
import { formatRawNote, type ReadingOptions } from './reading.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'raw-rows-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const columns = { title: 'title', text: 'text', label: null, source: null, date: null, id: null };

async function read(
  bytes: Buffer | string,
  format: RawFile['format'] = 'csv',
  reading: Partial<ReadingOptions> = {},
) {
  const path = join(folder, 'file');
  writeFileSync(path, bytes);
  const rows: (string | null)[][] = [];
  const notes: string[] = [];
  const settings = { encoding: null, separator: null, quotes: null, ...reading };
  for await (const batch of readRawRows({ path, format, columns, reading: settings })) {
    for (const row of batch.rows)
      rows.push(isBadRow(row) ? [row.reason.code] : [row.get('title'), row.get('text')]);
    notes.push(...batch.notes.map(formatRawNote));
  }
  return { rows, notes };
}

describe('a JSON list', () => {
  const rows = [
    { title: 'A', text: 'One } ] {' },
    { title: 'B', text: 'Two', tags: ['x', { y: 1 }] },
  ];
  const forms = [
    JSON.stringify(rows),
    JSON.stringify(rows, null, 2),
    `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`,
  ];

  it('is refused where it is cut at any byte, in every layout', async () => {
    for (const form of forms) {
      const whole = form.trimEnd();
      for (let end = 3; end < whole.length; end += 3)
        await expect(read(whole.slice(0, end), 'jsonl'), whole.slice(0, end)).rejects.toMatchObject({
          code: 'DATA_FILE_INVALID',
          message: expect.stringMatching(/got one that is cut off: its end is missing/),
          exitCode: 2,
        });
    }
  });

  it('is refused with text after its end, which the message places', async () => {
    for (const after of ['{"title":"C","text":"Three"}', 'done', ']', '\n\n\0'])
      await expect(read(`${forms[0]}\n${after}`, 'jsonl'), after).rejects.toMatchObject({
        code: 'DATA_FILE_INVALID',
        message: expect.stringMatching(/got text after its end, from line [24] on/),
      });
  });

  it('is read whole with blank lines after it, with another list after it, and with a bad row as its last', async () => {
    const found = rows.map(({ title, text }) => [title, text]);
    expect((await read(`${forms[1]}\n \r\n`, 'jsonl')).rows).toEqual(found);
    expect((await read(`${forms[0]}\n${forms[2]}`, 'jsonl')).rows).toEqual([...found, ...found]);
    expect((await read('[]\n', 'jsonl')).rows).toEqual([]);
    for (const bad of ['{"title":"C"\n]', '{"title":"C\n]', '{"title":}]', 'null]'])
      expect((await read(`${forms[0]?.slice(0, -1)},\n${bad}\n`, 'jsonl')).rows, bad).toEqual([
        ...found,
        [expect.stringMatching(/^JSON_/)],
      ]);
  });
});

describe('a file of another kind than CSV or JSON Lines', () => {
  const wide = Buffer.from('title,text\nÄrger,Größe\n', 'utf16le');
  const western = Buffer.from('title,text\nÄrger,Größe\nMüll,Öl\nÜber,für\n', 'latin1');

  it.each<[string, Buffer, RegExp]>([
    ['gzip without its end', Buffer.from([0x1f, 0x8b, 8, 0, 0]), /gzip file, got one whose end is missing/],
    [
      'UTF-32',
      Buffer.from([...'title,text\n'].flatMap((c) => [c.charCodeAt(0), 0, 0, 0])),
      /text in UTF-32LE/,
    ],
    [
      'a pointer',
      Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'),
      /Git LFS pointer/,
    ],
    ['a page', Buffer.from('<!DOCTYPE html>\n<html><title>Sign in</title></html>\n'), /web page/],
  ])('is named: %s', async (_, bytes, got) => {
    for (const format of ['csv', 'jsonl'] as const)
      await expect(read(bytes, format)).rejects.toMatchObject({
        code: 'DATA_FILE_INVALID',
        message: expect.stringMatching(got),
        hint: expect.not.stringContaining('Save the file as CSV'),
      });
  });

  it('is read as it is where the settings name its encoding', async () => {
    const rows = [['Ärger', 'Größe']];
    expect((await read(wide, 'csv', { encoding: 'utf-16le' })).rows).toEqual(rows);
    expect(
      (await read(Buffer.concat([Buffer.from([0xff, 0xfe]), wide]), 'csv', { encoding: 'utf-16le' })).rows,
    ).toEqual(rows);
    expect((await read(western, 'csv', { encoding: 'windows-1252' })).rows[0]).toEqual(rows[0]);
    await expect(
      read(Buffer.from([0x1f, 0x8b, 8, 0]), 'csv', { encoding: 'windows-1252' }),
    ).rejects.toMatchObject({
      message: expect.stringContaining('gzip'),
    });
  });

  it('with a few bytes that are not UTF-8 loses only their rows', async () => {
    const bytes = Buffer.concat([
      Buffer.from('title,text\nÄrger,a\n'),
      Buffer.from('M\xfcll,b\n', 'latin1'),
      Buffer.from('c,d\n'),
    ]);
    expect((await read(bytes)).rows).toEqual([['Ärger', 'a'], ['ENCODING_INVALID'], ['c', 'd']]);
  });

  it.each([
    [
      'a list in an object',
      '{"count": 2, "data": [{"title": "a", "text": "b"}]}',
      /list of objects in "data"/,
      /jq -c '\.\["data"\]\[\]'/,
    ],
    [
      'columns in an object',
      '{"title": {"0": "a"}, "text": {"0": "b"}}',
      /holds columns \(2\)/,
      /orient="records"/,
    ],
    [
      'a list deep in an object',
      '{"meta": {"n": 1}, "data": {"rows": [{"title": "a", "text": "b"}]}}',
      /list of objects in "data"\."rows"/,
      /jq -c '\."data"\."rows"\[\]'/,
    ],
    [
      'rows under keys',
      '{"17": {"title": "a", "text": "b"}, "18": {"title": "c", "text": "d"}, "19": {"title": "e", "text": "f"}}',
      /each row \(3\) under a key/,
      /jq -c '\.\[\]'/,
    ],
    [
      'an object over the limit',
      `{"data": [${'{"title":"a"},'.repeat(1_300_000)}{}]}`,
      /single JSON value of more than/,
      /jq/,
    ],
  ])('is named: %s', async (_, text, got, hint) => {
    await expect(read(text, 'jsonl')).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      message: expect.stringMatching(got),
      hint: expect.stringMatching(hint),
    });
  });
});

describe('a file in the other of the two formats', () => {
  it.each([
    ['a list of objects', '[\n {"title": "a", "text": "b"}\n]\n'],
    ['JSON Lines', '{"title": "a", "text": "b"}\n'],
    ['an object over several lines', '\ufeff{\n  "title": "a",\n "text": "b"}\n'],
  ])('is read as what it is, and said: %s named CSV', async (_, text) => {
    expect(await read(text, 'csv')).toEqual({
      rows: [['a', 'b']],
      notes: ['the file is JSON, and is read as that'],
    });
  });

  it('is named with the setting that reads it: CSV as JSON', async () => {
    await expect(read('title,text\na,b\nc,d\n', 'jsonl')).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      message: expect.stringContaining('no JSON object in 3 lines'),
      hint: expect.stringContaining('data=csv'),
    });
  });

  it.each([
    ['lists of values', '[["title","text"],["a","b"]]', /jq -r/],
    ['one list on each line', '["a","b"]\n["c","d"]\n', /jq -r/],
    ["Python's own notation", "{'title': 'a', 'text': 'b'}\n{'title': 'c', 'text': None}\n", /json\.dumps/],
    ['objects with comments', '{"title": "a", "text": "b"} // one\n', /json\.dumps/],
  ])('gets advice by what it begins with: %s', async (_, text, hint) => {
    await expect(read(text, 'jsonl')).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      hint: expect.stringMatching(hint),
    });
  });

  it('loses only its bad lines where one line is JSON', async () => {
    expect((await read('title\n{"title": "a", "text": "b"}\n', 'jsonl')).rows).toEqual([
      ['JSON_INVALID'],
      ['a', 'b'],
    ]);
  });
});

describe('a column that is missing', () => {
  it.each([
    ['CSV', 'csv', 'title;Text, whole;kind\na;b;c\n'],
    [
      'every row of JSON',
      'jsonl',
      '{"title": "a", "Text, whole": "b", "kind": 1}\n{"title": "c", "kind": 0}\n',
    ],
  ] as const)('is named beside those that are there, a comma in quotes: %s', async (_, format, text) => {
    await expect(read(text, format)).rejects.toMatchObject({
      code: 'DATA_COLUMN_MISSING',
      message: expect.stringMatching(/column text .*got the columns title, "Text, whole", kind$/),
    });
  });

  it.each([
    'Ferry late,"The ferry was late today.",kind',
    'Ferry late again,It rained. ,kind',
    'A ferry that was late,1,REAL',
    'Moon,2020-01-03,REAL',
  ])('is missed without repeating a first line that is an article: %s', async (line) => {
    await expect(read(`${line}\n${line}\n`, 'csv')).rejects.toMatchObject({
      code: 'DATA_COLUMN_MISSING',
      message: expect.stringMatching(/got 3 columns whose names look like words of an article$/),
    });
  });

  it('is only a bad row where another row of JSON has it', async () => {
    expect((await read('{"title": "a"}\n{"title": "b", "text": "c"}\n', 'jsonl')).rows).toHaveLength(2);
  });
});

describe('notes about a file', () => {
  it('say that two columns have the same name', async () => {
    const { rows, notes } = await read('title,text,text\na,b,c\n');
    expect(rows).toEqual([['a', 'b']]);
    expect(notes).toEqual(['2 columns are called "text"; the first one is read']);
  });

  it('say that JSON has NaN, and commas too many', async () => {
    const { rows, notes } = await read(
      '{"title":"a","text":"b","n":NaN}\n{"title":"c","text":NaN},\n',
      'jsonl',
    );
    expect(rows).toEqual([
      ['a', 'b'],
      ['c', ''],
    ]);
    expect(notes).toEqual([
      '2 rows hold NaN or Infinity, which JSON does not have (Python writes them); read as no value',
      '1 row has a comma too many; read without it',
    ]);
  });
});

it('reads an array of JSON', async () => {
  const { rows } = await read(
    '[\n  {"title": "a", "text": "b"},\n  {"title": "c", "text": "d"}\n]\n',
    'jsonl',
  );
  expect(rows).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

describe('a CSV file put together or written by other programs', () => {
  it('loses only the header that is there again', async () => {
    expect((await read('title,text\na,b\ntitle,text\nc,d\n')).rows).toEqual([
      ['a', 'b'],
      ['HEADER_REPEATED'],
      ['c', 'd'],
    ]);
  });

  it('keeps rows that end in separators, and no row with a value too many', async () => {
    expect((await read('title,text\na,b,\nc,"d",,\ne,f,g\n')).rows).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['FIELDS_EXTRA'],
    ]);
  });
});

it('says which lines it read as one row although each looks like a row', async () => {
  const strict = '"sie sagte ""nein""",ein Satz\n'.repeat(4);
  const list = 'Liste,"Apfel\nBirne,vier\nKirsche,acht\nPflaume,zehn\nQuitte,zwei"\n';
  const prose = 'Brief,"Guten Tag, Frau Kurz,\nich komme um acht, wenn es passt,\nund gehe um zehn."\n';
  expect(await read(`title,text\n${strict}${prose}`)).toMatchObject({ notes: [] });
  const { rows, notes } = await read(`title,text\n${strict}${list}${prose}`);
  expect(rows.at(-2)).toEqual(['Liste', 'Apfel\nBirne,vier\nKirsche,acht\nPflaume,zehn\nQuitte,zwei']);
  expect(notes).toEqual([
    'lines 6-10 are one row, because a quote opens in line 6; if these lines are rows, double that quote or read quotes as text',
  ]);
});
