// Kills add, commit and checkout at random moments: what is half written is never taken for whole, and the same command then
// completes the work.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/foundation/core/random.ts';

const program = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');
const MOMENTS = 20;
/** A slow machine tries fewer moments. */
const MOST_MS = 15_000;
/** More than MANY_FILES, so that threads are at work. */
const FILES = 650;
const OLD = 1;
const NEW = 2;

let folder: string;
let pointerOf: Readonly<Record<number, string>>;
const random = createRandom(11);

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'veracity-kill-')));
  execFileSync('git', ['init', '-q', folder]);
  mkdirSync(join(folder, '.dvc'));
  writeTree(NEW);
  run('data', 'add', 'tree');
  const newer = pointer();
  writeTree(OLD);
  run('data', 'commit');
  pointerOf = { [OLD]: pointer(), [NEW]: newer };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pointer = (): string => readFileSync(join(folder, 'tree.dvc'), 'utf8');
const run = (...args: string[]): unknown =>
  JSON.parse(
    execFileSync(process.execPath, [program, ...args, '--json'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
const textOf = (version: number, i: number): string =>
  // A third of the files is the same in both versions.
  `${i % 3 === 0 ? 0 : version} ${i} ${'x'.repeat(i * 7)}`;

function writeTree(version: number): void {
  rmSync(join(folder, 'tree'), { recursive: true, force: true });
  for (let i = 0; i < FILES; i++) {
    mkdirSync(join(folder, 'tree', String(i % 10)), { recursive: true });
    if (version === OLD || i % 5 !== 1)
      writeFileSync(join(folder, 'tree', String(i % 10), `f${i}`), textOf(version, i));
  }
}

/** Starts a command, and kills it after a part of the time that it took before. */
async function kill(shareOfTime: number, usualMs: number, ...args: string[]): Promise<'killed' | 'done'> {
  const child = spawn(process.execPath, [program, ...args], { cwd: folder, stdio: 'ignore' });
  const ended = new Promise<'killed' | 'done'>((resolve) =>
    child.on('exit', (_code, signal) => resolve(signal === null ? 'done' : 'killed')),
  );
  await Promise.race([sleep(shareOfTime * usualMs), ended]);
  child.kill('SIGKILL');
  return ended;
}

function* moments(): Generator<number> {
  const start = performance.now();
  for (let moment = 0; moment < MOMENTS && performance.now() - start < MOST_MS; moment++) yield moment;
}

function time(...args: string[]): number {
  const start = performance.now();
  run(...args);
  return performance.now() - start;
}

/** Every object under its final name has the bytes of that name. */
function expectWholeObjects(): void {
  const cache = join(folder, '.dvc/cache/files/md5');
  if (!existsSync(cache)) return;
  for (const first of readdirSync(cache))
    for (const rest of readdirSync(join(cache, first))) {
      const md5 = createHash('md5')
        .update(readFileSync(join(cache, first, rest)))
        .digest('hex');
      expect(first + rest.replace('.dir', '')).toBe(md5);
    }
}

interface Status {
  readonly data: readonly {
    readonly state: string;
    readonly cache: { readonly missing: number; readonly corrupt: readonly string[] };
  }[];
}

describe('a kill', () => {
  it('of add or commit leaves the old pointer or the new one, with all of its objects', async () => {
    const usualMs = time('data', 'add', 'tree');
    for (const moment of moments()) {
      const isAdd = moment % 2 === 0;
      // Nothing but what is committed: the new objects have to be stored again.
      rmSync(join(folder, '.dvc/cache'), { recursive: true, force: true });
      rmSync(join(folder, '.dvc/tmp'), { recursive: true, force: true });
      writeTree(OLD);
      writeFileSync(join(folder, 'tree.dvc'), pointerOf[OLD]!);
      run('data', 'commit');
      writeTree(NEW);
      if (isAdd && moment % 4 === 0) rmSync(join(folder, 'tree.dvc'));
      const before = existsSync(join(folder, 'tree.dvc')) ? pointer() : null;
      await kill(random.next() * 1.6, usualMs, 'data', ...(isAdd ? ['add', 'tree'] : ['commit']));
      const after = existsSync(join(folder, 'tree.dvc')) ? pointer() : null;
      expect([before, pointerOf[NEW]]).toContain(after);
      expectWholeObjects();
      if (after !== null) {
        const { data } = run('data', 'status', '--verify') as Status;
        expect(data[0]).toMatchObject({ cache: { missing: 0, corrupt: [] } });
      }
      run('data', 'add', 'tree');
      expect(pointer()).toBe(pointerOf[NEW]);
    }
  }, 120_000);

  it('of checkout leaves data that is called unfinished and is recorded by nothing, until it is completed', async () => {
    writeTree(OLD);
    run('data', 'commit');
    writeTree(NEW);
    run('data', 'commit');
    writeFileSync(join(folder, 'tree.dvc'), pointerOf[OLD]!);
    const usualMs = time('data', 'checkout');
    for (const moment of moments()) {
      const to = moment % 2 === 0 ? NEW : OLD;
      const from = to === NEW ? OLD : NEW;
      writeFileSync(join(folder, 'tree.dvc'), pointerOf[to]!);
      await kill(0.3 + random.next() * 0.9, usualMs, 'data', 'checkout');
      const { data } = run('data', 'status') as Status;
      const state = data[0]!.state;
      if (state === 'unfinished') {
        expect(() => run('data', 'commit')).toThrow(/CHECKOUT_UNFINISHED/);
        expect(pointer()).toBe(pointerOf[to]);
      } else expectVersion(state === 'unchanged' ? to : from);
      run('data', 'checkout');
      expectVersion(to);
      expectWholeObjects();
    }
  }, 120_000);
});

function expectVersion(version: number): void {
  const wrong: string[] = [];
  for (let i = 0; i < FILES; i++) {
    const path = join(folder, 'tree', String(i % 10), `f${i}`);
    const isWanted = version === OLD || i % 5 !== 1;
    const text = statSync(path, { throwIfNoEntry: false }) === undefined ? null : readFileSync(path, 'utf8');
    if (text !== (isWanted ? textOf(version, i) : null)) wrong.push(path);
  }
  expect(wrong).toEqual([]);
}
