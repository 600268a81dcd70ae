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

describe('JSON in other forms than lines', () => {
  const read = (text: string, chunkBytes = 7): unknown[] => parse(Buffer.from(text), chunkBytes);

  it.each([1, 5, 1000])(
    'reads an array on one line, with one object a line, and indented (chunks of %i)',
    (chunkBytes) => {
      const values = [
        { a: 'x "y" \\ {', b: [1, { c: '}' }] },
        { a: 'é\n', b: {} },
      ];
      const [one, two] = values.map((value) => JSON.stringify(value)) as [string, string];
      expect(read(JSON.stringify(values), chunkBytes)).toEqual(values.map((value) => ({ line: 1, value })));
      expect(read(`\ufeff\n[\n${one},\n\n${two}\n]\n`, chunkBytes)).toEqual([
        { line: 3, value: values[0] },
        { line: 5, value: values[1] },
      ]);
      for (const indent of [1, 4]) {
        const text = JSON.stringify(values, null, indent);
        const lines = text.split('\n');
        const start = (n: number): number =>
          lines.flatMap((line, i) => (/^ {1,4}\{$/.test(line) && line.length === indent + 1 ? [i + 1] : []))[
            n
          ] as number;
        expect(read(text, chunkBytes)).toEqual(values.map((value, i) => ({ line: start(i), value })));
      }
    },
  );

  it.each([1, 6, 1000])(
    'reads objects over several lines one after the other (chunks of %i)',
    (chunkBytes) => {
      const text = '{\n "a": "x",\n "b": [\n {"c": 1}\n ]\n}\n{\n "a": "y"\n}{"a": "z"}\n';
      expect(read(text, chunkBytes)).toEqual([
        { line: 1, value: { a: 'x', b: [{ c: 1 }] } },
        { line: 7, value: { a: 'y' } },
        { line: 9, value: { a: 'z' } },
      ]);
    },
  );

  it.each([1, 6, 1000])(
    'rejects broken objects with their lines and reads the others (chunks of %i)',
    (chunkBytes) => {
      const text = [
        '[',
        '{"a": "open},',
        '{"a": 1},',
        '{"a": 2',
        ',',
        '{"a": 3},',
        '{',
        '  "a": "open',
        '  and more"',
        '},',
        '{"a": 4},',
        '5, [6], "x",',
        '{"a": }',
        ']',
      ].join('\n');
      const bad = (line: number, code: string, lastLine?: number) => ({
        line,
        ...(lastLine && { lastLine }),
        reason: { code },
      });
      expect(read(text, chunkBytes)).toEqual([
        bad(2, 'JSON_INVALID'),
        { line: 3, value: { a: 1 } },
        bad(4, 'JSON_INVALID', 5),
        { line: 6, value: { a: 3 } },
        bad(7, 'JSON_INVALID', 10),
        { line: 11, value: { a: 4 } },
        bad(12, 'JSON_NOT_OBJECT'),
        bad(12, 'JSON_NOT_OBJECT'),
        bad(12, 'JSON_NOT_OBJECT'),
        bad(13, 'JSON_INVALID'),
      ]);
    },
  );

  it('rejects a cut array at its end, and an object that is longer than allowed', () => {
    expect(read('[{"a":1},{"a":"cut')).toEqual([
      { line: 1, value: { a: 1 } },
      { line: 1, reason: { code: 'JSON_INVALID' } },
    ]);
    for (const chunkBytes of [3, 500]) {
      const parser = createJsonlParser({ maxRowBytes: 50 });
      const data = Buffer.from(`[\n{"a":\n"${'x'.repeat(80)}"},\n{"a":2}]`);
      const rows: unknown[] = [];
      for (let at = 0; at < data.length; at += chunkBytes)
        rows.push(...parser.push(data.subarray(at, at + chunkBytes)));
      expect([...rows, ...parser.end()]).toEqual([
        { line: 2, lastLine: 3, reason: { code: 'ROW_TOO_LONG', limitBytes: 50 } },
        { line: 4, value: { a: 2 } },
      ]);
    }
  });

  it('reads NaN and Infinity as no value, and past a comma too many, and counts such rows', () => {
    const parser = createJsonlParser();
    const lines = [
      '{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN, Infinity,}"}',
      '{"a": 1,}',
      '{"a": 2},',
      '{"a": [1, 2, ], }',
      '{"a": 3 NaN}',
    ];
    const rows = [...parser.push(Buffer.from(lines.join('\n'))), ...parser.end()];
    expect(rows.map((row) => ('value' in row ? row.value : row.reason.code))).toEqual([
      { a: null, b: [null, null], c: 'NaN, Infinity,}' },
      { a: 1 },
      { a: 2 },
      { a: [1, 2] },
      'JSON_INVALID',
    ]);
    expect(parser.repairs).toEqual({ notNumbers: 1, commas: 3 });
  });

  it('rejects a long line in the same way wherever the file is cut into chunks', () => {
    for (const chunkBytes of [1, 30, 1000]) {
      const parser = createJsonlParser({ maxRowBytes: 40 });
      const data = Buffer.from(`{"a":"${'x'.repeat(50)}"}\n{"a":1}\n`);
      const rows: unknown[] = [];
      for (let at = 0; at < data.length; at += chunkBytes)
        rows.push(...parser.push(data.subarray(at, at + chunkBytes)));
      expect([...rows, ...parser.end()]).toEqual([
        { line: 1, reason: { code: 'ROW_TOO_LONG', limitBytes: 40 } },
        { line: 2, value: { a: 1 } },
      ]);
    }
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

describe('objects without line breaks between them', () => {
  const read = (text: string) => {
    const parser = createJsonlParser();
    return [...parser.push(Buffer.from(text)), ...parser.end()].map((row) =>
      'value' in row ? [row.line, row.value.t] : [row.line, row.reason.code],
    );
  };
  it.each([
    [
      'on one line',
      '{"t":"a}{b"}{"t":"c"} {"t":"d"}',
      [
        [1, 'a}{b'],
        [1, 'c'],
        [1, 'd'],
      ],
    ],
    [
      'two on each line',
      '{"t":"a"}{"t":"b"}\n{"t":"c"}{"t":"d"}\n',
      [
        [1, 'a'],
        [1, 'b'],
        [2, 'c'],
        [2, 'd'],
      ],
    ],
    [
      'after record separators',
      '\x1e{"t":"a"}\n\x1e{"t":"b"}\n',
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
  ])('are read %s', (_, text, rows) => {
    expect(read(text)).toEqual(rows);
  });

  it('are one bad row if one of them is broken', () => {
    expect(read('{"t":"a"}{"t":b}\n{"t":"c"}\n')).toEqual([
      [1, 'JSON_INVALID'],
      [2, 'c'],
    ]);
  });
});
