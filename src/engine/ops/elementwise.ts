// Operators that work element by element, broadcasting where they have two inputs.

import type { Operator } from '../graph/index.ts';
import { ONNX_DTYPES } from '../graph/index.ts';
import { broadcastShapes, float, int, type OpDefinition } from './definition.ts';

type Binary = 'Add' | 'Sub' | 'Mul' | 'Div';
type Unary = 'Neg' | 'Exp' | 'Log' | 'Sqrt' | 'Erf' | 'Tanh' | 'Sigmoid' | 'Relu' | 'Gelu';

function binary<K extends Binary>(op: K): OpDefinition<Operator> {
  return {
    inferOutputs: ([a, b]) => [{ dtype: a!.dtype, shape: broadcastShapes(op, a!.shape, b!.shape) }],
    emit: (node, emitter) => emitter.emit(node, op),
  };
}

function unary<K extends Unary>(op: K): OpDefinition<Operator> {
  return {
    inferOutputs: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
    emit: (node, emitter) => emitter.emit(node, op),
  };
}

export const elementwise = {
  Add: binary('Add'),
  Sub: binary('Sub'),
  Mul: binary('Mul'),
  Div: binary('Div'),
  Neg: unary('Neg'),
  Exp: unary('Exp'),
  Log: unary('Log'),
  Sqrt: unary('Sqrt'),
  Erf: unary('Erf'),
  Tanh: unary('Tanh'),
  Sigmoid: unary('Sigmoid'),
  Relu: unary('Relu'),
  Gelu: unary('Gelu'),
};

/** HardSigmoid computes (1 + e) / 2 in one pass: erf stays in [-1, 1], where HardSigmoid does not clip. */
export const erfGelu: OpDefinition<'ErfGelu'> = {
  inferOutputs: ([s]) => [s!, s!].map(({ dtype, shape }) => ({ dtype, shape })),
  emit: ({ inputs, outputs }, emitter) => {
    const [s, product, cumulative] = [inputs[0]!, outputs[0]!, outputs[1]!];
    const half = { alpha: float(0.5), beta: float(0.5) };
    const error = emitter.emitHelper('Erf', [s.name]);
    emitter.emit({ inputs, outputs: [cumulative] }, 'HardSigmoid', half, { inputs: [error] });
    emitter.emit({ inputs: [s, cumulative], outputs: [product] }, 'Mul');
  },
};

export const cast: OpDefinition<'Cast'> = {
  inferOutputs: ([x], { to }) => [{ dtype: to, shape: x!.shape }],
  emit: (node, emitter) => emitter.emit(node, 'Cast', { to: int(ONNX_DTYPES[node.attributes.to]) }),
};
