// An interpreter of the intermediate representation with simple float64 loops. Gradients are checked with it by finite
// differences; in float32, rounding would hide the differences.
import type { Graph, GraphNode, Value } from '../../src/engine/graph/ir.ts';
import { normalizeAxis } from '../../src/engine/ops/definition.ts';

export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Computes `outputs`; inputs and parameters are given, constants are the graph's own. */
export function interpret(
  graph: Graph,
  given: ReadonlyMap<Value, Array64>,
  outputs: readonly Value[],
): readonly Array64[] {
  const known = new Map<Value, Array64>(given);
  for (const value of graph.values) {
    if (value.data !== null)
      known.set(value, {
        shape: value.data.shape,
        data: Float64Array.from(value.data.data as Float32Array, Number),
      });
  }
  for (const node of graph.nodes) {
    if (!node.inputs.every((input) => known.has(input))) continue;
    const results = run(
      node,
      node.inputs.map((input) => known.get(input)!),
    );
    for (const [i, output] of node.outputs.entries()) known.set(output, results[i]!);
  }
  return outputs.map((output) => known.get(output)!);
}

function run(node: GraphNode, inputs: readonly Array64[]): readonly Array64[] {
  const [x, y, z] = inputs as [Array64, Array64, Array64];
  switch (node.op) {
    case 'Add':
      return [zip(x, y, (a, b) => a + b)];
    case 'Sub':
      return [zip(x, y, (a, b) => a - b)];
    case 'Mul':
      return [zip(x, y, (a, b) => a * b)];
    case 'Div':
      return [zip(x, y, (a, b) => a / b)];
    case 'Neg':
      return [map(x, (a) => -a)];
    case 'Exp':
      return [map(x, Math.exp)];
    case 'Log':
      return [map(x, Math.log)];
    case 'Sqrt':
      return [map(x, Math.sqrt)];
    case 'Erf':
      return [map(x, erf)];
    case 'Tanh':
      return [map(x, Math.tanh)];
    case 'Sigmoid':
      return [map(x, (a) => 1 / (1 + Math.exp(-a)))];
    case 'Relu':
      return [map(x, (a) => Math.max(0, a))];
    case 'Gelu':
      return [map(x, (a) => (a * (1 + erf(a * Math.SQRT1_2))) / 2)];
    case 'ErfGelu': {
      const cumulative = map(x, (a) => (1 + erf(a)) / 2);
      return [zip(x, cumulative, (a, c) => a * c), cumulative];
    }
    case 'Cast':
      return [node.attributes.to === 'bool' ? map(x, (a) => (a === 0 ? 0 : 1)) : x];
    case 'MatMul': {
      const { transposeA, transposeB, alpha } = node.attributes;
      return [map(matMul(transposeA ? swapLast(x) : x, transposeB ? swapLast(y) : y), (a) => alpha * a)];
    }
    case 'Linear': {
      const { alpha, beta } = node.attributes;
      return [zip(matMul(x, swapLast(y)), z, (a, c) => alpha * a + beta * c)];
    }
    case 'ReduceSum':
      return [reduce(x, node.attributes.axes, node.attributes.keepDims, false)];
    case 'ReduceMean':
      return [reduce(x, node.attributes.axes, node.attributes.keepDims, true)];
    case 'Softmax':
      return [map(logSoftmax(x), Math.exp)];
    case 'LogSoftmax':
      return [logSoftmax(x)];
    case 'LayerNormalization':
      return layerNormalization(x, y, z, node.attributes.epsilon);
    case 'Reshape':
      return [{ shape: node.attributes.shape.map(Number), data: x.data }];
    case 'Transpose':
      return [transpose(x, node.attributes.permutation)];
    case 'Concat':
      return [concat(inputs, node.attributes.axis)];
    case 'Split': {
      let start = 0;
      return node.attributes.sizes.map((size) => {
        start += size;
        return slice(x, normalizeAxis('Split', node.attributes.axis, x.shape), start - size, start);
      });
    }
    case 'Slice':
      return [slice(x, node.attributes.axis, node.attributes.start, node.attributes.end)];
    case 'PadLike': {
      const { axis, start } = node.attributes;
      return [
        build(y.shape, (at) =>
          at[axis]! >= start && at[axis]! < start + x.shape[axis]!
            ? get(x, at.with(axis, at[axis]! - start))
            : 0,
        ),
      ];
    }
    case 'ExpandLike':
      return [zip(x, y, (a) => a)];
    case 'Gather':
      return [build([...y.shape, x.shape[1]!], (at) => get(x, [get(y, at.slice(0, -1)), at.at(-1)!]))];
    case 'FirstRows':
      return [build([y.shape.at(-1)!, x.shape[1]!], (at) => get(x, at))];
    case 'ScatterAdd': {
      const table = new Float64Array(z.data.length);
      const width = z.shape[1]!;
      for (const [n, row] of x.data.entries())
        for (let d = 0; d < width; d++) table[row * width + d]! += y.data[n * width + d]!;
      return [{ shape: z.shape, data: table }];
    }
    case 'RotaryEmbedding':
      return [rotate(x, y, z, node.attributes.inverse)];
  }
}

function map(x: Array64, f: (value: number) => number): Array64 {
  return { shape: x.shape, data: x.data.map((value) => f(value)) };
}

function zip(a: Array64, b: Array64, f: (left: number, right: number) => number): Array64 {
  const rank = Math.max(a.shape.length, b.shape.length);
  const shape = Array.from({ length: rank }, (_, i) =>
    Math.max(a.shape.at(i - rank) ?? 1, b.shape.at(i - rank) ?? 1),
  );
  return build(shape, (at) => f(broadcastGet(a, at), broadcastGet(b, at)));
}

function build(shape: readonly number[], f: (at: number[]) => number): Array64 {
  const data = new Float64Array(shape.reduce((product, dim) => product * dim, 1));
  for (let i = 0; i < data.length; i++) {
    let rest = i;
    const at = new Array<number>(shape.length);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at[axis] = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    data[i] = f(at);
  }
  return { shape, data };
}

function get(x: Array64, at: readonly number[]): number {
  return x.data[at.reduce((offset, index, axis) => offset * x.shape[axis]! + index, 0)]!;
}

function broadcastGet(x: Array64, at: readonly number[]): number {
  const own = at.slice(at.length - x.shape.length);
  return get(
    x,
    own.map((index, axis) => (x.shape[axis] === 1 ? 0 : index)),
  );
}

function matMul(a: Array64, b: Array64): Array64 {
  const [M, K, N] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
  const rank = Math.max(a.shape.length, b.shape.length);
  const leading = Array.from({ length: rank - 2 }, (_, i) =>
    Math.max(a.shape.at(i - rank) ?? 1, b.shape.at(i - rank) ?? 1),
  );
  return build([...leading, M, N], (at) => {
    const [head, m, n] = [at.slice(0, -2), at.at(-2)!, at.at(-1)!];
    let sum = 0;
    for (let k = 0; k < K; k++) sum += broadcastGet(a, [...head, m, k]) * broadcastGet(b, [...head, k, n]);
    return sum;
  });
}

function swapLast(x: Array64): Array64 {
  const axes = x.shape.map((_, axis) => axis);
  return transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

function transpose(x: Array64, permutation: readonly number[]): Array64 {
  return build(
    permutation.map((axis) => x.shape[axis]!),
    (at) => {
      const from = new Array<number>(at.length);
      for (const [i, axis] of permutation.entries()) from[axis] = at[i]!;
      return get(x, from);
    },
  );
}

function reduce(x: Array64, axes: readonly number[], keepDims: boolean, mean: boolean): Array64 {
  const reduced = new Set(axes.map((axis) => normalizeAxis('ReduceSum', axis, x.shape)));
  const kept = x.shape.map((dim, axis) => (reduced.has(axis) ? 1 : dim));
  const data = new Float64Array(kept.reduce((product, dim) => product * dim, 1));
  const target = { shape: kept, data };
  build(x.shape, (at) => {
    const to = at
      .map((index, axis) => (reduced.has(axis) ? 0 : index))
      .reduce((offset, index, axis) => offset * kept[axis]! + index, 0);
    data[to]! += get(x, at);
    return 0;
  });
  const result = mean ? map(target, (sum) => (sum * data.length) / x.data.length) : target;
  return { shape: keepDims ? kept : x.shape.filter((_, axis) => !reduced.has(axis)), data: result.data };
}

function logSoftmax(x: Array64): Array64 {
  const largest = Math.max(...x.data);
  const shifted = map(x, (value) => value - largest);
  return zip(shifted, map(reduce(map(shifted, Math.exp), [-1], true, false), Math.log), (a, b) => a - b);
}

function layerNormalization(
  x: Array64,
  gain: Array64,
  bias: Array64 | undefined,
  epsilon: number,
): readonly Array64[] {
  const mean = reduce(x, [-1], true, true);
  const centred = zip(x, mean, (a, b) => a - b);
  const inverse = map(
    reduce(
      map(centred, (a) => a * a),
      [-1],
      true,
      true,
    ),
    (a) => 1 / Math.sqrt(a + epsilon),
  );
  const scaled = zip(
    zip(centred, inverse, (a, b) => a * b),
    gain,
    (a, b) => a * b,
  );
  return [bias === undefined ? scaled : zip(scaled, bias, (a, b) => a + b), mean, inverse];
}

function concat(inputs: readonly Array64[], axis: number): Array64 {
  const at = normalizeAxis('Concat', axis, inputs[0]!.shape);
  const total = inputs.reduce((sum, { shape }) => sum + shape[at]!, 0);
  return build(inputs[0]!.shape.with(at, total), (position) => {
    let index = position[at]!;
    for (const input of inputs) {
      if (index < input.shape[at]!) return get(input, position.with(at, index));
      index -= input.shape[at]!;
    }
    return Number.NaN;
  });
}

function slice(x: Array64, axis: number, start: number, end: number): Array64 {
  return build(x.shape.with(axis, end - start), (at) => get(x, at.with(axis, at[axis]! + start)));
}

function rotate(x: Array64, cos: Array64, sin: Array64, inverse: boolean): Array64 {
  const half = cos.shape[1]!;
  return build(x.shape, (at) => {
    const [, t, d] = at as [number, number, number];
    const within = d % (2 * half);
    const angle = within % half;
    const partner = get(x, at.with(2, within < half ? d + half : d - half));
    const sign = (within < half ? -1 : 1) * (inverse ? -1 : 1);
    return get(x, at) * get(cos, [t, angle]) + sign * partner * get(sin, [t, angle]);
  });
}

/** The error function to about 1e-16: its Taylor series near 0, a continued fraction of erfc further out. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a < 2.5) {
    let term = a;
    let sum = a;
    for (let n = 1; n < 100; n++) {
      term *= (-a * a) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + fraction)));
}
