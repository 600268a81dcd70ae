import { describe, expect, test } from 'vitest';
import type { ModelFolder } from '../../foundation/records/model-folder.ts';
import { type FileStartRequest, readFileStart } from './file-start.ts';

const COLUMNS = { title: 'Betreff', text: 'Nachricht', label: 'Art', source: null, date: null, id: null };
const NOTHING = { encoding: null, separator: null, quotes: null };
type Reading = NonNullable<ModelFolder['reading']>;

async function* stream(...parts: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield Buffer.from(part);
}
async function start(
  parts: readonly (string | Buffer)[],
  reading: Partial<Reading> = {},
  request: Partial<FileStartRequest> = {},
) {
  const model = { columns: COLUMNS, reading: { ...NOTHING, ...reading } };
  const { chunks, ...found } = await readFileStart(stream(...parts), {
    ...{ format: null, reading: NOTHING, model },
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

  const windows = Buffer.from('Betreff;Nachricht\nGr\xfc\xdfe;sch\xf6n\n', 'latin1');
  const wide = Buffer.from('Betreff;Nachricht\nhello;there\n', 'utf16le');
  test.each<[string, Buffer | string, string | null, string | null]>([
    ["the model's encoding for a file that is not UTF-8", windows, 'windows-1252', 'windows-1252'],
    ["the model's encoding for text in UTF-16 that could be UTF-8", wide, 'utf-16le', 'utf-16le'],
    ['UTF-8 for a file in UTF-8', 'Betreff;Nachricht\nGrüße;schön\n', 'windows-1252', null],
    [
      'UTF-8 for a file whose last character is cut',
      Buffer.from('Betreff\nü').subarray(0, -1),
      'windows-1252',
      null,
    ],
    ['nothing else for a model that had UTF-8', windows, null, null],
  ])('takes %s', async (_, content, encoding, expected) => {
    expect((await start([content], { encoding })).reading.encoding).toBe(expected);
  });

  test('takes the encoding that the caller names, and refuses one that does not exist', async () => {
    const { reading } = await start(
      [windows],
      { encoding: 'utf-16le' },
      { reading: { ...NOTHING, encoding: 'iso-8859-15' } },
    );
    expect(reading.encoding).toBe('iso-8859-15');
    const unknown = { reading: { ...NOTHING, encoding: 'latin-none' } };
    await expect(start([windows], {}, unknown)).rejects.toMatchObject({
      code: 'ENCODING_UNKNOWN',
      exitCode: 2,
    });
  });

  test.each([
    ['for a file with its columns', 'Art~Betreff~Nachricht\na~b~c\n', '~', false],
    ['not for a file with other columns', 'title,text\na,b\n', null, null],
    ['not for a file with its columns and commas', 'Betreff,Nachricht\na,b\n', null, null],
    ['not for JSON', '{"Betreff":"a","Nachricht":"b"}\n', null, null],
  ])("takes separator and quotes of the model's training file, %s", async (_, content, separator, quotes) => {
    const { reading } = await start([content], { separator: '~', quotes: false });
    expect(reading).toEqual({ encoding: null, separator, quotes });
  });

  test('takes the separator and quotes that the caller names, whatever the file and the model', async () => {
    const own = { separator: '~', quotes: true };
    const { reading } = await start(['Art~Betreff~Nachricht\n'], own, {
      reading: { encoding: null, separator: 'pipe', quotes: false },
    });
    expect(reading).toEqual({ encoding: null, separator: 'pipe', quotes: false });
  });

  test.each(['', ';;', '"', 'strichpunkt', 'ä'])('refuses the separator %j', async (separator) => {
    const request = { reading: { ...NOTHING, separator } };
    await expect(start(['a;b\n'], {}, request)).rejects.toMatchObject({
      code: 'SEPARATOR_UNKNOWN',
      exitCode: 2,
    });
  });
});
