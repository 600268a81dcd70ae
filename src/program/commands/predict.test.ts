import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { createRealModel } from '../../../test/serve/real-model.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { predictionSchema } from '../../foundation/records/prediction.ts';
import type { WorkflowContext } from '../../workflows/context/workflow-context.ts';
import { predictCommand } from './predict.ts';

const GERMAN = {
  title: 'Betreff',
  text: 'Nachricht',
  label: 'label',
  source: null,
  date: 'Eingang',
  id: null,
};

let folder = '';
let said: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-predict-'));
  said = [];
  createRealModel(join(folder, 'model'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const createContext = (signal = new AbortController().signal): WorkflowContext =>
  createQuietContext(locateHome(join(folder, 'home')), folder, {
    say: (line) => said.push(line),
    warn: (line) => said.push(line),
    signal,
  });

const run = (options: Record<string, string>, context = createContext()) =>
  predictCommand.run({ args: [], options: { model: 'model', threads: '1', ...options } }, context);

async function runFile(name: string, content: string | Buffer) {
  writeFileSync(join(folder, name), content);
  const result = await run({ file: name, out: 'out.jsonl' });
  const lines = readFileSync(join(folder, 'out.jsonl'), 'utf8').trimEnd().split('\n');
  return { result, answers: lines.map((line) => JSON.parse(line)) };
}

describe('veracity predict', () => {
  test('predicts one article in the shape that scripts rely on', async () => {
    const { json, text } = await run({ title: 'Ferry', text: 'It was in harbour.' });
    const { warningFacts, ...prediction } = json as { warningFacts: unknown };
    expect(predictionSchema.strict().parse(prediction)).toMatchObject({ abstained: false });
    expect(warningFacts).toMatchObject([
      { code: 'ARTICLE_SHORT', unit: 'tokens', message: expect.stringContaining('is shorter than') },
    ]);
    expect(text.split('\n')[1]).toBe((warningFacts as { message: string }[])[0]!.message);
    expect(text).toMatch(/^(FAKE|REAL) \(\d+\.\d%\), predicted by run-/);
  });

  test('explains one article with --explain', async () => {
    const { json, text } = await predictCommand.run(
      {
        args: [],
        options: { model: 'model', threads: '1', title: 'Ferry', text: 'It was in harbour.', explain: true },
      },
      createContext(),
    );
    const { explanation } = json as { explanation: { sentences: { end: number }[] } };
    expect(explanation.sentences.map(({ end }) => end)).toEqual([5, 18]);
    expect(text).toMatch(
      /the probability of (FAKE|REAL) falls without each sentence, in percentage points:\n {2}[+-]\d/,
    );
    await expect(run({ file: 'x.csv', explain: true as unknown as string })).rejects.toMatchObject({
      code: 'USAGE',
    });
  });

  test('predicts a CSV file in its order, with quotes, commas and line breaks', async () => {
    const { result, answers } = await runFile(
      'in.csv',
      '\uFEFFid,title,text\r\n7,"a, ""b""","one, two\nthree"\r\n8,Vote,The council said\r\n9,,only text\r\n',
    );
    expect(answers.map((answer) => answer.id)).toEqual(['7', '8', '9']);
    const { json } = await run({ title: 'a, "b"', text: 'one, two\nthree' });
    expect(answers[0].probability).toBeCloseTo((json as { probability: number }).probability, 5);
    expect(result.json).toMatchObject({ predicted: 3, failed: 0, out: join(folder, 'out.jsonl') });
    expect(existsSync(join(folder, 'out.jsonl.partial'))).toBe(false);
  });

  test('leaves the id out if there is none', async () => {
    const { answers } = await runFile('in.jsonl', '{"title":"a","text":"b"}\n{"text":"c d"}');
    for (const [index, { warningFacts, line, ...prediction }] of answers.entries()) {
      expect(line).toBe(index + 1);
      predictionSchema.strict().parse(prediction);
      expect(warningFacts).toMatchObject([{ code: 'ARTICLE_SHORT' }]);
    }
    expect(answers).toHaveLength(2);
  });

  test('reports a bad row in its place and loses none', async () => {
    const lines = [
      '{"id":"1","title":"a","text":"b"}',
      '{"id":"2", nonsense}',
      '{"id":"3","headline":"x"}',
      '{"id":"4","title":"","text":" "}',
      '',
      '{"id":"5","title":"c","text":"d"}',
    ];
    const { result, answers } = await runFile('in.jsonl', lines.join('\n'));
    expect(answers.map((answer) => answer.error?.code ?? answer.id)).toEqual([
      '1',
      'ARTICLE_ROW_INVALID',
      'ARTICLE_ROW_INVALID',
      'ARTICLE_ROW_INVALID',
      '5',
    ]);
    expect(answers[1]).toMatchObject({
      line: 2,
      error: { message: expect.stringContaining('in.jsonl:2: expected') },
    });
    expect(answers[3]).toMatchObject({ id: '4', line: 4 });
    expect(result.json).toMatchObject({ predicted: 2, failed: 3 });
    expect(result.text).toContain('3 rows got no prediction: see the error lines');
  });

  test('refuses an article whose title or text is not a text, and takes null as empty', async () => {
    const lines = [
      '{"title":["a"],"text":"b"}',
      '{"title":null,"text":"b c"}',
      '{"title":"a","text":{"b":1}}',
    ];
    const { answers } = await runFile('in.jsonl', lines.join('\n'));
    expect(answers.map((answer) => answer.error?.message ?? 'predicted')).toEqual([
      'in.jsonl:1: expected text in title, got a list or an object',
      'predicted',
      'in.jsonl:3: expected text in text, got a list or an object',
    ]);
  });

  test('refuses an article that holds only an address, and names no part of it', async () => {
    const refusal = run({ text: ' <https://example.com/secret?utm_source=a> ' });
    await expect(refusal).rejects.toMatchObject({
      code: 'ARTICLE_TEXT_MISSING',
      exitCode: 2,
      message: expect.not.stringContaining('secret'),
    });
  });

  test('never repeats a text in an error line', async () => {
    const { answers } = await runFile(
      'in.csv',
      'id,title,text\n1,kanarienvogel,"kanarienvogel" kanarienvogel\n2,a,b,kanarienvogel\n3,c,d\n',
    );
    expect(JSON.stringify(answers)).not.toContain('kanarienvogel');
    expect(answers).toHaveLength(3);
  });

  test('says once that a CSV file has neither column', async () => {
    writeFileSync(join(folder, 'in.csv'), 'headline,body\na,b\n');
    const failure = run({ file: 'in.csv', out: 'out.jsonl' });
    await expect(failure).rejects.toMatchObject({
      code: 'ARTICLE_COLUMNS_MISSING',
      exitCode: 2,
      message: 'in.csv: expected a header line with title or text, got the columns headline, body',
    });
    expect(existsSync(join(folder, 'out.jsonl'))).toBe(false);
  });

  test('reads the columns of the training file, and passes the others through under row', async () => {
    createRealModel(join(folder, 'model'), { info: { columns: GERMAN } });
    const { result, answers } = await runFile(
      'mails.csv',
      'Betreff;Nachricht;label;Eingang\nAnruf;"Bitte; heute";Frage;2024-05-01\n;;Lob;\n',
    );
    expect(answers).toMatchObject([
      { line: 2, label: expect.stringMatching(/FAKE|REAL/), row: { label: 'Frage', Eingang: '2024-05-01' } },
      { line: 3, error: { code: 'ARTICLE_ROW_INVALID' }, row: { label: 'Lob', Eingang: '' } },
    ]);
    expect(result.json).toMatchObject({
      columns: { title: 'Betreff', text: 'Nachricht', id: null },
      columnNotes: [],
    });
    const { json } = await run({ title: 'Anruf', text: 'Bitte; heute' });
    expect(answers[0].probability).toBeCloseTo((json as { probability: number }).probability, 5);
    expect(said).toEqual([]);
  });

  test('reads the columns that --columns names, and says what is not as expected', async () => {
    writeFileSync(join(folder, 'in.csv'), '"head, short",BODY\nFerry,It was in harbour.\n');
    const columns = 'title="head, short",text=body';
    const { json } = await run({ file: 'in.csv', out: 'out.jsonl', columns });
    const message = 'no column body: BODY, in another case, is read as the text';
    expect(json).toMatchObject({ columnNotes: [{ code: 'COLUMN_OTHER_CASE', message }] });
    expect(said).toEqual([message]);
    const wrong = run({ file: 'in.csv', columns: 'headline' });
    await expect(wrong).rejects.toMatchObject({ code: 'COLUMNS_INVALID', exitCode: 2 });
  });

  test('reads a file as --encoding, --separator and --quotes say', async () => {
    const content = Buffer.from('id;text|x\n1|5" Kabel, größer|a\n', 'latin1');
    const bytes = Buffer.from(content.toString('latin1').replace('id;', 'id|'), 'latin1');
    writeFileSync(join(folder, 'in.csv'), bytes);
    const options = { encoding: 'windows-1252', separator: 'pipe', quotes: 'false' };
    const { json } = await run({ file: 'in.csv', out: 'out.jsonl', ...options });
    expect(json).toMatchObject({ predicted: 1, failed: 0 });
    await expect(run({ file: 'in.csv', separator: 'strich' })).rejects.toMatchObject({
      code: 'SEPARATOR_UNKNOWN',
      exitCode: 2,
    });
  });

  test('names --encoding for text in UTF-32, and refuses UTF-8 that would be read as another encoding', async () => {
    const wide = Buffer.from([...'title,text\nGruß,Die Fähre\n'].flatMap((c) => [c.charCodeAt(0), 0, 0, 0]));
    writeFileSync(join(folder, 'wide.csv'), wide);
    await expect(run({ file: 'wide.csv' })).rejects.toMatchObject({
      message: expect.stringContaining('got text in UTF-32LE'),
      hint: expect.stringContaining('iconv'),
    });
    writeFileSync(join(folder, 'utf8.csv'), 'title,text\nGruß,Die Fähre\n');
    await expect(run({ file: 'utf8.csv', encoding: 'windows-1252' })).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      message: expect.stringContaining('expected text in windows-1252, got text in UTF-8'),
    });
  });

  test('says what the reader read past, and has it in its JSON', async () => {
    const rows = '{"title":"a","text":"b c","n":NaN}\n{"title":"c","text":"d e"},\n';
    const { result } = await runFile('in.jsonl', rows);
    const facts = [
      { code: 'NOT_A_NUMBER', rows: 1, message: expect.stringContaining('1 row holds NaN') },
      { code: 'COMMA_EXTRA', rows: 1, message: expect.stringContaining('a comma too many') },
    ];
    expect(result.json).toMatchObject({ predicted: 2, fileNotes: facts });
    expect(said).toHaveLength(2);
    said = [];
    const { answers, result: other } = await runFile('in.csv', 'title,text,tag,tag\na,b,c,d\n');
    expect(answers[0].row).toEqual({ tag: 'c', 'tag (2)': 'd' });
    expect(other.json).toMatchObject({ fileNotes: [{ code: 'COLUMN_RENAMED', column: 'tag', times: 2 }] });
    expect(said).toEqual(['2 columns are called "tag": the answers have them as "tag", "tag (2)"']);
  });

  // A quote that never closes, one that closes far below, and one in the middle of a field.
  const DAMAGED = {
    'a quote that is not closed': ['"Zwei,oben offen', 1],
    'a quote that closes lines later': ['"Zwei,weit offen\n3,drei drei,c\n4,vier" vier,d', 1],
    'text after a closing quote': ['"Zwei" mal,zwei', 1],
  } as const;
  test.each(Object.entries(DAMAGED))(
    'gives one answer or one error for each row, with %s',
    async (_, [row, bad]) => {
      const good = (n: number): string => `Titel ${n},Die Meldung Nummer ${n} ist da.`;
      const lines = ['title,text', good(1), row, ...Array.from({ length: 20 }, (_x, i) => good(i + 10))];
      const content = `${lines.join('\n')}\n`;
      const last = content.trimEnd().split('\n').length;
      const { result, answers } = await runFile('in.csv', content);
      const failed = answers.filter((answer) => 'error' in answer);
      expect(failed.length).toBeGreaterThanOrEqual(bad);
      expect(answers.map(({ line }) => line)).toEqual(Array.from({ length: last - 1 }, (_x, i) => i + 2));
      expect(failed[0]).toMatchObject({ line: 3, error: { code: 'ARTICLE_ROW_INVALID' } });
      expect(result.json).toMatchObject({ predicted: last - 1 - failed.length, failed: failed.length });
    },
  );

  test('takes a quote between tabs as text, so that no row is lost', async () => {
    const good = (n: number): string => `Titel ${n}\tDie Meldung Nummer ${n} ist da.`;
    const rows = [good(1), '"Zwei\tHalb "offen', good(3), good(4), '5" Rohr\tEin Rohr.'];
    const { result, answers } = await runFile('in.tsv', `title\ttext\n${rows.join('\n')}\n`);
    expect(answers.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6]);
    expect(result.json).toMatchObject({ predicted: 5, failed: 0 });
  });

  test.each([
    ['only a header', 'in.csv', 'title,text\n', 'got a header line and no rows'],
    ['an empty file', 'in.jsonl', '\n', 'got no rows'],
    ['a JSON list on one line', 'in.jsonl', '[{"title":"a"}]', 'got 1 row without one'],
    ['rows that are all empty', 'in.csv', 'title,text\n,\n ,\n', '2 × expected a title or a text'],
  ])('ends with exit code 1 and writes nothing for %s', async (_, name, content, got) => {
    writeFileSync(join(folder, name), content);
    await expect(run({ file: name, out: 'out.jsonl' })).rejects.toMatchObject({
      code: 'NOTHING_PREDICTED',
      exitCode: 1,
      message: expect.stringContaining(got),
    });
    expect(existsSync(join(folder, 'out.jsonl'))).toBe(false);
    expect(existsSync(join(folder, 'out.jsonl.partial'))).toBe(false);
  });

  test('recognises the format of a file whose name does not say it', async () => {
    const { answers } = await runFile('feed', '{"title":"a","text":"b"}\n');
    expect(answers).toMatchObject([{ line: 1 }]);
    writeFileSync(join(folder, 'in.jsonl'), 'title\na b\n');
    expect((await run({ file: 'in.jsonl', out: 'o', format: 'csv' })).json).toMatchObject({ predicted: 1 });
  });

  test('never overwrites the file it reads', async () => {
    writeFileSync(join(folder, 'in.csv'), 'title,text\na,b\n');
    await expect(run({ file: 'in.csv', out: './in.csv' })).rejects.toMatchObject({ code: 'USAGE' });
    expect(readFileSync(join(folder, 'in.csv'), 'utf8')).toBe('title,text\na,b\n');
  });

  test('stops when aborted, keeps the predictions and says how to continue', async () => {
    const stopped = new AbortController();
    const context = createContext(stopped.signal);
    const progress = () => ({ update: () => stopped.abort(), stop: () => {} });
    writeFileSync(join(folder, 'in.jsonl'), `{"title":"a","text":"${'b '.repeat(10_000)}"}\n`.repeat(150));
    const result = await run({ file: 'in.jsonl', out: 'out.jsonl' }, { ...context, progress });
    expect(result).toMatchObject({
      exitCode: 130,
      json: { stopped: true, out: join(folder, 'out.jsonl.partial') },
    });
    expect(existsSync(join(folder, 'out.jsonl'))).toBe(false);
    expect(said.join()).toContain('run the same command again');
  });

  test('refuses an output that is a folder before it predicts, and makes a folder that is missing', async () => {
    writeFileSync(join(folder, 'in.csv'), 'title,text\na,b c d\n');
    mkdirSync(join(folder, 'out.jsonl'));
    await expect(run({ file: 'in.csv', out: 'out.jsonl' })).rejects.toMatchObject({ code: 'SYSTEM_REFUSED' });
    expect(existsSync(join(folder, 'out.jsonl.partial'))).toBe(false);
    await run({ file: 'in.csv', out: 'new/folder/out.jsonl' });
    expect(existsSync(join(folder, 'new', 'folder', 'out.jsonl'))).toBe(true);
  });

  test('stops when aborted before the header was read, and blames no file for it', async () => {
    const stopped = new AbortController();
    stopped.abort();
    writeFileSync(join(folder, 'in.csv'), 'title,text\na,b c d\n');
    const result = await run({ file: 'in.csv', out: 'out.jsonl' }, createContext(stopped.signal));
    expect(result).toMatchObject({ exitCode: 130, json: { stopped: true, predicted: 0 } });
  });

  test.each([
    ['nothing to predict', {}],
    ['an article and a file', { file: 'in.csv', title: 'a' }],
    ['--out without --file', { title: 'a', out: 'x' }],
    ['--columns without --file', { title: 'a', columns: 'text=b' }],
    ['another --format', { file: 'in.csv', format: 'xml' }],
    ['threads that are no number', { title: 'a', threads: 'two' }],
  ])('refuses %s', async (_, options) => {
    await expect(run(options as unknown as Record<string, string>)).rejects.toMatchObject({
      code: 'USAGE',
      exitCode: 2,
    });
  });

  test('names a file, a model and a run that do not exist', async () => {
    await expect(run({ file: 'none.csv' })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(run({ title: 'a', model: './none' })).rejects.toMatchObject({ code: 'MODEL_INCOMPLETE' });
    await expect(run({ title: 'a', model: 'none' })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    await expect(run({ title: 'a', model: 'run-20260101-000000-abcd' })).rejects.toMatchObject({
      code: 'RUN_NOT_FOUND',
    });
    const without = predictCommand.run({ args: [], options: { title: 'a' } }, createContext());
    await expect(without).rejects.toMatchObject({
      code: 'MODEL_NONE',
      hint: expect.stringContaining('veracity train'),
    });
  });
});
