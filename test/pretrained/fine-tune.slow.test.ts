// `veracity train model=bert|distilbert model.path=FOLDER` as a program, from a small checkpoint to a served model; and
// the trace from a prediction back to the pretrained weights.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashFile } from '../../src/foundation/core/hash.ts';
import { createRandom } from '../../src/foundation/core/random.ts';
import { modelFolderRecord } from '../../src/foundation/records/model-folder.ts';
import { loadRecord } from '../../src/foundation/records/record.ts';
import { runRecord } from '../../src/foundation/records/run.ts';
import { loadSafetensors, saveSafetensors } from '../../src/learning/models/safetensors.ts';
import { createTinyCheckpoint } from './tiny-checkpoint.ts';

const cli = process.env.VERACITY_TEST_CLI ?? fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
/** Articles of random words whose label is told by one of them: what any encoder learns in a minute. */
function writeArticles(path: string): void {
  const random = createRandom('articles');
  const word = (): string =>
    Array.from({ length: 5 }, () => String.fromCharCode(97 + random.integer(26))).join('');
  const rows = Array.from({ length: 400 }, (_, i) => {
    const sign = i % 2 === 0 ? 'water' : 'council';
    return `${word()},${sign} ${Array.from({ length: 30 }, word).join(' ')},${i % 2 === 0 ? 'FAKE' : 'REAL'}`;
  });
  writeFileSync(path, ['title,text,label', ...rows].join('\n'));
}

const settings = [
  'data=csv',
  'data.path=articles.csv',
  'seed=3',
  'threads=1',
  'evaluate.bootstrap=20',
  'model.max_length=48',
  'optimizer.lr=5e-3',
];

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-pretrained-'));
  writeArticles(join(folder, 'articles.csv'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly out: () => string;
}

/** Waits until it has said what is wanted; fails when it ends without. */
function untilSaid({ child, said, out }: Started, wanted: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const read = (): void => {
      const found = wanted.exec(said() + out());
      if (found !== null) resolve(found);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.on('close', () => reject(new Error(`ended without ${wanted}: ${said()}`)));
    read();
  });
}

function start(...args: string[]): Started {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: folder,
    env: { ...process.env, VERACITY_HOME: join(folder, 'home') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let out = '';
  let said = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  return { child, said: () => said, out: () => out };
}

async function run(...args: string[]): Promise<{ code: number | null; said: string; out: string }> {
  const { child, said, out } = start(...args);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said: said(), out: out() };
}

async function runJson<T>(...args: string[]): Promise<T> {
  const { code, said, out } = await run(...args, '--json');
  expect(code, said).toBe(0);
  return JSON.parse(out) as T;
}

describe.each(['bert', 'distilbert', 'roberta', 'modernbert'] as const)('fine-tuning a %s', (family) => {
  it('learns, and its model predicts, evaluates and serves', async () => {
    createTinyCheckpoint(join(folder, 'tiny'), { family });
    const trained = await runJson<{
      runId: string;
      modelVersion: string;
      path: string;
      test: { loss: number };
    }>('train', `model=${family}`, 'model.path=tiny', 'train.epochs=8', ...settings);
    expect(trained.modelVersion).toBe(`${family}@1`);
    expect(trained.test.loss).toBeLessThan(0.1);

    const sha256 = await hashFile(join(folder, 'tiny', 'model.safetensors'));
    const pretrained = { name: 'tiny', revision: null, sha256 };
    const head = loadRecord(runRecord, join(folder, 'home', 'runs', trained.runId, 'run.json'));
    expect(head).toMatchObject({ pretrained, parents: [head.datasetVersion, `sha256:${sha256}`] });
    const info = loadRecord(modelFolderRecord, join(trained.path, 'veracity.json'));
    expect(info).toMatchObject({ family, pretrained, parents: [trained.runId, ...head.parents] });
    expect(readFileSync(join(trained.path, 'README.md'), 'utf8')).toContain(sha256);

    const question = ['--title', 'Council vote', '--text', 'The council voted on the price of water.'];
    const answer = await runJson<{ probability: number; modelVersion: string }>('predict', ...question);
    expect(answer.modelVersion).toBe(`${family}@1`);
    expect(answer.probability).toBeGreaterThanOrEqual(0.5);
    const evaluated = await runJson<{ test: { loss: number } }>('evaluate', `run=${trained.runId}`);
    expect(evaluated.test.loss).toBeCloseTo(trained.test.loss, 5);

    const server = start('serve', '--port', '0');
    const [, url] = await untilSaid(server, /serving .* at (http:\S+)/);
    const response = await fetch(`${url}/v1/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ title: question[1], text: question[3] }),
    });
    expect(await response.json()).toMatchObject({ modelVersion: `${family}@1` });
    server.child.kill('SIGTERM');
    await once(server.child, 'exit');
  });
});

describe('a run that started from a checkpoint', () => {
  it('goes on only with the same weights', async () => {
    const weights = join(folder, 'tiny', 'model.safetensors');
    createTinyCheckpoint(join(folder, 'tiny'), { family: 'bert' });
    const args = ['train', 'model=bert', 'model.path=tiny', 'train.epochs=500', 'train.checkpoint_every=5'];
    const first = start(...args, ...settings);
    await untilSaid(first, /\(epoch 1\./);
    first.child.kill('SIGTERM');
    await once(first.child, 'close');
    const id = /resume=(\S+)/.exec(first.said() + first.out())?.[1] ?? '';

    const { tensors } = loadSafetensors(weights);
    const kept = readFileSync(weights);
    tensors.get('classifier.bias')!.data[0] = 1;
    saveSafetensors(weights, tensors);
    const refused = await run('train', `resume=${id}`);
    expect(refused.code, refused.said).toBe(2);
    expect(refused.said).toContain('CHECKPOINT_MISMATCH');

    writeFileSync(weights, kept);
    const again = start('train', `resume=${id}`);
    await untilSaid(again, /\(epoch 2\./);
    expect(again.said()).toContain(`going on with ${id}`);
    again.child.kill('SIGTERM');
    await once(again.child, 'close');
  });
});
