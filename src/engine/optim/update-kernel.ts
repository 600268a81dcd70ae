// The update rules of optimizer.ts on four float32 at a time. Arrays in the kernel's memory are updated in
// place; others are copied through it in pieces that stay in the processor's second cache. An element's result depends on
// that element alone, so it does not depend on the thread or the piece that it is computed in.
import { correctBias } from './bias-correction.ts';
import { createKernelMemory, type KernelMemory, PIECE_LENGTH } from './kernel-memory.ts';
import type { OptimizerOptions, UpdateOptions } from './optimizer.ts';
import { add, buildWasmModule, defineLoop, div, mul, sqrt, sub } from './wasm-module.ts';

export interface UpdateKernel {
  /** Sum of squares in float64, added piece by piece in a fixed order. */
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

const WEIGHTS = 0;
const GRADIENT = 1;
const STATE = 2;

const adam = defineLoop({
  name: 'adam',
  arrays: 4,
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
  arrays: 3,
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
  arrays: 2,
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
  arrays: 1,
  scalars: ['decay'],
  locals: ['w'],
  body: ({ load, store, scalars: s, locals: { w } }) => [
    w.set(load(WEIGHTS)),
    store(WEIGHTS, sub(w.get, mul(w.get, s.decay))),
  ],
});

const sum = defineLoop({
  name: 'sum',
  arrays: 2,
  scalars: [],
  locals: [],
  body: ({ load, store }) => [store(0, add(load(0), load(1)))],
});

/** Node.js has WebAssembly; its types come with those of the browser, which this project does not load. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

type LoopExport = (bytes: number, ...addressesAndScalars: number[]) => void;

/** Which loop an optimizer runs, with the loop's scalars in their order, and which arrays it changes. */
interface Rule {
  readonly loop: string;
  readonly changed: readonly number[];
  scalars(update: UpdateOptions): readonly number[];
}

/**
 * Compiles the loops: one kernel per thread.
 * @param memory  where arrays may lie; the default holds none, and takes 256 KiB
 */
export function createUpdateKernel(
  options: OptimizerOptions,
  { memory, slots }: KernelMemory = createKernelMemory(0, false),
): UpdateKernel {
  const { buffer } = memory;
  const bytes = buildWasmModule([adam, momentum, sgd, decay, sum], buffer instanceof SharedArrayBuffer);
  const { sumSquares, ...loops } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    kernel: { memory },
  }).exports as {
    sumSquares: (bytes: number, address: number) => number;
  } & Record<string, LoopExport>;
  const rule = chooseRule(options);
  // A piece may end within a vector of four. In place, the rest of the vector belongs to another array: use a slot.
  const isInPlace = (array: Float32Array, count: number): boolean =>
    array.buffer === buffer && count % 4 === 0;
  const bytesOf = (count: number): number => ((count + 3) & ~3) * Float32Array.BYTES_PER_ELEMENT;
  /** @param arrays  null: zeros */
  const run = (
    loop: string,
    scalars: readonly number[],
    arrays: readonly (Float32Array | null)[],
    changed: readonly number[],
  ): void => {
    const { length } = arrays[0]!;
    for (let from = 0; from < length; from += PIECE_LENGTH) {
      const count = Math.min(PIECE_LENGTH, length - from);
      const addresses = arrays.map((array, i) => {
        const slot = slots[i]!;
        if (array === null) slot.fill(0, 0, count);
        else if (isInPlace(array, count)) return array.byteOffset + from * array.BYTES_PER_ELEMENT;
        else slot.set(array.subarray(from, from + count));
        return slot.byteOffset;
      });
      loops[loop]!(bytesOf(count), ...addresses, ...scalars);
      for (const i of changed) {
        const array = arrays[i]!;
        if (addresses[i] === slots[i]!.byteOffset) array.set(slots[i]!.subarray(0, count), from);
      }
    }
  };
  return {
    sumSquares: (values) => {
      let total = 0;
      for (let from = 0; from < values.length; from += PIECE_LENGTH) {
        const piece = values.subarray(from, from + PIECE_LENGTH);
        const count = piece.length;
        if (isInPlace(values, count)) {
          total += sumSquares(bytesOf(count), piece.byteOffset);
          continue;
        }
        const slot = slots[0]!;
        slot.set(piece);
        slot.fill(0, count, (count + 3) & ~3);
        total += sumSquares(bytesOf(count), slot.byteOffset);
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
    scalars: (update) => {
      const { stepSize, inverseRoot } = correctBias(options, update.learningRate, update.step);
      return [
        ...[update.gradientScale, penaltyOf(options, update), beta1, 1 - beta1, beta2, 1 - beta2],
        ...[stepSize, inverseRoot, epsilon, decayRate(options, update)],
      ];
    },
  };
}
