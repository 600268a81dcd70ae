// Stores weights in half precision: 16 bits in the file, widened by a Cast that ONNX Runtime removes when it loads the model.
// The file is half as large, and runs everywhere with the speed and the memory of float32. Processors rarely multiply halves
// faster than floats; GPUs do, but this file does not use that.
import type { OnnxModel, OnnxNode, TensorData } from '../../engine/graph/index.ts';
import { narrowToHalf } from './half-float.ts';

/** Smaller tensors are left: a Cast would cost more, and some are constants that need full precision. */
const SMALLEST = 1024;
const FLOAT32 = 1; // TensorProto.DataType

/**
 * Stores weights in half precision.
 * @param isStored  by tensor name; default: every float32 tensor of 1,024 elements or more
 */
export function halveModel(model: OnnxModel, isStored: (name: string) => boolean = () => true): OnnxModel {
  const initializers = new Map<string, TensorData>();
  const casts: OnnxNode[] = [];
  for (const [name, tensor] of model.initializers) {
    if (!(tensor.data instanceof Float32Array) || tensor.data.length < SMALLEST || !isStored(name)) {
      initializers.set(name, tensor);
      continue;
    }
    const half = `${name}.float16`;
    initializers.set(half, halveTensor(tensor));
    casts.push({
      name: half,
      opType: 'Cast',
      domain: '',
      inputs: [half],
      outputs: [name],
      attributes: { to: { type: 'int', value: FLOAT32 } },
    });
  }
  return { ...model, nodes: [...casts, ...model.nodes], initializers };
}

/** Rounds a float32 tensor to half precision; returns other tensors unchanged. */
export function halveTensor(tensor: TensorData): TensorData {
  if (!(tensor.data instanceof Float32Array)) return tensor;
  return { dtype: 'float16', shape: tensor.shape, data: narrowToHalf(tensor.data) };
}
