// Bench of versions of data: add, status and checkout of a folder of 10,000 small files, and add and checkout of one file of
// 2 GB (sparse), as whole commands beside the real DVC. bench/remotes.ts has push and pull.
//   VERACITY_TEST_DVC=PATH_OF_DVC npx tsx bench/data-versions.ts [--allow-busy]   (needs dist: npm run build)
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../src/foundation/core/index.ts';
import { runSuite } from './harness.ts';
import { listRatios, medianOf, repositoryRoot, runInTurn } from './sides.ts';

const DVC = process.env.VERACITY_TEST_DVC ?? null;
const FILES = 10_000;
const FILE_BYTES = 3_000;
const LARGE_BYTES = 2e9;
const ROUNDS = 3;
/** What was promised for small files: how many times as fast as DVC. */
const PROMISED = 3;

type Side = 'veracity' | 'dvc';
/** Pointers by name: both sides must record the same. */
const pointers = new Map<string, string>();
const folder = mkdtempSync(join(tmpdir(), 'veracity-bench-'));

await runSuite('data-versions', async ({ record }) => {
  if (DVC === null) console.error('  VERACITY_TEST_DVC names no dvc: its side is left out');
  const sides: readonly Side[] = DVC === null ? ['veracity'] : ['veracity', 'dvc'];
  for (const [what, name, fill] of [
    [`${FILES.toLocaleString('en')} files of ${FILE_BYTES} bytes`, 'tree', fillTree],
    ['one file of 2 GB', 'large.bin', fillLarge],
  ] as const) {
    const steps: Record<string, Partial<Record<Side, number[]>>> = { add: {}, status: {}, checkout: {} };
    await runInTurn(
      Object.fromEntries(sides.map((side) => [side, () => runRound(side, name, fill, steps)])) as Record<
        Side,
        () => number
      >,
      { rounds: ROUNDS, warmUps: 0 },
    );
    for (const [step, values] of Object.entries(steps)) {
      for (const side of sides)
        record({ name: `${step}, ${what}: ${side}`, unit: 's', better: 'lower', values: values[side]! });
      if (values.dvc === undefined) continue;
      record({
        name: `${step}, ${what}: times as fast as dvc`,
        unit: 'x',
        better: 'higher',
        values: listRatios(values.dvc, values.veracity!),
        limit: name === 'tree' ? PROMISED : 1,
        note: `median of ${ROUNDS} rounds in turn: ${medianOf(listRatios(values.dvc, values.veracity!)).toFixed(1)}`,
      });
    }
  }
}).finally(() => rmSync(folder, { recursive: true, force: true }));

/** Adds, asks for the status, deletes and checks out, in a new repository. @returns seconds of all */
function runRound(
  side: Side,
  name: string,
  fill: (path: string) => void,
  steps: Record<string, Partial<Record<Side, number[]>>>,
): number {
  const place = mkdtempSync(join(folder, `${side}-`));
  execFileSync('git', ['init', '-q', place]);
  mkdirSync(join(place, '.dvc'));
  writeFileSync(join(place, '.dvc/config'), '');
  fill(join(place, name));
  const commands = { add: ['add', name], status: ['status'], checkout: ['checkout'] };
  let sum = 0;
  for (const [step, args] of Object.entries(commands)) {
    if (step === 'checkout') rmSync(join(place, name), { recursive: true });
    const start = performance.now();
    run(side, place, args);
    const seconds = (performance.now() - start) / 1000;
    const values = steps[step]!;
    values[side] = [...(values[side] ?? []), seconds];
    sum += seconds;
  }
  checkPointer(readFileSync(join(place, `${name}.dvc`), 'utf8'), name);
  rmSync(place, { recursive: true });
  return sum;
}

function checkPointer(text: string, name: string): void {
  const known = pointers.get(name) ?? text;
  if (known !== text) throw new Error(`${name}: the two programs wrote different pointers`);
  pointers.set(name, text);
}

function run(side: Side, cwd: string, args: readonly string[]): void {
  const options = {
    cwd,
    stdio: 'ignore',
    env: { ...process.env, DVC_NO_ANALYTICS: '1', VERACITY_HOME: '' },
  } as const;
  if (side === 'dvc') execFileSync(DVC!, [...args, '-q'], options);
  else execFileSync(process.execPath, [join(repositoryRoot, 'dist/cli.js'), 'data', ...args], options);
}

function fillTree(path: string): void {
  const random = createRandom(5);
  for (let i = 0; i < FILES; i++) {
    const below = join(path, String(i % 100));
    mkdirSync(below, { recursive: true });
    const bytes = Buffer.alloc(FILE_BYTES);
    for (let at = 0; at < FILE_BYTES; at += 4) bytes.writeUInt32LE(random.integer(2 ** 32), at);
    writeFileSync(join(below, `file-${i}.bin`), bytes);
  }
}

function fillLarge(path: string): void {
  writeFileSync(path, 'begin');
  truncateSync(path, LARGE_BYTES);
}
