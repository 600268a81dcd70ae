import { describe, expect, test } from 'vitest';
import { createRecordSplitter, createTitleReader, formatOf } from './records.ts';

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

describe('createTitleReader', () => {
  test('finds the title column by its name, with any separator', () => {
    const read = createTitleReader('csv', '\uFEFFid;Title;text\n');
    expect(read('7;"One; ""two""";three\n')).toBe('One; "two"');
    expect(createTitleReader('csv', 'id,text\n')('1,only text\n')).toBe('only text');
    expect(createTitleReader('csv', 'a,b\n')('1,2\n')).toBe('');
  });

  test('reads titles from JSON, and none from invalid JSON', () => {
    const read = createTitleReader('jsonl', '');
    expect([read('{"title":"a"}'), read('{"text":"b"}'), read('{'), read('7')]).toEqual(['a', 'b', '', '']);
  });
});

test('formatOf decides by the name of the file', () => {
  expect(['a.csv', 'a.JSONL', 'b.ndjson', 'articles'].map(formatOf)).toEqual([
    'csv',
    'jsonl',
    'jsonl',
    'csv',
  ]);
});
