// Finds the linear layers of an ONNX graph: products of a computed value and a constant matrix, with the bias that is added
// to the product. Knows MatMul, FusedMatMul (this program's, and ONNX Runtime's) and Gemm (of other exporters).
import type { OnnxModel, OnnxNode, TensorData } from '../../engine/graph/index.ts';

/** y = alpha * x @ weight + bias */
export interface ConstantProduct {
  readonly node: OnnxNode;
  /** Name of x, [..., K]. */
  readonly input: string;
  readonly weightName: string;
  readonly weight: Float32Array;
  /** K */
  readonly inner: number;
  /** N */
  readonly outputs: number;
  /** The weight is stored [N, K]. */
  readonly transposed: boolean;
  readonly alpha: number;
  /** Name of a constant [N], or null. */
  readonly bias: string | null;
  /** The Add that applies the bias and is replaced too; null if the node applies it or there is no bias. */
  readonly biasNode: OnnxNode | null;
  /** Name of y. */
  readonly output: string;
}

/** The linear layers in the order of the graph. Products of two computed values (attention) are not among them. */
export function listConstantProducts(model: OnnxModel): readonly ConstantProduct[] {
  const readers = countReaders(model);
  const adds = new Map<string, OnnxNode>();
  for (const node of model.nodes)
    if (node.opType === 'Add') for (const name of node.inputs) adds.set(name, node);
  return model.nodes.flatMap((node) => {
    const product = readProduct(model, node);
    if (product === null) return [];
    if (product.bias !== null) return [product];
    const add = readers.get(product.output) === 1 ? adds.get(product.output) : undefined;
    const bias = add?.inputs.find((name) => name !== product.output);
    const shape = bias === undefined ? undefined : model.initializers.get(bias)?.shape;
    if (add === undefined || bias === undefined || shape?.length !== 1 || shape[0] !== product.outputs)
      return [product];
    return [{ ...product, bias, biasNode: add, output: add.outputs[0]! }];
  });
}

/** How many nodes and outputs of the graph read each name. */
export function countReaders(model: OnnxModel): ReadonlyMap<string, number> {
  const readers = new Map<string, number>();
  const names = [...model.nodes.flatMap((node) => node.inputs), ...model.outputs.map(({ name }) => name)];
  for (const name of names) readers.set(name, (readers.get(name) ?? 0) + 1);
  return readers;
}

function readProduct(model: OnnxModel, node: OnnxNode): ConstantProduct | null {
  const isProduct =
    (node.domain === '' && (node.opType === 'MatMul' || node.opType === 'Gemm')) ||
    (node.domain === 'com.microsoft' && node.opType === 'FusedMatMul');
  if (!isProduct) return null;
  const number = (name: string, otherwise: number): number => {
    const attribute = node.attributes[name];
    return attribute?.type === 'int' || attribute?.type === 'float' ? attribute.value : otherwise;
  };
  const [input, weightName] = [node.inputs[0]!, node.inputs[1]!];
  const weight = model.initializers.get(weightName);
  if (!isMatrix(weight) || model.initializers.has(input)) return null;
  if (number('transA', 0) !== 0 || number('transBatchA', 0) !== 0 || number('transBatchB', 0) !== 0)
    return null;
  const transposed = number('transB', 0) !== 0;
  const [rows, columns] = [weight.shape[0]!, weight.shape[1]!];
  const bias = node.opType === 'Gemm' ? node.inputs[2] || null : null;
  const outputs = transposed ? rows : columns;
  if (bias !== null) {
    // A fused layer can hold a bias of shape [N] only.
    const shape = model.initializers.get(bias)?.shape;
    if (shape?.length !== 1 || shape[0] !== outputs || number('beta', 1) !== 1) return null;
  }
  return {
    node,
    input,
    weightName,
    weight: weight.data,
    inner: transposed ? columns : rows,
    outputs,
    transposed,
    alpha: number('alpha', 1),
    bias,
    biasNode: null,
    output: node.outputs[0]!,
  };
}

function isMatrix(tensor: TensorData | undefined): tensor is TensorData & { data: Float32Array } {
  return tensor?.shape.length === 2 && tensor.data instanceof Float32Array;
}
