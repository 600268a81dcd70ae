// The update rules of optimizer.ts on four float32 at a time. ONNX Runtime takes no arrays from memory that threads share
// or that WebAssembly could address beyond 4 GiB, so pieces pass through a WebAssembly memory that stays in the
// processor's second cache: main memory sees the traffic that an update in place would have. An element's result depends
// on that element alone, so it is the same on whichever thread and in whichever piece it is computed.
import type { OptimizerOptions, UpdateOptions } from './optimizer.ts';
import { add, buildWasmModule, defineLoop, div, mul, sqrt, sub } from './wasm-module.ts';

export interface UpdateKernel {
  /** In float64, piece by piece in a fixed order. */
  sumSquares(values: Float32Array): number;
  /** target += values */
  add(target: Float32Array, values: Float32Array): void;
  /**
   * `updateParameter` in float32.
   * @param gradient  null: all zeros
   * @param state  as `stateNames` lists it
   */
  update(
    weights: Float32Array,
    gradient: Float32Array | null,
    state: readonly Float32Array[],
    update: UpdateOptions,
  ): void;
  /** What `update` does to weights whose gradient and state are all zeros. */
  decay(weights: Float32Array, update: UpdateOptions): void;
}

/** Elements of a piece: 4 slots of 64 KiB. */
const PIECE_LENGTH = 16_384;

const WEIGHTS = 0;
const GRADIENT = 1;
const STATE = 2;
const SLOTS = 4;
const SLOT_BYTES = PIECE_LENGTH * Float32Array.BYTES_PER_ELEMENT;

const adam = defineLoop({
  name: 'adam',
  scalars: [
    ...(['gradientScale', 'penalty', 'beta1', 'rest1', 'beta2', 'rest2'] as const),
    ...(['stepSize', 'inverseRoot', 'epsilon', 'decay'] as const),
  ],
  locals: ['w', 'g', 'm', 'v'],
  body: ({ load, store, scalars: s, locals: { w, g, m, v } }) => [
    w.set(load(WEIGHTS)),
    g.set(add(mul(load(GRADIENT), s.gradientScale), mul(w.get, s.penalty))),
    m.set(add(mul(load(STATE), s.beta1), mul(g.get, s.rest1))),
    v.set(add(mul(load(STATE + 1), s.beta2), mul(mul(g.get, s.rest2), g.get))),
    store(STATE, m.get),
    store(STATE + 1, v.get),
    g.set(div(mul(m.get, s.stepSize), add(mul(sqrt(v.get), s.inverseRoot), s.epsilon))),
    store(WEIGHTS, sub(w.get, add(mul(w.get, s.decay), g.get))),
  ],
});

const momentum = defineLoop({
  name: 'momentum',
  scalars: ['gradientScale', 'penalty', 'momentum', 'learningRate'],
  locals: ['w', 'velocity'],
  body: ({ load, store, scalars: s, locals: { w, velocity } }) => [
    w.set(load(WEIGHTS)),
    velocity.set(add(mul(load(GRADIENT), s.gradientScale), mul(w.get, s.penalty))),
    velocity.set(add(mul(load(STATE), s.momentum), velocity.get)),
    store(STATE, velocity.get),
    store(WEIGHTS, sub(w.get, mul(velocity.get, s.learningRate))),
  ],
});

const sgd = defineLoop({
  name: 'sgd',
  scalars: ['gradientScale', 'penalty', 'learningRate'],
  locals: ['w', 'g'],
  body: ({ load, store, scalars: s, locals: { w, g } }) => [
    w.set(load(WEIGHTS)),
    g.set(add(mul(load(GRADIENT), s.gradientScale), mul(w.get, s.penalty))),
    store(WEIGHTS, sub(w.get, mul(g.get, s.learningRate))),
  ],
});

const decay = defineLoop({
  name: 'decay',
  scalars: ['decay'],
  locals: ['w'],
  body: ({ load, store, scalars: s, locals: { w } }) => [
    w.set(load(WEIGHTS)),
    store(WEIGHTS, sub(w.get, mul(w.get, s.decay))),
  ],
});

const sum = defineLoop({
  name: 'sum',
  scalars: [],
  locals: [],
  body: ({ load, store }) => [store(0, add(load(0), load(1)))],
});

/** Node.js has it; the types of Node.js 20 leave it to the browser's, which this project does not load. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

type LoopExport = (bytes: number, ...scalars: number[]) => void;

/** Which loop an optimizer runs, in the order of its arguments, and what it leaves changed. */
interface Rule {
  readonly loop: string;
  readonly changed: readonly number[];
  scalars(update: UpdateOptions): readonly number[];
}

/** Compiles the loops and takes 256 KiB for their memory: one kernel a thread. */
export function createUpdateKernel(options: OptimizerOptions): UpdateKernel {
  const bytes = buildWasmModule({ slots: SLOTS, slotBytes: SLOT_BYTES }, [adam, momentum, sgd, decay, sum]);
  const { memory, sumSquares, ...loops } = new WebAssembly.Instance(new WebAssembly.Module(bytes))
    .exports as {
    memory: { readonly buffer: ArrayBuffer };
    sumSquares: (bytes: number) => number;
  } & Record<string, LoopExport>;
  const slots = Array.from(
    { length: SLOTS },
    (_, slot) => new Float32Array(memory.buffer, slot * SLOT_BYTES, PIECE_LENGTH),
  );
  const rule = chooseRule(options);
  /** @param arrays  by slot; null: zeros */
  const run = (
    loop: string,
    scalars: readonly number[],
    arrays: readonly (Float32Array | null)[],
    changed: readonly number[],
  ): void => {
    const { length } = arrays[0]!;
    for (let from = 0; from < length; from += PIECE_LENGTH) {
      const count = Math.min(PIECE_LENGTH, length - from);
      for (const [slot, array] of arrays.entries()) {
        if (array === null) slots[slot]!.fill(0, 0, count);
        else slots[slot]!.set(array.subarray(from, from + count));
      }
      loops[loop]!(count * Float32Array.BYTES_PER_ELEMENT, ...scalars);
      for (const slot of changed) arrays[slot]!.set(slots[slot]!.subarray(0, count), from);
    }
  };
  return {
    sumSquares: (values) => {
      let total = 0;
      for (let from = 0; from < values.length; from += PIECE_LENGTH) {
        const piece = values.subarray(from, from + PIECE_LENGTH);
        slots[0]!.set(piece);
        slots[0]!.fill(0, piece.length, (piece.length + 3) & ~3); // the last four may be less
        total += sumSquares(piece.length * Float32Array.BYTES_PER_ELEMENT);
      }
      return total;
    },
    add: (target, values) => run('sum', [], [target, values], [0]),
    update: (weights, gradient, state, update) =>
      run(rule.loop, rule.scalars(update), [weights, gradient, ...state], rule.changed),
    decay: (weights, update) => {
      const rate = decayRate(options, update);
      if (rate !== 0) run('decay', [rate], [weights], [WEIGHTS]);
    },
  };
}

/** Share of a weight that decoupled decay takes in an update; 0 where decay goes through the gradient. */
function decayRate(options: OptimizerOptions, update: UpdateOptions): number {
  return options.kind === 'adamw' && update.decay ? update.learningRate * options.weightDecay : 0;
}

/** Factor of the weights that is added to the gradient. */
export function penaltyOf(options: OptimizerOptions, update: Pick<UpdateOptions, 'decay'>): number {
  return options.kind !== 'adamw' && update.decay ? options.weightDecay : 0;
}

function chooseRule(options: OptimizerOptions): Rule {
  if (options.kind === 'sgd') {
    const plain = options.momentum === 0;
    return {
      loop: plain ? 'sgd' : 'momentum',
      changed: plain ? [WEIGHTS] : [WEIGHTS, STATE],
      scalars: (update) => [
        update.gradientScale,
        penaltyOf(options, update),
        ...(plain ? [] : [options.momentum]),
        update.learningRate,
      ],
    };
  }
  const { beta1, beta2, epsilon } = options;
  return {
    loop: 'adam',
    changed: [WEIGHTS, STATE, STATE + 1],
    scalars: (update) => [
      ...[update.gradientScale, penaltyOf(options, update), beta1, 1 - beta1, beta2, 1 - beta2],
      update.learningRate / (1 - beta1 ** (update.step + 1)),
      1 / Math.sqrt(1 - beta2 ** (update.step + 1)),
      ...[epsilon, decayRate(options, update)],
    ],
  };
}
