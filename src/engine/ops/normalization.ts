// Softmax, its logarithm, and layer normalisation, all over the last axis.
import { float, int, type OpDefinition, shapeMismatch } from './definition.ts';

type SoftmaxOperator = 'Softmax' | 'LogSoftmax';

function softmaxFamily(op: SoftmaxOperator): OpDefinition<SoftmaxOperator> {
  return {
    inferOutputs: ([x]) => {
      if (x!.shape.length === 0) throw shapeMismatch(op, 'at least one axis', x!.shape);
      return [{ dtype: x!.dtype, shape: x!.shape }];
    },
    emit: (node, emitter) => emitter.emit(node, op, { axis: int(-1) }),
  };
}

export const softmax = softmaxFamily('Softmax');
export const logSoftmax = softmaxFamily('LogSoftmax');

export const layerNormalization: OpDefinition<'LayerNormalization'> = {
  inferOutputs: ([x, gain, bias]) => {
    const width = x!.shape.at(-1);
    for (const vector of [gain, bias]) {
      if (vector !== undefined && (vector.shape.length !== 1 || vector.shape[0] !== width)) {
        throw shapeMismatch('LayerNormalization', `gain and bias of shape [${width}]`, vector.shape);
      }
    }
    const statistics = [...x!.shape.slice(0, -1), 1];
    return [
      { dtype: x!.dtype, shape: x!.shape },
      { dtype: x!.dtype, shape: statistics },
      { dtype: x!.dtype, shape: statistics },
    ];
  },
  emit: (node, emitter) =>
    emitter.emit(node, 'LayerNormalization', { axis: int(-1), epsilon: float(node.attributes.epsilon) }),
};
