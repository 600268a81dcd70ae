// A model takes the file that it was trained on, without renaming a column: on the command line, from standard input, over
// HTTP, in the page's Batch view in real Chromium, and in a load test. The articles are invented.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../src/foundation/core/random.ts';
import { chromiumPath } from '../browser/chromium.ts';
import { createVisits } from '../browser/visits.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const visits = createVisits();

/** Words by class, so that a linear model learns the classes from few rows. */
const WORDS = {
  Beschwerde: 'defekt verspätet kaputt Erstattung ärgerlich Mahnung'.split(' '),
  Frage: 'wann wie Öffnungszeit Termin bitte Auskunft'.split(' '),
  Lob: 'danke freundlich schnell hervorragend gerne weiter'.split(' '),
};
type Label = keyof typeof WORDS;
const LABELS = Object.keys(WORDS) as Label[];

interface Mail {
  readonly title: string;
  readonly text: string;
  readonly label: Label;
  readonly date: string;
}

function writeMails(seed: string): Mail[] {
  const random = createRandom(seed);
  return Array.from({ length: 180 }, (_, i) => {
    const label = LABELS[i % 3]!;
    const word = (): string => WORDS[label][random.integer(WORDS[label].length)]!;
    const noise = (): string => `Wort${random.integer(4000)}`;
    const words = Array.from({ length: 24 }, (_, at) => (at % 3 === 0 ? word() : noise()));
    return {
      title: `${noise()} ${word()} ${noise()} ${noise()}`,
      text: `${words.join(' ')}; "so, ja"\nGruß`,
      label,
      date: `2024-05-${String((i % 28) + 1).padStart(2, '0')}`,
    };
  });
}

const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;

const CASES = [
  {
    name: 'a German CSV with semicolons and three classes',
    file: 'posteingang.csv',
    write: (mails: readonly Mail[]) =>
      `\uFEFFBetreff;Nachricht;Kategorie;Eingang\r\n${mails
        .map(({ title, text, label, date }) => `${title};${quote(text)};${label};${date}\r\n`)
        .join('')}`,
    settings: ['data=csv', 'data.columns={title: Betreff, text: Nachricht, label: Kategorie, date: Eingang}'],
    columns: { title: 'Betreff', text: 'Nachricht', label: 'Kategorie' },
    others: (mail: Mail) => ({ Kategorie: mail.label, Eingang: mail.date }),
    linesOfRow: 2,
    header: 1,
  },
  {
    name: 'JSON Lines with headline and body',
    file: 'mails.jsonl',
    write: (mails: readonly Mail[]) =>
      mails
        .map(
          ({ title, text, label }, n) =>
            `${JSON.stringify({ n, headline: title, body: text, kind: label })}\n`,
        )
        .join(''),
    settings: ['data=jsonl', 'data.columns={title: headline, text: body, label: kind}'],
    columns: { title: 'headline', text: 'body', label: 'kind' },
    others: (mail: Mail, n: number) => ({ n, kind: mail.label }),
    linesOfRow: 1,
    header: 0,
  },
  {
    name: 'a CSV without a title, whose names hold a comma and a quote',
    file: 'texts.csv',
    write: (mails: readonly Mail[]) =>
      `"the ""text"", cleaned",label\n${mails.map(({ text, label }) => `${quote(text)},${label}\n`).join('')}`,
    settings: ['data=csv', `data.columns={title: null, text: 'the "text", cleaned', label: label}`],
    columns: { title: null, text: 'the "text", cleaned', label: 'label' },
    others: (mail: Mail) => ({ label: mail.label }),
    linesOfRow: 2,
    header: 1,
  },
  {
    name: 'a CSV in Windows-1252 with a separator of its own, in which quotes are text',
    file: 'alt.csv',
    write: (mails: readonly Mail[]) =>
      Buffer.from(
        `Überschrift~Text~Größe\n${mails
          .map(({ title, text, label }) => `${title}~"${text.replaceAll('\n', ' ')}~${label}\n`)
          .join('')}`,
        'latin1',
      ),
    settings: [
      'data=csv',
      'data.columns={title: Überschrift, text: Text, label: Größe}',
      'data.encoding=windows-1252',
      'data.separator="~"',
      'data.quotes=false',
    ],
    columns: { title: 'Überschrift', text: 'Text', label: 'Größe' },
    others: (mail: Mail) => ({ Größe: mail.label }),
    linesOfRow: 1,
    header: 1,
  },
] as const;

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe.each(CASES)(
  'the training file: $name',
  ({ file, write, settings, columns, others, linesOfRow, header }) => {
    const mails = writeMails(file);
    let root = '';
    let server: ChildProcess | undefined;
    let url = '';

    const run = (args: readonly string[], input: string | Buffer = ''): Promise<Outcome> =>
      new Promise((resolve) => {
        const child = execFile(
          process.execPath,
          [CLI, ...args],
          { cwd: root, env: { ...process.env, VERACITY_HOME: join(root, 'home') }, maxBuffer: 1 << 26 },
          (error, stdout, stderr) =>
            resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
        );
        child.stdin?.end(input);
      });

    beforeAll(async () => {
      root = mkdtempSync(join(tmpdir(), 'veracity-training-file-'));
      writeFileSync(join(root, file), write(mails));
      const trained = await run([
        'train',
        'model=linear',
        `data.path=${file}`,
        'data.name=mails',
        ...settings,
        'threads=1',
      ]);
      expect([trained.code, trained.stderr]).toEqual([0, expect.any(String)]);
      server = spawn(process.execPath, [CLI, 'serve', '--port', '0'], {
        cwd: root,
        env: { ...process.env, VERACITY_HOME: join(root, 'home') },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      url = await new Promise<string>((resolve, reject) => {
        let output = '';
        const read = (chunk: Buffer): void => {
          output += chunk;
          const found = /serving .* at (http:\S+)/.exec(output)?.[1];
          if (found !== undefined) resolve(found.replace(/\/$/, ''));
        };
        server!.stdout!.on('data', read);
        server!.stderr!.on('data', read);
        server!.on('exit', () => reject(new Error(output)));
      });
    });
    afterAll(() => {
      server?.kill('SIGKILL');
      rmSync(root, { recursive: true, force: true });
    });

    const lineOf = (row: number): number => header + 1 + row * linesOfRow;
    /** Each row has its line, its other columns, and mostly the label that it was trained with. */
    const assertAnswers = (answers: readonly { line: number; label: string; row: unknown }[]): void => {
      expect(answers.map(({ line }) => line)).toEqual(mails.map((_, row) => lineOf(row)));
      expect(answers.map(({ row }) => row)).toEqual(mails.map((mail, row) => others(mail, row)));
      const right = answers.filter(({ label }, row) => label === mails[row]!.label).length;
      expect(right / mails.length).toBeGreaterThan(0.9);
    };
    const parse = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));

    test('is predicted by predict --file, and from standard input', async () => {
      const { code, stderr } = await run(['predict', '--file', file, '--out', 'out.jsonl']);
      expect([code, stderr]).toEqual([0, '']);
      const answers = parse(readFileSync(join(root, 'out.jsonl'), 'utf8'));
      assertAnswers(answers);
      const piped = await run(['predict', '--file', '-'], write(mails));
      expect(piped.code).toBe(0);
      expect(parse(piped.stdout)).toEqual(answers);
    });

    test('is predicted by POST /v1/batch', async () => {
      const facts = (await (await fetch(`${url}/v1/model`)).json()) as { columns: object };
      expect(facts.columns).toMatchObject(columns);
      const type = file.endsWith('.csv') ? 'text/csv' : 'application/x-ndjson';
      const response = await fetch(`${url}/v1/batch`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: readFileSync(join(root, file)),
      });
      const lines = parse(await response.text());
      assertAnswers(lines.filter((line) => line.type === 'verdict'));
      expect(lines.at(-1)).toMatchObject({
        type: 'done',
        judged: mails.length,
        columns: { title: columns.title, text: columns.text },
        columnNotes: [],
      });
    });

    test.skipIf(chromiumPath === undefined)(
      'is predicted in the Batch view, without a question',
      async () => {
        const { page, complaints } = await visits.open(url);
        await page.getByRole('link', { name: 'Batch' }).click();
        await page.getByLabel('Drop a file here').setInputFiles(join(root, file));
        await page.getByText(`Done: ${mails.length} rows`).waitFor();
        await page.getByText(`the text from “${columns.text}”`).waitFor();
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name: 'Save as CSV' }).click(),
        ]);
        const saved = readFileSync(await download.path(), 'utf8');
        const name = columns.label === 'label' ? 'row.label' : columns.label;
        expect(saved.split('\r\n')[0]?.split(',')).toContain(name);
        expect(complaints).toEqual([]);
      },
    );

    test('gives a load test its articles', async () => {
      const args = ['loadtest', url, '--articles', file, '--rate', '10', '--duration', '1s', '--json'];
      const { code, stdout, stderr } = await run(args);
      expect([code, stderr]).toEqual([0, expect.not.stringContaining('no column')]);
      expect(JSON.parse(stdout)).toMatchObject({ articles: mails.length });
    });

    test('one article needs the parts that the model was trained with', async () => {
      expect((await run(['predict', '--text', mails[0]!.text])).code).toBe(0);
      const response = await fetch(`${url}/v1/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: mails[0]!.text }),
      });
      expect(response.status).toBe(columns.title === null ? 200 : 422);
    });
  },
);
