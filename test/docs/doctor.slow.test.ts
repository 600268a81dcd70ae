// Keeps docs/doctor.md true: the whole output of the doctor on a sound machine and on a broken one, run here. With
// UPDATE_DOCS=1 the page is written again.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/foundation/core/clock.ts';
import { locateHome } from '../../src/foundation/records/home.ts';
import { doctorCommand } from '../../src/program/commands/doctor.ts';
import { createStores } from '../../src/workflows/context/stores.ts';
import {
  addModel,
  addRun,
  createLineageHome,
  inventRows,
  prepareRows,
  writeRows,
} from '../fixtures/lineage-home.ts';
import { createQuietContext } from '../fixtures/quiet-context.ts';
import { type S3Stub, startS3Stub } from '../fixtures/s3-stub.ts';

const PAGE = fileURLToPath(new URL('../../docs/doctor.md', import.meta.url));
const SETTINGS = [
  'data=jsonl',
  'data.path=articles.jsonl',
  'data.columns.text=text',
  'data.columns.label=label',
];

let folder = '';
let remote: S3Stub;
let datasetVersion = '';
beforeAll(async () => {
  vi.stubEnv('MLFLOW_TRACKING_URI', '');
  folder = mkdtempSync(join(tmpdir(), 'veracity-doctor-page-'));
  remote = await startS3Stub();
  const place = createLineageHome(folder);
  writeRows(folder, 'articles.jsonl', inventRows(200));
  datasetVersion = await prepareRows(place, 'articles.jsonl');
  const runId = await addRun(place, datasetVersion);
  await addModel(place, 'desk', { runId, datasetVersion });
  mkdirSync(join(folder, '.dvc'));
  writeFileSync(
    join(folder, '.dvc', 'config'),
    `[core]\n    remote = team\n['remote "team"']\n    url = s3://newsroom-data/articles\n    endpointurl = ${remote.url}\n    access_key_id = a\n    secret_access_key = b\n    region = eu-west-1\n`,
  );
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await remote.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(args: readonly string[]): Promise<string> {
  const home = locateHome(join(folder, 'home'));
  const context = { ...createQuietContext(home, folder), stores: createStores(home, systemClock) };
  return steady((await doctorCommand.run({ args, options: {} }, context)).text);
}

/** What differs between machines and days, in a form that does not. */
function steady(text: string): string {
  return text
    .replaceAll(folder, '/srv/newsroom')
    .replaceAll(remote.url, 'https://s3.example.org')
    .replaceAll(hostname(), 'desk-1')
    .replace(/ds-[0-9a-f]{12}/g, 'ds-0123456789ab')
    .replace(/md5 [0-9a-f]{32}/g, 'md5 3df0821eb829c8eee6b25a88ac085ec1')
    .replace(/[\d,]+ rows/g, '114 rows')
    .replace(/(onnxruntime-node +)\S+/, '$11.30.0')
    .replace(/(veracity\.db, version )\d+/, '$14')
    .replace(/(Node\.js +)\S+/, '$120.19.0')
    .replace(/(onnxruntime-node +\S+ for )\S+/, '$1linux/x64')
    .replace(/\d+ cores, [\d.]+ GiB of memory/, '8 cores, 32.0 GiB of memory')
    .replace(/(disk +)[\d.]+ [kMGT]?B free/, '$1200.0 GB free')
    .replace(/, [\d.]+ [kM]?B of it free/, '')
    .replace(/(devices +)cpu(?:.|\n)*?(?=\n\n)/, '$1cpu')
    .replace(/(web page +)(?:not )?built(?:\n +→ .*)?/, '$1built')
    .replace(/\(\d{4}-\d\d-\d\d\)/g, '(2026-01-01)')
    .replace(/warning {2}web page/, 'ok       web page')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:8000')
    .replace(/--port \d+/g, '--port 8001')
    .replace(/sport = :\d+/g, 'sport = :8000');
}

test('docs/doctor.md shows what the doctor says of a sound machine and of a broken one', async () => {
  const sound = await run([...SETTINGS, 'serve.port=0']);
  writeRows(folder, 'articles.jsonl', inventRows(201));
  writeFileSync(join(folder, 'home', 'files', 'md5', 'notes.txt'), 'mine');
  remote.fault = () => ({ status: 403, code: 'InvalidAccessKeyId' });
  remote.skewMs = 0;
  const other = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const broken = await run([...SETTINGS, `serve.port=${port}`]);
  other.close();
  const page = readFileSync(PAGE, 'utf8');
  const blocks = page.split('```');
  const updated = [blocks[0], `text\n${sound}\n`, blocks[2], `text\n${broken}\n`, ...blocks.slice(4)].join(
    '```',
  );
  if (process.env.UPDATE_DOCS === '1') writeFileSync(PAGE, updated);
  else expect(page).toBe(updated);
});
