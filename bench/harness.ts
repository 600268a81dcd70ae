// What every benchmark shares: fixed rounds with the sides in turn, medians with their spread, the machine and commit
// that a figure belongs to, and a mark on figures that were taken while others used the processor.
// The load average tells of the past minute, our own benches included; so the processor is watched while we idle.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { writeFileAtomic } from '../src/core/atomic-file.ts';
import { systemClock } from '../src/core/clock.ts';

export const repositoryRoot = fileURLToPath(new URL('..', import.meta.url));

/** Threads that a side may use; the peers get the same. */
export const THREADS = Number(process.env.VERACITY_THREADS ?? 0) || availableParallelism();

/** A Python that has the peers (torch, transformers, fasttext); null: benches leave their Python peer out. */
export const PYTHON = process.env.VERACITY_PYTHON ?? null;

const WATCH_MS = 1000;
const QUIET_SHARE = 0.1; // of the processor: below it, repeated figures agreed within some percent

export interface Spread {
  readonly n: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Figure extends Spread {
  readonly name: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  /** What is wanted of it, where an issue says so: at most (lower is better) or at least. */
  readonly limit?: number;
  /** Somebody else's program doing the same, in turn with ours; ratio above 1: ours is better by so much. */
  readonly peer?: Spread & { readonly name: string; readonly ratio: number };
}

/** Figures that are parts of a whole, such as the share of time by op. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface Measured {
  readonly figures: readonly Figure[];
  readonly tables?: readonly Table[];
  /** What a reader must know: what was checked, what was left out and why. */
  readonly notes?: readonly string[];
}

export interface Bench {
  /** File name without its ending; also the name of the result. */
  readonly name: string;
  /** One sentence: what is measured. */
  readonly title: string;
  measure(): Promise<Measured>;
}

export interface BenchResult extends Measured {
  readonly bench: string;
  readonly title: string;
  readonly date: string;
  /** Short hash; "+" where the working tree had changes. */
  readonly commit: string;
  readonly machine: Machine;
  readonly threads: number;
  readonly seconds: number;
  /** Share of the processor that others used, before and after. */
  readonly othersShare: readonly [number, number];
  readonly loadAverage: number;
  /** Others used the processor: take the figures as rough. */
  readonly busy: boolean;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
  readonly onnxruntime: string;
}

/**
 * Measures, prints and saves one bench where the file was run as a program; does nothing where it was imported.
 * `--quiet-only` refuses to start on a busy machine; VERACITY_BENCH_RESULTS names another folder for the result.
 */
export async function runAsProgram(bench: Bench, moduleUrl: string): Promise<void> {
  if (moduleUrl !== pathToFileURL(resolve(process.argv[1] ?? '')).href) return;
  const before = await measureOthersShare();
  if (before > QUIET_SHARE) {
    const share = `${Math.round(before * 100)}% of the processor is in use by others`;
    if (process.argv.includes('--quiet-only')) {
      process.stderr.write(`${bench.name}: not started: ${share}\n`);
      process.exit(2);
    }
    process.stderr.write(`${bench.name}: ${share}: the figures will be marked as rough\n`);
  }
  const startMs = performance.now();
  const { figures, tables = [], notes = [] } = await bench.measure();
  const seconds = Math.round((performance.now() - startMs) / 100) / 10;
  const after = await measureOthersShare();
  const result: BenchResult = {
    bench: bench.name,
    title: bench.title,
    date: systemClock.nowIso(),
    commit: readCommit(),
    machine: describeMachine(),
    threads: THREADS,
    seconds,
    othersShare: [round(before), round(after)],
    loadAverage: round(loadavg()[0]!),
    busy: Math.max(before, after) > QUIET_SHARE,
    figures,
    tables,
    notes,
  };
  const folder = resultsFolder();
  mkdirSync(folder, { recursive: true });
  writeFileAtomic(join(folder, `${bench.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(formatResult(result));
}

export function resultsFolder(): string {
  return process.env.VERACITY_BENCH_RESULTS ?? join(repositoryRoot, 'bench/results');
}

/**
 * Lets each side measure once a round, in alternating order, so that a slow minute of the machine hits all alike.
 * @param sides   each does its work once and returns its figure
 * @param warmUps rounds that do not count
 * @returns the figures of each side, paired by round
 */
export async function runInTurn<K extends string>(
  sides: Readonly<Record<K, () => number | Promise<number>>>,
  { rounds, warmUps = 1 }: { rounds: number; warmUps?: number },
): Promise<Record<K, number[]>> {
  const names = Object.keys(sides) as K[];
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = -warmUps; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const value = await sides[name]();
      if (round >= 0) values[name].push(value);
    }
  }
  return values;
}

/** @returns milliseconds */
export async function timeMs(work: () => unknown): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

export interface FigureOptions {
  readonly better: 'lower' | 'higher';
  readonly limit?: number;
  /** Values paired with ours by round, as runInTurn gives them. */
  readonly peer?: { readonly name: string; readonly values: readonly number[] };
}

/** Sums up the values of one figure; the ratio to the peer is the median of the rounds' ratios. */
export function summarizeFigure(
  name: string,
  unit: string,
  values: readonly number[],
  { better, limit, peer }: FigureOptions,
): Figure {
  const figure: Figure = {
    name,
    unit,
    better,
    ...summarize(values),
    ...(limit === undefined ? {} : { limit }),
  };
  if (peer === undefined) return figure;
  const ratios = values.map((value, i) =>
    better === 'lower' ? peer.values[i]! / value : value / peer.values[i]!,
  );
  return { ...figure, peer: { name: peer.name, ...summarize(peer.values), ratio: summarize(ratios).median } };
}

export function summarize(values: readonly number[]): Spread {
  if (values.length === 0) throw new Error('nothing was measured');
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  return {
    n: sorted.length,
    median: round(median),
    min: round(sorted[0]!),
    max: round(sorted[sorted.length - 1]!),
  };
}

/** Stops the bench: a figure of a program that computes something else is worth nothing. */
export function assertClose(what: string, found: number, expected: number, tolerance: number): void {
  const apart = Math.abs(found - expected);
  if (!(apart <= tolerance))
    throw new Error(`${what}: ${found} is not within ${tolerance} of the reference's ${expected}: not timed`);
}

/** Share of the processor that is in use while this process idles. */
export async function measureOthersShare(): Promise<number> {
  const before = readTimes();
  await pause(WATCH_MS);
  const after = readTimes();
  const total = after.total - before.total;
  return total === 0 ? 0 : Math.max(0, 1 - (after.idle - before.idle) / total);
}

function readTimes(): { idle: number; total: number } {
  const times = cpus().map((cpu) => cpu.times);
  return {
    idle: times.reduce((sum, { idle }) => sum + idle, 0),
    total: times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0),
  };
}

function describeMachine(): Machine {
  const require = createRequire(import.meta.url);
  const onnxruntime: unknown = JSON.parse(
    readFileSync(require.resolve('onnxruntime-node/package.json'), 'utf8'),
  );
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    node: process.versions.node,
    onnxruntime: (onnxruntime as { version: string }).version,
  };
}

function readCommit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: repositoryRoot,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const changed = git(
      'status',
      '--porcelain',
      '--untracked-files=no',
      '--',
      'src',
      'configs',
      'package-lock.json',
    );
    return `${git('rev-parse', '--short=9', 'HEAD')}${changed === '' ? '' : '+'}`;
  } catch {
    return 'unknown'; // no checkout, or no git here
  }
}

function formatResult({
  title,
  machine,
  threads,
  commit,
  busy,
  seconds,
  figures,
  notes = [],
}: BenchResult): string {
  const { cpu, cores, node, onnxruntime } = machine;
  const lines = [
    title,
    `${cpu}, ${cores} cores, ${threads} threads, Node ${node}, ONNX Runtime ${onnxruntime}, commit ${commit}, ${seconds} s`,
    ...(busy ? ['BUSY MACHINE: take the figures as rough'] : []),
    ...figures.map(({ name, unit, median, min, max, n, peer }) => {
      const range = n > 1 ? ` (${min} to ${max}, n ${n})` : '';
      const against = peer === undefined ? '' : `; ${peer.name} ${peer.median}: ${peer.ratio} times as good`;
      return `  ${name}: ${median} ${unit}${range}${against}`;
    }),
    ...notes.map((note) => `  note: ${note}`),
  ];
  return `${lines.join('\n')}\n\n`;
}

/** Four digits are more than any of these figures holds. */
function round(value: number): number {
  return Number(value.toPrecision(4));
}
