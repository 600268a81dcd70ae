// Bench of clipping by norm and AdamW over the parameters of a DistilBERT, in turn with torch's clip_grad_norm_ and fused
// AdamW on as many threads. Both sides start from the same numbers; norm and weights after three updates are compared
// before anything is timed. "Rows" is what a training step does: the table's gradient has 2,048 rows; PyTorch's is whole.
// npx tsx bench/adamw.ts [--allow-busy]     (PyTorch: VERACITY_PYTHON=… with torch)
import { fileURLToPath } from 'node:url';
import type { TrainingProgram } from '../src/engine/graph/program.ts';
import { countElements } from '../src/engine/graph/tensor.ts';
import {
  createTrainedParameters,
  type TrainedParameter,
} from '../src/engine/runtime/update/trained-parameter.ts';
import { createUpdateThreads } from '../src/engine/runtime/update/update-threads.ts';
import { runSuite } from './harness.ts';
import { startSide } from './side-process.ts';
import { assertClose, listRatios, medianOf, PYTHON, runInTurn, THREADS } from './sides.ts';

interface Answer {
  readonly ms: number;
  readonly norm: number;
  /** Sum of the absolute values of all weights. */
  readonly sum: number;
}

const WIDTH = 768;
const VOCABULARY = 30_522;
const LOOKED_UP = 2048;
const CHECKED_UPDATES = 3;
const ROUNDS = 15;
const UPDATE = {
  learningRate: 1e-3,
  clipNorm: 1,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
};

const linear = (to: number, from: number): number[][] => [[to, from], [to]];
const norm = [[WIDTH], [WIDTH]];
const layer = [
  ...Array.from({ length: 4 }, () => linear(WIDTH, WIDTH)).flat(),
  ...[...norm, ...linear(4 * WIDTH, WIDTH), ...linear(WIDTH, 4 * WIDTH), ...norm],
];
const shapes = [
  ...[[VOCABULARY, WIDTH], [512, WIDTH], ...norm],
  ...Array.from({ length: 6 }, () => layer).flat(),
  ...[...linear(WIDTH, WIDTH), ...linear(2, WIDTH)],
];

async function startOurs(inRows: boolean, threads: number): Promise<() => Promise<Answer>> {
  const weights = new Map(
    shapes.map((shape, i) => [`${i}`, { dtype: 'float32' as const, shape, data: fill(shape, i, 4) }]),
  );
  const program: TrainingProgram = {
    ...{ step: new Uint8Array(), forward: new Uint8Array(), frozen: [], dropout: [], classes: 2 },
    parameters: shapes.map((shape, i) => ({
      ...{ name: `${i}`, shape },
      gradient: { kind: inRows && i === 0 ? 'rows' : 'dense', output: `${i}`, indices: '' },
    })),
  };
  const optimizer = { kind: 'adamw', ...UPDATE } as const;
  const trained = createTrainedParameters(program, weights, optimizer, { adopt: true, threads });
  const parameters = trained.all;
  for (const [i, { shape, gradient }] of parameters.entries()) {
    if ('dense' in gradient) gradient.dense.data.set(fill(shape, i + 1000, 1024));
    else gradient.rows.add(drawRows(), fill([LOOKED_UP, WIDTH], i + 1000, 1024));
  }
  const updates = await createUpdateThreads(optimizer, trained);
  let step = 0;
  return async () => {
    let gradientNorm = 0;
    const startMs = performance.now();
    await updates.update((found) => {
      gradientNorm = found;
      const gradientScale = Math.min(1, UPDATE.clipNorm / (found + 1e-6));
      return ({ decay }) => ({ learningRate: UPDATE.learningRate, gradientScale, step, decay });
    });
    const ms = performance.now() - startMs;
    step++;
    return { ms, norm: gradientNorm, sum: step === CHECKED_UPDATES ? sumOf(parameters) : 0 };
  };
}

/** Numbers that Python computes identically: fractions of 2 ** 32, less a half, over `divisor`. */
function fill(shape: readonly number[], seed: number, divisor: number): Float32Array {
  const data = new Float32Array(countElements(shape));
  for (let i = 0; i < data.length; i++)
    data[i] = ((Math.imul(i + seed, 0x9e3779b1) >>> 0) / 2 ** 32 - 0.5) / divisor;
  return data;
}

function drawRows(): Int32Array {
  return Int32Array.from({ length: LOOKED_UP }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) >>> 0) % VOCABULARY);
}

function sumOf(parameters: readonly TrainedParameter[]): number {
  let sum = 0;
  for (const { tensor } of parameters) for (const value of tensor.data) sum += Math.abs(value);
  return sum;
}

await runSuite(
  'adamw',
  async (suite) => {
    const script = fileURLToPath(new URL('baselines/adamw-torch.py', import.meta.url));
    const torch =
      PYTHON === null
        ? null
        : await startSide<{ torch: string }, Answer>([
            ...[PYTHON, script],
            JSON.stringify({ shapes, threads: THREADS, ...UPDATE }),
          ]);
    const whole = await startOurs(false, THREADS);
    const rows = await startOurs(true, THREADS);
    const one = await startOurs(false, 1);
    for (let update = 0; update < CHECKED_UPDATES; update++) {
      const [found, single] = [await whole(), await one()];
      await rows();
      if (single.norm !== found.norm || single.sum !== found.sum)
        throw new Error('one thread and several differ: not timed');
      const expected = await torch?.ask('update');
      if (expected === undefined) continue;
      assertClose('norm', found.norm / expected.norm, 1, 1e-3); // torch adds 23 M squares up in float32
      if (update === CHECKED_UPDATES - 1) assertClose('sum', found.sum / expected.sum, 1, 1e-6);
    }
    const sides: Record<string, () => Promise<number>> = {
      [`ours, ${THREADS} threads`]: async () => (await whole()).ms,
      [`ours, ${THREADS} threads, table in rows`]: async () => (await rows()).ms,
      'ours, 1 thread': async () => (await one()).ms,
      ...(torch === null ? {} : { 'torch, fused': async () => (await torch.ask('update')).ms }),
    };
    const times = await runInTurn(sides, { rounds: ROUNDS });
    for (const [name, values] of Object.entries(times))
      suite.record({ name, unit: 'ms', better: 'lower', values });
    const peer = times['torch, fused'];
    if (peer !== undefined) {
      for (const name of Object.keys(times).slice(0, 2)) {
        const values = listRatios(peer, times[name]!);
        suite.record({ name: `torch / ${name}`, unit: 'times', better: 'higher', values });
      }
    }
    process.stderr.write(`  medians: ${Object.values(times).map((values) => medianOf(values).toFixed(0))}\n`);
    await torch?.close();
  },
  { threads: THREADS },
);
process.exit(0); // update threads are still there
