// The cases of the gradient checks, one a line, for every operator: an operator without a case does not compile.
import type { Operator, OperatorAttributes } from '../../src/engine/graph/operators.ts';

export interface OpCase<Attributes = OperatorAttributes[Operator]> {
  readonly name: string;
  readonly attributes: Attributes;
  /** Shapes of the inputs. */
  readonly shapes: readonly (readonly number[])[];
  /** Inputs that are integers below this limit, by position; they have no gradient. */
  readonly indices?: Readonly<Record<number, number>>;
  /** Inputs without a gradient that are drawn like the others. */
  readonly fixed?: readonly number[];
  /** Inputs drawn above 0.5 (logarithm, root, divisor). */
  readonly positive?: boolean;
}

type Plain = OperatorAttributes['Add'];

const unary = (...shapes: (readonly number[])[]): OpCase<Plain>[] =>
  shapes.map((shape) => ({ name: `[${shape}]`, attributes: {}, shapes: [shape] }));
const positive = (cases: OpCase<Plain>[]): OpCase<Plain>[] =>
  cases.map((one) => ({ ...one, positive: true }));
const pairs = (...shapes: (readonly [readonly number[], readonly number[]])[]): OpCase<Plain>[] =>
  shapes.map(([a, b]) => ({ name: `[${a}] and [${b}]`, attributes: {}, shapes: [a, b] }));
const broadcasts = pairs(
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3, 4], [4]],
  [
    [2, 1, 4],
    [3, 1],
  ],
  [[3], []],
);

const matMulCases: OpCase<OperatorAttributes['MatMul']>[] = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB) => ({
    name: `${transposeA ? 'a^T' : 'a'} @ ${transposeB ? 'b^T' : 'b'}`,
    attributes: { transposeA, transposeB, alpha: 0.5 },
    shapes: [
      [2, ...(transposeA ? [4, 3] : [3, 4])],
      [2, ...(transposeB ? [5, 4] : [4, 5])],
    ],
  })),
);

const reductions: OpCase<OperatorAttributes['ReduceSum']>[] = [
  { name: 'last axis, kept', attributes: { axes: [-1], keepDims: true }, shapes: [[2, 3, 4]] },
  { name: 'two axes, dropped', attributes: { axes: [0, 2], keepDims: false }, shapes: [[2, 3, 4]] },
];

export const OP_CASES: { readonly [K in Operator]: readonly OpCase<OperatorAttributes[K]>[] } = {
  Add: broadcasts,
  Sub: broadcasts,
  Mul: broadcasts,
  Div: positive(broadcasts),
  Neg: unary([2, 3]),
  Exp: unary([2, 3]),
  Log: positive(unary([2, 3])),
  Sqrt: positive(unary([2, 3])),
  Erf: unary([2, 3]),
  Tanh: unary([2, 3]),
  Sigmoid: unary([2, 3]),
  Relu: unary([3, 5]),
  Gelu: unary([3, 5]),
  ErfGelu: unary([3, 5]),
  Cast: [{ name: 'float32 to float32', attributes: { to: 'float32' }, shapes: [[2, 3]] }],
  MatMul: [
    ...matMulCases,
    {
      name: 'a weight shared by leading axes',
      attributes: { transposeA: false, transposeB: true, alpha: 1 },
      shapes: [
        [2, 3, 4],
        [5, 4],
      ],
    },
    {
      name: 'plain [2, 3] @ [3, 4]',
      attributes: { transposeA: false, transposeB: false, alpha: 1 },
      shapes: [
        [2, 3],
        [3, 4],
      ],
    },
    {
      name: 'a broadcast over b',
      attributes: { transposeA: false, transposeB: false, alpha: 1 },
      shapes: [
        [3, 4],
        [2, 4, 5],
      ],
    },
  ],
  Linear: [
    { name: 'rows of a matrix', attributes: { alpha: 1, beta: 1 }, shapes: [[3, 4], [5, 4], [5]] },
    {
      name: 'scaled, two leading axes',
      attributes: { alpha: 0.5, beta: 2 },
      shapes: [[2, 3, 4], [5, 4], [5]],
    },
    {
      name: 'four times as wide as what it makes',
      attributes: { alpha: 0.5, beta: 1 },
      shapes: [[2, 3, 8], [2, 8], [2]],
    },
  ],
  ReduceSum: reductions,
  ReduceMean: reductions,
  Softmax: unary([2, 3, 4]),
  LogSoftmax: unary([2, 5]),
  LayerNormalization: [
    { name: 'gain and bias', attributes: { epsilon: 1e-5 }, shapes: [[2, 3, 6], [6], [6]] },
    { name: 'gain alone', attributes: { epsilon: 1e-5 }, shapes: [[4, 6], [6]] },
  ],
  Reshape: [{ name: '[2, 6] to [3, 4]', attributes: { shape: [3, 4] }, shapes: [[2, 6]] }],
  Transpose: [
    { name: '(0, 2, 1, 3)', attributes: { permutation: [0, 2, 1, 3] }, shapes: [[2, 3, 4, 5]] },
    { name: '(2, 0, 1)', attributes: { permutation: [2, 0, 1] }, shapes: [[2, 3, 4]] },
  ],
  Concat: [
    {
      name: 'three along axis 1',
      attributes: { axis: 1 },
      shapes: [
        [2, 1],
        [2, 3],
        [2, 2],
      ],
    },
  ],
  Split: [{ name: '1 + 2 + 1', attributes: { axis: 1, sizes: [1, 2, 1] }, shapes: [[3, 4]] }],
  Slice: [
    { name: 'the first of axis 1', attributes: { axis: 1, start: 0, end: 1 }, shapes: [[2, 3, 4]] },
    { name: 'the middle of axis 2', attributes: { axis: 2, start: 1, end: 3 }, shapes: [[2, 3, 4]] },
  ],
  PadLike: [
    {
      name: 'at 1 of axis 1',
      attributes: { axis: 1, start: 1 },
      shapes: [
        [2, 2, 3],
        [2, 4, 3],
      ],
      fixed: [1],
    },
  ],
  FirstRows: [
    {
      name: '3 of 5 rows',
      attributes: {},
      shapes: [
        [5, 2],
        [2, 3],
      ],
      fixed: [1],
    },
  ],
  ExpandLike: [
    {
      name: '[2, 1] to [2, 3]',
      attributes: {},
      shapes: [
        [2, 1],
        [2, 3],
      ],
      fixed: [1],
    },
  ],
  Gather: [
    {
      name: 'repeated rows',
      attributes: {},
      shapes: [
        [4, 3],
        [2, 5],
      ],
      indices: { 1: 4 },
    },
  ],
  ScatterAdd: [
    {
      name: 'repeated rows',
      attributes: {},
      shapes: [
        [2, 5],
        [2, 5, 3],
        [4, 3],
      ],
      indices: { 0: 4 },
      fixed: [2],
    },
  ],
  RotaryEmbedding: [
    {
      name: 'forwards',
      attributes: { inverse: false },
      shapes: [
        [2, 3, 8],
        [5, 2],
        [5, 2],
      ],
      fixed: [1, 2],
    },
    {
      name: 'backwards',
      attributes: { inverse: true },
      shapes: [
        [2, 3, 8],
        [5, 2],
        [5, 2],
      ],
      fixed: [1, 2],
    },
  ],
};
