import { describe, expect, test } from 'vitest';
import {
  createFieldReader,
  createRecordSplitter,
  formatOf,
  isSeparatorLine,
  lineBreakOf,
} from './records.ts';

function split(format: 'csv' | 'jsonl', ...chunks: string[]) {
  const splitter = createRecordSplitter(format);
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

const FILE = 'title,text\r\n"A ""b"", c","one\ntwo"\nd,e "f" g\n\n"h"\n"i,\n';

describe('createRecordSplitter', () => {
  test('keeps every character, and line breaks within quotes', () => {
    const records = split('csv', FILE);
    expect(records).toEqual([
      { text: 'title,text\r\n', line: 1 },
      { text: '"A ""b"", c","one\ntwo"\n', line: 2 },
      { text: 'd,e "f" g\n', line: 4 },
      { text: '\n', line: 5 },
      { text: '"h"\n', line: 6 },
      { text: '"i,\n', line: 7 },
    ]);
    expect(records.map(({ text }) => text).join('')).toBe(FILE);
  });

  test('splits the same way, wherever the chunks of the file end', () => {
    for (let at = 0; at <= FILE.length; at++)
      expect(split('csv', FILE.slice(0, at), FILE.slice(at))).toEqual(split('csv', FILE));
  });

  test('treats quotes in JSON Lines as ordinary characters', () => {
    expect(split('jsonl', '{"title":"a \\"b"}\n{"ti', 'tle":"c"}')).toEqual([
      { text: '{"title":"a \\"b"}\n', line: 1 },
      { text: '{"title":"c"}', line: 2 },
    ]);
  });
});

test('createRecordSplitter ends lines with CR in a file that has no LF', () => {
  expect(lineBreakOf('a\rb')).toBe('\r');
  expect(lineBreakOf('a\r\nb')).toBe('\n');
  const splitter = createRecordSplitter('csv', '\r');
  expect([...splitter.push('a\rb\r"c\rd"'), ...splitter.end()]).toEqual([
    { text: 'a\r', line: 1 },
    { text: 'b\r', line: 2 },
    { text: '"c\rd"', line: 3 },
  ]);
});

describe('createFieldReader', () => {
  const read = (head: string, text: string) => [...createFieldReader('csv', head).read(text)].reverse();

  test('reads the fields of the first record by the names of the header, with any separator', () => {
    expect(createFieldReader('csv', '\uFEFFNr; Betreff ;"a;b"\r\n').names).toEqual(['Nr', 'Betreff', 'a;b']);
    expect(read('id;Title;text\n', '7;"One; ""two""";three\n8;x;y\n')).toEqual([
      ['id', '7'],
      ['Title', 'One; "two"'],
      ['text', 'three'],
    ]);
    expect(read('a|b\n', '1|"2\n3"\r\n')).toEqual([
      ['a', '1'],
      ['b', '2\n3'],
    ]);
    expect(read('sep=/\n a/b\n', '1/2;3')).toEqual([
      ['a', '1'],
      ['b', '2;3'],
    ]);
    expect(read('a,b\n', '"1')).toEqual([
      ['a', '1'],
      ['b', ''],
    ]);
  });

  test('reads the first of two columns with one name', () => {
    expect(createFieldReader('csv', 'text,text\n').read('a,b').get('text')).toBe('a');
  });

  test('reads fields from JSON, and none from invalid JSON', () => {
    const { read, names } = createFieldReader('jsonl', '');
    expect([...read('{"title":"a","n":7,"list":[1],"none":null}\n{')]).toEqual([
      ['title', 'a'],
      ['n', '7'],
      ['list', '[1]'],
      ['none', ''],
    ]);
    expect([names, read('{').size, read('7').size, read('[1]').size]).toEqual([[], 0, 0, 0]);
  });
});

test('isSeparatorLine knows the first line that Excel writes', () => {
  expect(['sep=;\r\n', '"sep=,"\n', 'SEP=\t\n', 'separator=;\n', 'sep\n'].map(isSeparatorLine)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('formatOf decides by the name of the file, else by its first character', () => {
  const names = ['a.csv', 'a.JSONL', 'b.ndjson', 'c.json', 'articles'];
  expect(names.map((name) => formatOf(name))).toEqual(['csv', 'jsonl', 'jsonl', 'jsonl', 'csv']);
  expect([formatOf('feed', ' {"a":1}'), formatOf('a.csv', '{"a":1}')]).toEqual(['jsonl', 'csv']);
});
