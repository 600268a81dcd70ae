// Measures the stores of runs against each other: what writing costs the process that trains, alone and among eight; how fast
// a curve of ten million points is read by a process that has just started; how fast ten thousand runs are listed.
//   npx tsx bench/run-store.ts [files|sqlite|postgres] [points]
// For PostgreSQL set VERACITY_DB to an empty database.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/foundation/core/clock.ts';
import { locateHome } from '../src/foundation/records/home.ts';
import { runRecord } from '../src/foundation/records/run.ts';
import { openPostgres, openSqlite } from '../src/keeping/database/index.ts';
import { createDatabaseRunStore, createFileRunStore, type RunStore } from '../src/keeping/runs/index.ts';

const [kind = 'sqlite', count = '10000000', task = 'all', folder = '', run = ''] = process.argv.slice(2);
const { schemaVersion: _, id: __, createdAt: ___, ...newRun } = runRecord.example;

function open(root: string): RunStore {
  const home = locateHome(root);
  if (kind === 'files') return createFileRunStore(home, systemClock);
  const database =
    kind === 'sqlite' ? openSqlite(home.database) : openPostgres(process.env.VERACITY_DB ?? '');
  return createDatabaseRunStore(database, home, systemClock);
}

/** A training that records eight metrics each 2 ms for five seconds. @returns how late its turns came, in milliseconds */
async function trainFor(store: RunStore, id: string): Promise<{ points: number; stalls: number[] }> {
  const writer = await store.claim(id);
  const stalls: number[] = [];
  const names = [
    'train_loss',
    'learning_rate',
    'gradient_norm',
    'train_tokens',
    'step_ms',
    'data_wait_ms',
    'a',
    'b',
  ];
  const endMs = performance.now() + 5000;
  let step = 0;
  while (performance.now() < endMs) {
    const startMs = performance.now();
    step++;
    const values = Object.fromEntries(names.map((name) => [name, Math.sin(step)]));
    writer.record({ step, epoch: step / 1000, articles: step * 16, values });
    await new Promise((resolve) => setTimeout(resolve, 1));
    stalls.push(performance.now() - startMs);
  }
  await writer.release();
  return { points: step * names.length, stalls: stalls.sort((a, b) => a - b) };
}

function formatStalls({ points, stalls }: { points: number; stalls: number[] }): string {
  const at = (share: number) => stalls[Math.floor(share * (stalls.length - 1))]!.toFixed(1);
  return `${points} points; turn p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`;
}

function runSelf(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', process.argv[1]!, kind, count, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  return new Promise((resolve) => child.on('close', () => resolve(said.trim())));
}

async function fill(store: RunStore, points: number): Promise<string> {
  const { id } = await store.create(newRun, '');
  const writer = await store.claim(id);
  const startMs = performance.now();
  for (let step = 1; step <= points; step++) {
    const values = { train_loss: Math.sin(step / 1e5) + Math.random() };
    writer.record({ step, epoch: step / 1e5, articles: step * 16, timeMs: 1e12 + step, values });
    if (step % 100_000 === 0) await writer.flush();
  }
  await writer.release();
  console.log(`bulk: ${Math.round(points / ((performance.now() - startMs) / 1000))} points a second`);
  return id;
}

async function readCurve(store: RunStore, id: string): Promise<void> {
  await store.status(id); // opens the database
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const startMs = performance.now();
    const startCpu = process.cpuUsage();
    const curve = await store.loadCurve(id, 'train_loss', { axis: 'step', maxPoints: 2000 });
    times.push(performance.now() - startMs);
    const { user, system } = process.cpuUsage(startCpu);
    console.log(`curve: ${((user + system) / 1000).toFixed(0)} ms of processor time`);
    if (i === 0) console.log(`curve: ${curve.points.length} of ${curve.total} points`);
  }
  console.log(`curve: first ${times[0]!.toFixed(0)} ms, then ${Math.min(...times.slice(1)).toFixed(0)} ms`);
}

if (task === 'train') {
  console.log(formatStalls(await trainFor(open(folder), run)));
} else if (task === 'curve') {
  await readCurve(open(folder), run);
} else {
  const root = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
  const store = open(root);
  const ids = [];
  for (let i = 0; i < 9; i++) ids.push((await store.create(newRun, '')).id);
  console.log('alone:', await runSelf('train', root, ids[0]!));
  const eight = await Promise.all(ids.slice(1).map((id) => runSelf('train', root, id)));
  console.log(`eight at once:\n  ${eight.join('\n  ')}`);
  const long = await fill(store, Number(count));
  console.log(await runSelf('curve', root, long));
  const runs = kind === 'files' ? 1000 : 10_000;
  for (let i = ids.length; i < runs; i++) await store.create(newRun, '');
  for (let i = 0; i < 2; i++) {
    const startMs = performance.now();
    const { length } = (await store.list()).runs;
    console.log(`list of ${length} runs: ${(performance.now() - startMs).toFixed(0)} ms`);
  }
  rmSync(root, { recursive: true, force: true });
}
