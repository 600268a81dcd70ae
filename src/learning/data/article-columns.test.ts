import { describe, expect, test } from 'vitest';
import { appError, isAppError } from '../../foundation/core/errors.ts';
import type { ModelColumns } from '../../foundation/records/model-folder.ts';
import { ArticleReader, type ArticleReaderOptions, ArticleRejects } from './article-row.ts';
import { formatColumnNote } from './column-finder.ts';
import { parseColumnRequest } from './column-request.ts';
import { readRawRows } from './raw-rows.ts';
import { DEFAULT_READING } from './reading.ts';

const NONE: ModelColumns = { title: null, text: null, label: null, source: null, date: null, id: null };
const GERMAN: ModelColumns = { ...NONE, title: 'Betreff', text: 'Nachricht', label: 'Kategorie', id: 'Nr' };

type Options = Partial<Omit<ArticleReaderOptions, 'model'>> & { readonly model?: ModelColumns | null };

async function readFile(content: string, { model = null, ...options }: Options = {}) {
  const reader = new ArticleReader({
    path: 'in',
    name: 'in',
    format: null,
    reading: DEFAULT_READING,
    model: model === null ? {} : { columns: model },
    request: {},
    argument: '--columns ',
    encodingArgument: '--encoding ',
    listsColumns: true,
    ...options,
  });
  async function* chunks(): AsyncGenerator<Buffer> {
    yield Buffer.from(content);
  }
  const rows = [];
  const rejects = new ArticleRejects();
  for await (const batch of readRawRows(reader.file, { stream: chunks() }))
    for (const raw of batch.rows) {
      const row = reader.read(raw);
      if (isAppError(row.article)) rejects.add(row.line, row.article);
      rows.push(row);
    }
  reader.finish();
  const { columns, notes } = reader;
  return {
    rows,
    columns,
    notes: notes.map((note) => formatColumnNote(note)),
    error: rejects.createError({ name: 'in', argument: '--columns ', hasHeader: reader.hasHeader }),
  };
}

describe('parseColumnRequest', () => {
  test.each([
    ['title=Betreff,text=Nachricht', { title: 'Betreff', text: 'Nachricht' }],
    [' TEXT = a b , id = Nr. ', { text: 'a b', id: 'Nr.' }],
    ['title="Betreff, kurz",text="der ""Text"""', { title: 'Betreff, kurz', text: 'der "Text"' }],
    ['text=a=b,id=c"d', { text: 'a=b', id: 'c"d' }],
    ['title=,text=""" x"', { title: null, text: '" x' }],
    ['text=title', { text: 'title' }],
    ['id=a,title=a', { id: 'a', title: 'a' }],
  ])('reads %s', (text, request) => {
    expect(parseColumnRequest(text, '--columns')).toEqual(request);
  });

  test.each([
    ['', 'nothing'],
    ['title', 'a part without "="'],
    ['title=a,', 'a part without "="'],
    ['label=a', 'label before "="'],
    ['=a', 'no role before "="'],
    ['title=a,Title=b', 'title twice'],
    ['title="a,text=b', 'a quote that is not closed before the next comma'],
    ['title=,text=', 'neither a title nor a text'],
    ['title=a,text=a', 'a as both title and text'],
  ])('refuses "%s"', (text, got) => {
    expect(() => parseColumnRequest(text, '--columns')).toThrow(
      `--columns: expected title=NAME,text=NAME,id=NAME, got ${got}`,
    );
  });
});

describe('ArticleReader', () => {
  test("reads the columns of the model's training file and passes the others through", async () => {
    const { rows, columns, notes } = await readFile(
      'Nr;Betreff;Nachricht;Kategorie;Eingang\n7;Anruf;"Bitte; heute";Frage;2024-05-01\n',
      { model: GERMAN },
    );
    expect(rows).toEqual([
      {
        line: 2,
        id: '7',
        article: { title: 'Anruf', text: 'Bitte; heute' },
        row: { Kategorie: 'Frage', Eingang: '2024-05-01' },
      },
    ]);
    expect([columns, notes]).toEqual([{ title: 'Betreff', text: 'Nachricht', id: 'Nr' }, []]);
  });

  test.each<[string, ModelColumns | null, string, { title: string; text: string }, string[]]>([
    ['usual names without a record', null, 'title,text\na,b\n', { title: 'a', text: 'b' }, []],
    [
      'names in another case, and says so',
      null,
      'Title,TEXT\na,b\n',
      { title: 'a', text: 'b' },
      [
        'no column title: Title, in another case, is read as the title',
        'no column text: TEXT, in another case, is read as the text',
      ],
    ],
    [
      'usual names where the own ones are missing, and says so',
      GERMAN,
      'title,text\na,b\n',
      { title: 'a', text: 'b' },
      ['no column Betreff: title is read as the title', 'no column Nachricht: text is read as the text'],
    ],
    [
      'own names in another case before usual ones',
      GERMAN,
      'text,BETREFF,nachricht\na,b,c\n',
      { title: 'b', text: 'c' },
      [
        'no column Betreff: BETREFF, in another case, is read as the title',
        'no column Nachricht: nachricht, in another case, is read as the text',
      ],
    ],
    [
      'a file without the title that the model had, and says so',
      GERMAN,
      'Nachricht\nb\n',
      { title: '', text: 'b' },
      ['no column Betreff: articles are read without a title'],
    ],
    [
      'no title for a model that had none, and says so',
      { ...NONE, text: 'body' },
      'title,body\na,b\n',
      { title: '', text: 'b' },
      ['the column title is not read: the model was trained without a title'],
    ],
    [
      'a title column that the model had as its text',
      { ...NONE, text: 'title' },
      'title\na\n',
      { title: '', text: 'a' },
      [],
    ],
    [
      'each column once, though one has the usual name of another role',
      { ...NONE, title: 'headline', text: 'title' },
      'title\na\n',
      { title: '', text: 'a' },
      ['no column headline: articles are read without a title'],
    ],
    [
      'the first of two columns of one name, and says so',
      null,
      'text,text\na,b\n',
      { title: '', text: 'a' },
      ['several columns are called text: the first is read as the text'],
    ],
    [
      'composed and decomposed letters alike',
      { ...NONE, text: 'Überschrift' },
      'U\u0308berschrift\na\n',
      { title: '', text: 'a' },
      ['no column Überschrift: U\u0308berschrift, in another case, is read as the text'],
    ],
  ])('reads %s', async (_, model, content, article, notes) => {
    const read = await readFile(content, { model });
    expect(read.rows[0]?.article).toEqual(article);
    expect(read.notes).toEqual(notes);
  });

  test('reads the columns that the caller names before all others', async () => {
    const request = parseColumnRequest('title="Betreff, kurz",text=b=c', '');
    const { rows, notes } = await readFile('text,"Betreff, kurz",b=c,Betreff\n1,2,3,4\n', {
      model: GERMAN,
      request,
    });
    expect(rows[0]).toMatchObject({ article: { title: '2', text: '3' }, row: { text: '1', Betreff: '4' } });
    expect(notes).toEqual([]);
    const none = await readFile('title,text\na,b\n', { request: parseColumnRequest('title=,text=text', '') });
    expect(none.rows[0]).toMatchObject({ article: { title: '', text: 'b' }, row: { title: 'a' } });
  });

  test('keeps every other value under a name of its own', async () => {
    const { rows } = await readFile('text,text,,label,row,__proto__\na,b,c,d,e,f\n');
    const { row } = rows[0]!;
    expect(JSON.stringify(row)).toBe('{"text (2)":"b","column 3":"c","label":"d","row":"e","__proto__":"f"}');
  });

  test('says which columns a file with other columns has, unless they look like an article', async () => {
    await expect(readFile('kopf,rumpf\na,b\n', { model: GERMAN })).rejects.toMatchObject({
      code: 'ARTICLE_COLUMNS_MISSING',
      message:
        'in: expected a header line with Betreff or Nachricht or title or text, got the columns kopf, rumpf',
      hint: expect.stringContaining('--columns title=NAME,text=NAME'),
    });
    await expect(readFile('kopf,rumpf\n', { listsColumns: false })).rejects.toMatchObject({
      message: 'in: expected a header line with title or text, got 2 other columns',
    });
    await expect(readFile('Ferry,"A kanarienvogel sang all day."\na,b\n')).rejects.toMatchObject({
      message: expect.stringMatching(/got 2 other columns$/),
    });
    await expect(readFile(`Ferry,${'kanarienvogel '.repeat(9)}\na,b\n`)).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      message: expect.not.stringContaining('kanarienvogel'),
    });
    await expect(
      readFile('title,text\na,b\n', { request: { title: 'head', text: 'text' } }),
    ).rejects.toMatchObject({
      message: 'in: expected the title in a column head, got the columns title, text',
    });
  });

  test('finds the columns of JSON Lines in the first row that has each', async () => {
    const model = { ...NONE, title: 'headline', text: 'body', id: 'key' };
    const { rows, notes } = await readFile(
      '{"body":"a","tags":[1],"key":7}\n{"title":"x"}\n{"body":"b","headline":"c"}\n{"headline":"d"}\n{"n":1}\n',
      { model },
    );
    expect(rows).toMatchObject([
      { id: '7', article: { title: '', text: 'a' }, row: { tags: [1] } },
      { article: { title: 'x', text: '' } },
      { article: { text: 'b' } },
      { article: { code: 'ARTICLE_ROW_INVALID' } },
      { article: { code: 'ARTICLE_ROW_INVALID' } },
    ]);
    expect(notes).toEqual(['no column headline: title is read as the title']);
  });

  test('counts lines from the start of the file of which it reads a part', async () => {
    const { rows } = await readFile('text\na\n\n""\n', { lineOffset: 500 });
    expect(rows.map(({ line }) => line)).toEqual([502, 504]);
    expect((rows[1]!.article as Error).message).toMatch(/^in:504: /);
  });

  test('names the argument for a missing part, and the reason of any other error without its place', () => {
    const note = { code: 'COLUMN_MISSING', role: 'text', expected: 'body' } as const;
    expect(formatColumnNote(note, '--columns ')).toBe(
      'no column body: articles are read without a text (--columns text=NAME names another)',
    );
    const rejects = new ArticleRejects();
    for (const line of [2, 3])
      rejects.add(
        line,
        appError('ARTICLE_TEXT_MISSING', {
          where: `line ${line}`,
          expected: 'the text of an article',
          got: 'a single word',
        }),
      );
    expect(rejects.createError({ name: 'in', argument: '?columns=', hasHeader: true })).toMatchObject({
      message:
        'in: expected at least one article, got 2 rows without one: 2 × expected the text of an article, got a single word (first in line 2)',
      hint: expect.stringContaining('?columns=title=NAME'),
    });
  });

  test('says why no row held an article', async () => {
    expect((await readFile('text\n')).error).toMatchObject({
      code: 'NOTHING_PREDICTED',
      exitCode: 1,
      message: 'in: expected at least one article, got a header line and no rows',
    });
    expect((await readFile('', { format: 'jsonl' })).error.message).toContain('got no rows');
    expect((await readFile('["a"]\n{"x":1}\n{"y":1}\n', { format: 'jsonl' })).error.message).toBe(
      'in: expected at least one article, got 3 rows without one: 2 × expected the columns title or text, got neither (first in line 2), 1 × expected a readable row, got not a JSON object (first in line 1)',
    );
  });
});
