// One process of the bench of run stores: it trains, reads a curve or lists runs in a store that exists, and prints a line of
// JSON.
// npx tsx bench/run-store-side.ts files|sqlite|postgres FOLDER train|curve|list [RUN]
// The address of PostgreSQL is in VERACITY_DB.
import { systemClock } from '../src/foundation/core/clock.ts';
import { locateHome } from '../src/foundation/records/home.ts';
import { openPostgres, openSqlite } from '../src/keeping/database/index.ts';
import { createDatabaseRunStore, createFileRunStore, type RunStore } from '../src/keeping/runs/index.ts';

const NAMES = [
  'train_loss',
  'learning_rate',
  'gradient_norm',
  'train_tokens',
  'step_ms',
  'data_wait_ms',
  'a',
  'b',
];
const TRAINING_MS = 5000;
const AGAIN = 5;

const [kind = '', folder = '', task = '', run = ''] = process.argv.slice(2);
const store = open();
if (task === 'train') print(await train());
else if (task === 'curve')
  print(
    await readTwice(
      () => store.loadCurve(run, 'train_loss', { axis: 'step', maxPoints: 2000 }),
      (curve) => curve.total,
    ),
  );
else
  print(
    await readTwice(
      () => store.list(),
      (list) => list.runs.length,
    ),
  );

function print(result: object): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

function open(): RunStore {
  const home = locateHome(folder);
  if (kind === 'files') return createFileRunStore(home, systemClock);
  const database =
    kind === 'sqlite' ? openSqlite(home.database) : openPostgres(process.env.VERACITY_DB ?? '');
  return createDatabaseRunStore(database, home, systemClock);
}

/** Records eight metrics about each millisecond. The turns show what writing costs the thread that trains. */
async function train(): Promise<object> {
  const writer = await store.claim(run);
  const turns: number[] = [];
  const endMs = performance.now() + TRAINING_MS;
  let step = 0;
  while (performance.now() < endMs) {
    const startMs = performance.now();
    step++;
    const values = Object.fromEntries(NAMES.map((name) => [name, Math.sin(step)]));
    writer.record({ step, epoch: step / 1000, articles: step * 16, values });
    await new Promise((resolve) => setTimeout(resolve, 1));
    turns.push(performance.now() - startMs);
  }
  await writer.flush();
  await writer.release();
  turns.sort((a, b) => a - b);
  const at = (share: number): number => turns[Math.floor(share * (turns.length - 1))]!;
  const kept = (await store.listMetrics(run)).reduce((sum, { count }) => sum + count, 0);
  return { points: step * NAMES.length, kept, p50: at(0.5), p99: at(0.99), longest: at(1) };
}

/** The first reading and the fastest of the next, in milliseconds of the clock and of the processor, this process only. */
async function readTwice<T>(read: () => Promise<T>, count: (result: T) => number): Promise<object> {
  await store.status(run); // opens the database
  const readings: { wallMs: number; cpuMs: number }[] = [];
  let found = 0;
  for (let i = 0; i <= AGAIN; i++) {
    const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
    found = count(await read());
    const { user, system } = process.cpuUsage(startCpu);
    readings.push({ wallMs: performance.now() - startMs, cpuMs: (user + system) / 1000 });
  }
  const [first, ...again] = readings;
  return { found, first, again: again.sort((a, b) => a.cpuMs - b.cpuMs)[0] };
}
