// What would fail after the last step is refused before the first; what fails there all the same is mended by a resume that
// trains nothing again.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { createRandom } from '../../foundation/core/random.ts';
import { type Home, locateHome } from '../../foundation/records/home.ts';
import type { WorkflowContext } from '../context/workflow-context.ts';
import { runTraining, type TrainingOutcome } from './training.ts';
import { loadTrainingRequest } from './training-request.ts';

let folder: string;
let home: Home;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-late-'));
  home = locateHome(join(folder, 'home'));
  said = [];
  writeArticles('Grüne Post 2026.csv', 120);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Invented articles in which one word gives the label away. */
function writeArticles(
  name: string,
  n: number,
  header = 'title,text,label',
  labels = ['FAKE', 'REAL'],
): void {
  const random = createRandom(name);
  const word = (): string => `hall${random.integer(4000)}`;
  const rows = Array.from({ length: n }, (_, i) => {
    const sign = i % 2 === 0 ? 'miracle' : 'minutes';
    return `"Ferry ${word()}, ${word()}","${word()} ${sign} ${word()} ${sign} ${word()} ${word()}",${labels[i % 2]}`;
  });
  writeFileSync(join(folder, name), `${[header, ...rows].join('\n')}\n`);
}

/** @param onLine  is called with each line that the training says */
async function train(args: string[], onLine: (line: string) => void = () => {}): Promise<TrainingOutcome> {
  const context: WorkflowContext = createQuietContext(home, folder, {
    say: (line) => {
      said.push(line);
      onLine(line);
    },
  });
  return runTraining(loadTrainingRequest(args, context), context);
}

const NEW = ['model=linear', 'data=csv', "data.path='Grüne Post 2026.csv'", 'train.epochs=2', 'threads=1'];
const collection = (path: string, more = ''): string =>
  `evaluate.collections=[{name: other, path: ${path}${more}}]`;

const nothingWasDone = (): void => {
  expect(said.filter((line) => /^(training|run) /.test(line))).toEqual([]);
  expect(existsSync(home.runs)).toBe(false);
};

describe('before a training', () => {
  it('refuses a name that no model can have', async () => {
    for (const name of ['My Model', 'run-1', 'ä', 'a/b'])
      await expect(train([...NEW, `register='${name}'`])).rejects.toMatchObject({
        code: 'MODEL_NAME_INVALID',
      });
    nothingWasDone();
    expect(existsSync(home.root)).toBe(false);
  });

  it('refuses a collection whose file is not there', async () => {
    await expect(train([...NEW, collection('nosuch.csv')])).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: expect.stringMatching(/nosuch\.csv: .*evaluate\.collections, other/),
    });
    nothingWasDone();
  });

  it('refuses two collections of one name, whose figures nobody could tell apart', async () => {
    const two = 'evaluate.collections=[{name: other, path: a.csv}, {name: other, path: b.csv}]';
    await expect(train([...NEW, two])).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('a different name for each entry'),
    });
    nothingWasDone();
  });

  it('refuses a collection with other columns, and names both', async () => {
    writeArticles('caps.csv', 20, 'Title,Text,Label');
    await expect(train([...NEW, collection('caps.csv')])).rejects.toMatchObject({
      code: 'COLLECTION_UNUSABLE',
      message: expect.stringMatching(
        /other: .*caps\.csv: expected a column .*got the columns Title, Text, Label/,
      ),
      hint: expect.stringContaining('count by case'),
    });
    nothingWasDone();
  });

  it.each([
    [
      'true and false',
      ['false', 'true'],
      /false \(10 rows, the first in line 2\), true \(10 rows, .* line 3\)/,
    ],
    ['another case', ['Fake', 'Real'], /Fake \(10 rows, the first in line 2\)/],
    ['one label only', ['spam', 'spam'], /spam \(20 rows, the first in line 2\)/],
  ])('refuses a collection whose labels are %s, with lines and a block to paste', async (_, labels, got) => {
    writeArticles('others.csv', 20, undefined, labels);
    await expect(train([...NEW, collection('others.csv')])).rejects.toMatchObject({
      code: 'COLLECTION_UNUSABLE',
      message: expect.stringMatching(got),
      hint: expect.stringMatching(/labels: \{.+: FAKE/),
    });
    nothingWasDone();
  });

  it('takes that collection with the labels mapped, and says what is left out', async () => {
    writeArticles('others.csv', 20, undefined, ['false', 'true']);
    const outcome = await train([...NEW, collection('others.csv', ', labels: {"false": FAKE}')]);
    expect(outcome).toMatchObject({ status: 'finished', evaluations: [{}, { collection: 'other', n: 10 }] });
    expect(said).toContain(
      'other: labels missing from its map are left out: true (10 rows, the first in line 3)',
    );
  });

  it('takes a collection that names only the columns that have another name', async () => {
    writeArticles('caps.csv', 20, 'title,text,Art');
    const outcome = await train([...NEW, collection('caps.csv', ', columns: {label: Art}')]);
    expect(outcome).toMatchObject({ status: 'finished', evaluations: [{}, { collection: 'other', n: 20 }] });
  });

  it('tells a label without an entry in the map from a class that the model does not know', async () => {
    writeArticles('others.csv', 20, undefined, ['spam', 'REAL']);
    await expect(train([...NEW, collection('others.csv', ', labels: {spam: Fake}')])).rejects.toMatchObject({
      code: 'COLLECTION_UNUSABLE',
      message: expect.stringMatching(/got Fake \(10 rows, .*\); not in its labels: REAL \(10 rows, /),
      hint: expect.stringContaining('labels: {spam: FAKE, REAL: REAL}'),
    });
    nothingWasDone();
  });

  it('refuses an empty collection and one whose rows have no text', async () => {
    writeArticles('empty.csv', 0);
    writeFileSync(join(folder, 'keys.jsonl'), '{"body": "x", "label": "FAKE"}\n');
    for (const [path, got] of [
      ['empty.csv', /got no rows/],
      ['keys.jsonl', /a column text .*got the columns body, label/],
    ] as const)
      await expect(train([...NEW, collection(path)])).rejects.toMatchObject({
        code: 'COLLECTION_UNUSABLE',
        message: expect.stringMatching(got),
      });
    nothingWasDone();
  });

  it('refuses a registry that cannot be written, and calls the reason by its name', async () => {
    mkdirSync(home.root);
    writeFileSync(home.models, '');
    await expect(train(NEW)).rejects.toMatchObject({
      code: 'SYSTEM_REFUSED',
      message: expect.stringContaining('a file is in the way'),
    });
    rmSync(home.models);
    mkdirSync(home.models);
    writeFileSync(join(home.models, 'grune-post-2026'), '');
    await expect(train(NEW)).rejects.toMatchObject({ code: 'SYSTEM_REFUSED' });
    await expect(train([...NEW, 'register=grune-post-2026'])).rejects.toMatchObject({
      code: 'SYSTEM_REFUSED',
    });
    if (existsSync('/proc/self')) {
      home = { ...home, models: '/proc/nope' };
      await expect(train(NEW)).rejects.toMatchObject({ code: 'SYSTEM_REFUSED' });
    }
    nothingWasDone();
  });

  it.skipIf(process.getuid?.() === 0)('refuses a registry of another user', async () => {
    mkdirSync(home.models, { recursive: true });
    chmodSync(home.models, 0o555);
    await expect(train(NEW)).rejects.toMatchObject({
      message: expect.stringContaining('permission is denied'),
    });
  });

  it('refuses a teacher that is not there, before it reads any article', async () => {
    const args = ['experiment=distil', 'teacher=nosuch', ...NEW.slice(1)];
    await expect(train(args)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    await expect(train([...args, 'model=linear'])).rejects.toMatchObject({ code: 'SETTING_UNSUPPORTED' });
    expect(existsSync(home.datasets)).toBe(false);
  });
});

describe('a training that failed after its last step', () => {
  /** Trains, and breaks something as soon as the last step is done. @returns the run */
  async function failLate(args: string[], breakIt: () => void): Promise<string> {
    await expect(
      train([...NEW, ...args], (line) => line.startsWith('trained: ') && breakIt()),
    ).rejects.toThrow();
    expect(said.at(-1)).toMatch(
      /^failed after training .*resume=run-\S+ \(nothing is trained again; register=/,
    );
    said = [];
    return readdirSync(home.runs)[0]!;
  }
  const stepsTrained = async (run: string): Promise<number> =>
    (
      await createQuietContext(home, folder).stores.runs.loadPoints(run, 'train_loss', {
        includeHidden: true,
      })
    ).length;

  it('is finished with another name, and trains nothing again', async () => {
    const run = await failLate([], () => writeFileSync(home.models, ''));
    const steps = await stepsTrained(run);
    await expect(train([`resume=${run}`])).rejects.toMatchObject({ code: 'SYSTEM_REFUSED' });
    rmSync(home.models);
    await expect(train([`resume=${run}`, 'register=Bad name'])).rejects.toThrow();
    const outcome = await train([`resume=${run}`, 'register=letters']);
    expect(outcome).toMatchObject({ status: 'finished', result: { modelVersion: 'letters@1', runId: run } });
    expect(await stepsTrained(run)).toBe(steps);
    expect(said.filter((line) => line.startsWith('epoch'))).toEqual([]);
  });

  it('is finished with other collections, which stay the settings of the run', async () => {
    writeArticles('others.csv', 20);
    const run = await failLate([collection('others.csv')], () => rmSync(join(folder, 'others.csv')));
    await expect(train([`resume=${run}`])).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    writeArticles('moved.csv', 24);
    // Interrupted once more, so that the next resume must remember what this one was told.
    await expect(
      train([`resume=${run}`, collection('moved.csv'), 'register=letters'], (line) => {
        if (line.startsWith('other: accuracy')) writeFileSync(join(home.models), '');
      }),
    ).rejects.toThrow();
    rmSync(home.models, { force: true });
    const outcome = await train([`resume=${run}`]);
    expect(outcome).toMatchObject({
      result: { modelVersion: 'letters@1' },
      evaluations: [{}, { collection: 'other', n: 24 }],
    });
  });

  it('refuses settings on which the training depends, and names them', () => {
    const context = createQuietContext(home, folder);
    for (const key of ['seed=1', 'model=linear', 'train.epochs=3', 'data.path=x', '++optimizer.lr=1'])
      expect(() =>
        loadTrainingRequest(['resume=run-20260101-000000-abcd', 'register=x', key], context),
      ).toThrow(expect.objectContaining({ code: 'RESUME_OVERRIDE' }));
  });
});

it('names a model after its file', async () => {
  expect(await train(NEW)).toMatchObject({ result: { modelVersion: 'grune-post-2026@1' } });
  expect(await train(NEW)).toMatchObject({ result: { modelVersion: 'grune-post-2026@2' } });
  expect(await train([...NEW, "data.name='Neue Briefe'"])).toMatchObject({
    result: { modelVersion: 'neue-briefe@1' },
  });
  expect(await train([...NEW, 'register=mine'])).toMatchObject({ result: { modelVersion: 'mine@1' } });
});
