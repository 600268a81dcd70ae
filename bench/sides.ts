// Runs the sides of a comparison in turn and pairs their figures by round; finds the Python that other sides need.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = fileURLToPath(new URL('..', import.meta.url));

/** Threads that a side may use; all sides get the same number. */
export const THREADS = Number(process.env.VERACITY_THREADS ?? 0) || availableParallelism();

/** A Python with torch, transformers and fasttext; null if there is none: benches then leave that side out and say so. */
export const PYTHON = process.env.VERACITY_PYTHON ?? null;

/**
 * Lets each side measure once a round, in alternating order, so that a slow minute of the machine affects all sides.
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

/** a / b, round by round. */
export function listRatios(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value / b[i]!);
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** @returns milliseconds */
export async function timeMs(work: () => unknown): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** Stops the bench: timing a program that computes something else is pointless. */
export function assertClose(what: string, found: number, expected: number, tolerance: number): void {
  if (!(Math.abs(found - expected) <= tolerance))
    throw new Error(`${what}: ${found} is not within ${tolerance} of the reference's ${expected}: not timed`);
}
