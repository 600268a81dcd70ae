import { describe, expect, test } from 'vitest';
import type { ModelFolder } from '../../foundation/records/model-folder.ts';
import { type FileStartRequest, readFileStart } from './file-start.ts';

const COLUMNS = { title: 'Betreff', text: 'Nachricht', label: 'Art', source: null, date: null, id: null };
const NOTHING = { encoding: null, separator: null, quotes: null };
type Reading = NonNullable<ModelFolder['reading']>;

async function* stream(...parts: readonly string[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield Buffer.from(part);
}
async function start(
  parts: readonly string[],
  reading: Partial<Reading> = {},
  request: Partial<FileStartRequest> = {},
) {
  const model = { columns: COLUMNS, reading: { ...NOTHING, ...reading } };
  const { chunks, ...found } = await readFileStart(stream(...parts), {
    ...{ name: 'file', format: null, reading: NOTHING, model },
    ...request,
  });
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  expect(Buffer.concat(all)).toEqual(Buffer.concat(parts.map((part) => Buffer.from(part))));
  return found;
}

describe('readFileStart', () => {
  test.each([
    [['\uFEFF \n', '\n{"a":1}'], 'jsonl'],
    [['[1]'], 'jsonl'],
    [['title,text\n', '{'], 'csv'],
    [[], 'csv'],
    [['x'.repeat(9000), '{'], 'csv'],
  ])('keeps all bytes of %j and recognises JSON by its first character', async (parts, format) => {
    expect((await start(parts)).format).toBe(format);
  });

  test.each([
    ['a.csv', null, '{"a":1}\n', 'jsonl', true],
    ['a.csv', null, '[\n {"a":1}]\n', 'jsonl', true],
    ['a.tsv', null, '{a}\tb\n', 'csv', false],
    ['a.json', null, '{"a":1}\n{"a":2}\n', 'jsonl', false],
    ['a.json', null, 'a,b\n', 'jsonl', false],
    ['a', 'csv', '{"a":1}\n', 'jsonl', true],
    ['a.json', 'csv', 'a,b\n', 'csv', false],
  ] as const)(
    'reads %s, said to be %s, with the content %j as %s',
    async (name, format, text, expected, isOther) => {
      expect(await start([text], {}, { name, format })).toMatchObject({
        format: expected,
        isOtherFormat: isOther,
      });
    },
  );

  test.each([
    ['for a file with its columns', 'Art~Betreff~Nachricht\na~b~c\n', '~', false, 'model'],
    ['not for a file with other columns', 'title,text\na,b\n', null, null, null],
    ['not for a file with its columns and commas', 'Betreff,Nachricht\na,b\n', null, null, null],
    ['not for JSON', '{"Betreff":"a","Nachricht":"b"}\n', null, null, null],
  ])(
    "takes separator and quotes of the model's training file, %s",
    async (_, content, separator, quotes, from) => {
      const found = await start([content], { separator: '~', quotes: false });
      expect(found).toMatchObject({ separator, quotes, separatorFrom: from });
    },
  );

  test('takes the separator and quotes that the caller names, whatever the file and the model', async () => {
    const own = { separator: '~', quotes: true };
    const found = await start(['Art~Betreff~Nachricht\n'], own, {
      reading: { encoding: null, separator: 'pipe', quotes: false },
    });
    expect(found).toMatchObject({ separator: 'pipe', quotes: false, separatorFrom: 'set' });
  });
});
