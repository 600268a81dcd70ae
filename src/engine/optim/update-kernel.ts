// The update rules of optimizer.ts on four float32 at a time. ONNX Runtime's arrays cannot lie in memory that threads
// share, so pieces of them pass through a WebAssembly memory small enough to stay in the processor's second cache: the
// traffic to main memory is what an update in place would have. Each element's result depends on nothing but itself, so it
// does not matter which thread computes it.
import type { OptimizerOptions, UpdateOptions } from './optimizer.ts';
import { add, buildWasmModule, div, mul, sqrt, sub } from './wasm-module.ts';

/** Elements of a piece. */
export const PIECE_LENGTH = 8192;

const GRADIENT = 0;
const WEIGHTS = 1;
const STATE = 2;
const SLOTS = 4;
const BYTES = Float32Array.BYTES_PER_ELEMENT;

export interface UpdateKernel {
  /** The sum of squares in float64, added up piece by piece in a fixed order. */
  sumSquares(values: Float32Array): number;
  /** target += values */
  addTo(target: Float32Array, values: Float32Array): void;
  /** `updateParameter` with float32 arithmetic. `gradient` null: all zeros. */
  update(
    weights: Float32Array,
    gradient: Float32Array | null,
    state: readonly Float32Array[],
    update: UpdateOptions,
  ): void;
  /** `update` with zero gradients and a state of zeros: only decay is left, nothing at all where there is none. */
  decay(weights: Float32Array, update: UpdateOptions): void;
}

type Loop = (bytes: number, position: 0, ...scalars: number[]) => void;

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly adam: Loop;
  readonly momentum: Loop;
  readonly sgd: Loop;
  readonly scale: Loop;
  readonly add: Loop;
  readonly sumSquares: (bytes: number, position: 0) => number;
}

const MODULE_BYTES = buildWasmModule({ slots: SLOTS, slotBytes: PIECE_LENGTH * BYTES }, ({ load, store }) => [
  {
    name: 'adam',
    scalars: 9,
    locals: 3,
    body: ([gradientScale, penalty, beta1, rest1, beta2, rest2, stepSize, inverseRoot, shrinkAndEpsilon]) => [],
  },
]);
