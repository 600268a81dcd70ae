import { describe, expect, test } from 'vitest';
import { planFile } from './file-plan.ts';

const plan = (content: string | Uint8Array<ArrayBuffer>, name = 'a.csv') =>
  planFile(new Blob([content]), name, null);

describe('planFile', () => {
  test('reads the columns of a CSV file and a value of each', async () => {
    const { names, samples, choice, isSure } = await plan('sep=;\nid;title;"text";x\n\n1;;"a\nb";\n2;c;d;\n');
    expect([names, { ...samples }]).toEqual([
      ['id', 'title', 'text', 'x'],
      { id: '1', title: 'c', text: 'a\nb', x: '' },
    ]);
    expect([choice, isSure]).toEqual([{ id: 'id', title: 'title', text: 'text' }, true]);
  });

  test('takes the keys of the first rows of JSON Lines as columns', async () => {
    const { format, names, isSure } = await plan('{"body":"a"}\n{"headline":"b","body":null}\n', 'feed');
    expect([format, names, isSure]).toEqual(['jsonl', ['body', 'headline'], false]);
  });

  test('recognises a first line that is an article', async () => {
    expect((await plan(`Ferry,${'word '.repeat(20)}\na,b\n`)).hasNoHeader).toBe(true);
    expect((await plan('title,text\na,b\n')).hasNoHeader).toBe(false);
  });

  test('reads a file whose last character is cut at the end of its start', async () => {
    const { names } = await plan(`title\n${'x'.repeat(512 * 1024 - 7)}\u00e4\u00e4\n`);
    expect(names).toEqual(['title']);
  });

  test("reads a file that is not UTF-8 in the encoding of the model's training file", async () => {
    const bytes = new Uint8Array([0x54, 0x65, 0x78, 0x74, 0x0a, 0xfc, 0x0a]); // Text, ü in Windows-1252
    const reading = { encoding: 'windows-1252', separator: null, quotes: null };
    const { encoding, samples } = await planFile(new Blob([bytes]), 'a.csv', { columns: null, reading });
    expect([encoding, samples.Text]).toEqual(['windows-1252', 'ü']);
    const other = await planFile(new Blob(['Text\nü\n']), 'a.csv', { columns: null, reading });
    expect([other.encoding, other.samples.Text]).toEqual(['utf-8', 'ü']);
  });

  test("takes separator and quotes of the model's training file for a file with its columns", async () => {
    const columns = { title: 'Kopf', text: 'Text', label: null, source: null, date: null, id: null };
    const model = { columns, reading: { encoding: null, separator: '~', quotes: false } };
    const own = await planFile(new Blob(['Kopf~Text\n"a~b, c\n']), 'a.csv', model);
    expect([own.names, { ...own.samples }]).toEqual([['Kopf', 'Text'], { Kopf: '"a', Text: 'b, c' }]);
    const other = await planFile(new Blob(['title,text\n"a~b",c\n']), 'a.csv', model);
    expect(other.names).toEqual(['title', 'text']);
  });

  test.each([
    ['a header and no rows', 'a,b\n\n', 'a.csv', { code: 'FILE_WITHOUT_ROWS', detail: 'a, b' }],
    ['nothing', '', 'a.csv', { code: 'FILE_WITHOUT_ROWS', detail: '' }],
    ['a JSON list', ' [{"title":"a"}]', 'a.json', { code: 'FILE_JSON_LIST' }],
    ['another encoding', new Uint8Array([0x74, 0x0a, 0xfc, 0x0a]), 'a.csv', { code: 'FILE_NOT_UTF8' }],
  ])('refuses %s', async (_, content, name, facts) => {
    await expect(plan(content, name)).rejects.toMatchObject({ facts });
  });
});
