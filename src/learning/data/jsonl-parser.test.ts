import { describe, expect, it } from 'vitest';
import { createJsonlParser, fieldText } from './jsonl-parser.ts';

function parse(data: Buffer, chunkBytes: number): unknown[] {
  const parser = createJsonlParser();
  const rows: unknown[] = [];
  for (let at = 0; at < data.length; at += chunkBytes)
    rows.push(...parser.push(data.subarray(at, at + chunkBytes)));
  return [...rows, ...parser.end()];
}

describe('JSON Lines parser', () => {
  it.each([1, 7, 1000])(
    'reads objects and reports other lines with their numbers (chunks of %i bytes)',
    (chunkBytes) => {
      const data = Buffer.concat([
        Buffer.from('\ufeff{"a":"é"}\n\nnot json\n[1]\n{"a":"'),
        Buffer.from([0xff]),
        Buffer.from('"}\r\n{"a":2}'),
      ]);
      expect(parse(data, chunkBytes)).toEqual([
        { line: 1, value: { a: 'é' } },
        { line: 3, reason: { code: 'JSON_INVALID' } },
        { line: 4, reason: { code: 'JSON_NOT_OBJECT' } },
        { line: 5, reason: { code: 'ENCODING_INVALID' } },
        { line: 6, value: { a: 2 } },
      ]);
    },
  );

  it('skips a line of more than 16 MB without keeping it', () => {
    const data = Buffer.concat([
      Buffer.from('{"a":"'),
      Buffer.alloc(17 << 20, 0x61),
      Buffer.from('"}\n{"a":1}\n'),
    ]);
    expect(parse(data, 1 << 20)).toEqual([
      { line: 1, reason: { code: 'ROW_TOO_LONG', limitBytes: 16 * 1024 * 1024 } },
      { line: 2, value: { a: 1 } },
    ]);
  });

  it('reads strings, numbers and booleans as text, and nothing else', () => {
    expect([1, true, 'x', null, {}, [], undefined].map(fieldText)).toEqual([
      '1',
      'true',
      'x',
      null,
      null,
      null,
      null,
    ]);
  });
});

it('keeps every digit of whole numbers beyond 2^53, and changes no text', () => {
  const line =
    '{"id":1790000000000000123,"n":9007199254740991,"low":-9007199254740993,"x":1.234567890123456789,"e":1234567890123456789e2,"t":"\\\\\\" 1790000000000000123","list":[1790000000000000123]}';
  expect(parse(Buffer.from(line), 1000)).toEqual([
    {
      line: 1,
      value: {
        id: '1790000000000000123',
        n: 9007199254740991,
        low: '-9007199254740993',
        x: Number('1.234567890123456789'),
        e: Number('1234567890123456789e2'),
        t: '\\" 1790000000000000123',
        list: ['1790000000000000123'],
      },
    },
  ]);
});
