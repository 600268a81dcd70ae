// Minimum of a smooth function within bounds: limited-memory BFGS on the variables that no bound holds (L-BFGS with a projected search).
// Sources: Nocedal and Wright 2006, "Numerical Optimization", algorithms 7.4 and 3.5; Bertsekas 1982 for the projection.

/** Computes the value at x and writes its gradient. A value that is not finite marks a point that cannot be used. */
export type SmoothFunction = (x: Float64Array, gradient: Float64Array) => number;

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly evaluations: number;
}

export interface MinimumOptions {
  /** Per variable; default: no bounds. */
  readonly low?: Float64Array;
  readonly high?: Float64Array;
  /** Ends when no component of the projected gradient is larger. */
  readonly gradientTolerance: number;
  /** Ends when an iteration lowers the value by less than this part of it. Default 2.2e-9, as in SciPy. */
  readonly valueTolerance?: number;
  readonly maxIterations: number;
}

/** How many pairs of step and change of gradient are remembered. */
const MEMORY = 10;
const MAX_TRIES = 20;
/** The value must fall by at least this part of what the gradient promises. */
const SUFFICIENT = 1e-4;
/** The slope must flatten to this part of its start, else the step is lengthened. */
const CURVATURE = 0.9;

/** Searches from a point within the bounds; returns the best point found. */
export function findMinimum(
  objective: SmoothFunction,
  start: Float64Array,
  options: MinimumOptions,
): Minimum {
  const n = start.length;
  const { low, high, gradientTolerance, valueTolerance = 2.2e-9, maxIterations } = options;
  let x: Float64Array = start.slice();
  clip(x, low, high);
  let gradient: Float64Array = new Float64Array(n);
  let value = objective(x, gradient);
  let evaluations = 1;
  const memory = new PairMemory(n);
  const held = new Uint8Array(n);
  for (let iteration = 0; iteration < maxIterations && Number.isFinite(value); iteration++) {
    if (markHeld(held, x, gradient, low, high) <= gradientTolerance) break;
    const direction = memory.direction(gradient, held);
    if (product(direction, gradient) >= 0) {
      memory.clear();
      for (let i = 0; i < n; i++) direction[i] = held[i] ? 0 : -gradient[i]!;
    }
    const first = memory.isEmpty ? Math.min(1, 1 / Math.sqrt(product(direction, direction))) : 1;
    const next = searchLine(objective, x, value, gradient, direction, first, low, high);
    evaluations += next.evaluations;
    if (next.x === null) {
      // A stale memory can point nowhere; the gradient alone gets one more try.
      if (memory.isEmpty) break;
      memory.clear();
      continue;
    }
    memory.add(x, next.x, gradient, next.gradient);
    const fall = value - next.value;
    const size = Math.max(Math.abs(value), Math.abs(next.value), 1);
    x = next.x;
    value = next.value;
    gradient = next.gradient;
    if (fall <= valueTolerance * size) break;
  }
  return { x, value, evaluations };
}

/** Marks the variables that stay at their bound; returns the largest component of the gradient among the others. */
function markHeld(
  held: Uint8Array,
  x: Float64Array,
  gradient: Float64Array,
  low: Float64Array | undefined,
  high: Float64Array | undefined,
): number {
  let largest = 0;
  for (let i = 0; i < x.length; i++) {
    const g = gradient[i]!;
    // The projected gradient: how far a unit step down the gradient moves within the bounds.
    const to = Math.min(
      high?.[i] ?? Number.POSITIVE_INFINITY,
      Math.max(low?.[i] ?? Number.NEGATIVE_INFINITY, x[i]! - g),
    );
    const moved = Math.abs(to - x[i]!);
    held[i] = moved === 0 && g !== 0 ? 1 : 0;
    largest = Math.max(largest, moved);
  }
  return largest;
}

interface LineEnd {
  /** Null where no step lowers the value enough. */
  readonly x: Float64Array | null;
  readonly value: number;
  readonly gradient: Float64Array;
  readonly evaluations: number;
}

/** Searches along the projected line for a step that fulfils both Wolfe conditions, or at least the first. */
function searchLine(
  objective: SmoothFunction,
  x: Float64Array,
  value: number,
  gradient: Float64Array,
  direction: Float64Array,
  firstStep: number,
  low: Float64Array | undefined,
  high: Float64Array | undefined,
): LineEnd {
  const n = x.length;
  const slope = product(direction, gradient);
  let shortest = 0;
  let longest = Number.POSITIVE_INFINITY;
  let step = firstStep;
  let best: { x: Float64Array; value: number; gradient: Float64Array } | null = null;
  let evaluations = 0;
  while (evaluations < MAX_TRIES) {
    const candidate = new Float64Array(n);
    for (let i = 0; i < n; i++) candidate[i] = x[i]! + step * direction[i]!;
    clip(candidate, low, high);
    const candidateGradient = new Float64Array(n);
    const candidateValue = objective(candidate, candidateGradient);
    evaluations++;
    // The promise of the gradient along the way actually gone, which a bound may bend.
    let promised = 0;
    for (let i = 0; i < n; i++) promised += gradient[i]! * (candidate[i]! - x[i]!);
    if (!(candidateValue <= value + SUFFICIENT * promised)) {
      if (best !== null) break;
      longest = step;
      step = interpolate(value, slope, shortest, step, candidateValue);
      continue;
    }
    if (best !== null && candidateValue >= best.value) break;
    best = { x: candidate, value: candidateValue, gradient: candidateGradient };
    const bent = Math.abs(promised - step * slope) > 1e-12 * Math.abs(promised);
    if (
      bent ||
      product(direction, candidateGradient) >= CURVATURE * slope ||
      longest < Number.POSITIVE_INFINITY
    )
      break;
    shortest = step;
    step *= 4;
  }
  return best === null
    ? { x: null, value, gradient: new Float64Array(0), evaluations }
    : { ...best, evaluations };
}

/** Minimum of the parabola through the value and slope at 0 and the value at `step`, kept away from both ends. */
function interpolate(value: number, slope: number, shortest: number, step: number, atStep: number): number {
  const rise = atStep - value - slope * step;
  const minimum = Number.isFinite(rise) && rise > 0 ? (-slope * step * step) / (2 * rise) : step / 2;
  return Math.max(shortest + 0.1 * (step - shortest), Math.min(shortest + 0.5 * (step - shortest), minimum));
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function clip(x: Float64Array, low: Float64Array | undefined, high: Float64Array | undefined): void {
  for (let i = 0; i < x.length; i++) {
    if (low !== undefined && x[i]! < low[i]!) x[i] = low[i]!;
    if (high !== undefined && x[i]! > high[i]!) x[i] = high[i]!;
  }
}

/** The last steps and changes of gradient, from which the direction of the next step is computed. */
class PairMemory {
  #pairs: { step: Float64Array; change: Float64Array; curvature: number }[] = [];
  readonly #n: number;

  constructor(n: number) {
    this.#n = n;
  }

  get isEmpty(): boolean {
    return this.#pairs.length === 0;
  }

  clear(): void {
    this.#pairs = [];
  }

  /** Remembers a step, unless the function curves downward along it. */
  add(from: Float64Array, to: Float64Array, gradientFrom: Float64Array, gradientTo: Float64Array): void {
    const step = new Float64Array(this.#n);
    const change = new Float64Array(this.#n);
    for (let i = 0; i < this.#n; i++) {
      step[i] = to[i]! - from[i]!;
      change[i] = gradientTo[i]! - gradientFrom[i]!;
    }
    const curvature = product(step, change);
    if (curvature <= 2.2e-16 * product(change, change)) return;
    this.#pairs.push({ step, change, curvature });
    if (this.#pairs.length > MEMORY) this.#pairs.shift();
  }

  /** The two-loop recursion over the variables that are not held. */
  direction(gradient: Float64Array, held: Uint8Array): Float64Array {
    const q = new Float64Array(this.#n);
    for (let i = 0; i < this.#n; i++) q[i] = held[i] ? 0 : -gradient[i]!;
    const weights: number[] = [];
    for (let p = this.#pairs.length - 1; p >= 0; p--) {
      const { step, change, curvature } = this.#pairs[p]!;
      const weight = product(step, q) / curvature;
      weights[p] = weight;
      for (let i = 0; i < this.#n; i++) if (!held[i]) q[i] = q[i]! - weight * change[i]!;
    }
    const last = this.#pairs.at(-1);
    if (last !== undefined) {
      const scale = last.curvature / product(last.change, last.change);
      for (let i = 0; i < this.#n; i++) q[i] = q[i]! * scale;
    }
    for (let p = 0; p < this.#pairs.length; p++) {
      const { step, change, curvature } = this.#pairs[p]!;
      const weight = weights[p]! - product(change, q) / curvature;
      for (let i = 0; i < this.#n; i++) if (!held[i]) q[i] = q[i]! + weight * step[i]!;
    }
    return q;
  }
}
