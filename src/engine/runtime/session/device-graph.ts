// Fits a graph to a device. FusedMatMul, which our graphs use for transposed and scaled products, has no kernel on
// WebGPU and CoreML: ONNX Runtime 1.30 would carry both operands of nearly every product to the processor and the
// result back. There it becomes Transpose and MatMul. The file has no ranks, so they are inferred here; a product whose
// ranks stay unknown is left unchanged, which is slower but correct.
import type { OnnxAttribute, OnnxModel, OnnxNode } from '../../graph/index.ts';
import { float32Tensor, parseOnnx, writeOnnx } from '../../graph/index.ts';
import type { Device } from './device-name.ts';

const LACKS_FUSED_MATMUL: readonly Device[] = ['webgpu', 'coreml'];

/** The same model, written with operators that `device` has. */
export function fitModelToDevice(model: Uint8Array, device: Device): Uint8Array {
  if (!LACKS_FUSED_MATMUL.includes(device)) return model;
  return new Uint8Array(Buffer.concat(writeOnnx(unfuseProducts(parseOnnx(model)))));
}

/** Writes each FusedMatMul as Transpose, MatMul and Mul. */
export function unfuseProducts(model: OnnxModel): OnnxModel {
  const rankOf = inferRanks(model);
  const initializers = new Map(model.initializers);
  const nodes = model.nodes.flatMap((node): OnnxNode[] => {
    const [a, b] = node.inputs.map((name) => rankOf.get(name));
    if (node.opType !== 'FusedMatMul' || a === undefined || b === undefined) return [node];
    const made: OnnxNode[] = [];
    const transpose = (input: string, rank: number, isTransposed: boolean, side: string): string => {
      if (!isTransposed) return input;
      const output = `${node.name}.${side}`;
      const axes = Array.from({ length: rank }, (_, axis) => axis);
      const perm: OnnxAttribute = { type: 'ints', value: [...axes.slice(0, -2), rank - 1, rank - 2] };
      made.push(plainNode('Transpose', [input], output, { perm }));
      return output;
    };
    const left = transpose(node.inputs[0]!, a, numberOf(node.attributes.transA) === 1, 'left');
    const right = transpose(node.inputs[1]!, b, numberOf(node.attributes.transB) === 1, 'right');
    const alpha = numberOf(node.attributes.alpha, 1);
    const output = node.outputs[0]!;
    if (alpha === 1) return [...made, plainNode('MatMul', [left, right], output)];
    const product = `${node.name}.product`;
    const factor = `${node.name}.alpha`;
    initializers.set(factor, float32Tensor([], Float32Array.of(alpha)));
    return [
      ...made,
      plainNode('MatMul', [left, right], product),
      plainNode('Mul', [product, factor], output),
    ];
  });
  return { ...model, nodes, initializers };
}

function plainNode(
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: OnnxNode['attributes'] = {},
): OnnxNode {
  return { name: output, opType, domain: '', inputs, outputs: [output], attributes };
}

const SAME_RANK = new Set(
  `Cast Neg Exp Log Sqrt Erf Tanh Sigmoid HardSigmoid Gemm Relu Gelu Softmax LogSoftmax LayerNormalization Reshape Transpose Concat
  Split Slice Pad RotaryEmbedding Identity ScatterND`.split(/\s+/),
);
const BROADCAST = new Set(`Add Sub Mul Div Pow Where Equal Less Greater MatMul FusedMatMul`.split(' '));
const REDUCTIONS = new Set(['ReduceSum', 'ReduceMean', 'ReduceMax']);

/** Number of axes by the name of the value. Values behind an operator that is not known here are missing. */
function inferRanks({ inputs, initializers, nodes }: OnnxModel): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  // Lengths of int64 vectors, which shapes are made of.
  const lengths = new Map<string, number>();
  for (const { name, shape } of inputs) ranks.set(name, shape.length);
  for (const [name, { shape, data }] of initializers) {
    ranks.set(name, shape.length);
    lengths.set(name, data.length);
  }
  for (const node of nodes) {
    const from = node.inputs.map((name) => ranks.get(name));
    const sizes = node.inputs.map((name) => lengths.get(name));
    const rank = rankOfOutput(node, from, sizes);
    if (rank !== undefined) for (const name of node.outputs) ranks.set(name, rank);
    const size = sizeOfShape(node, from, sizes);
    if (size !== undefined) lengths.set(node.outputs[0]!, size);
  }
  return ranks;
}

type Known = readonly (number | undefined)[];

function rankOfOutput(node: OnnxNode, from: Known, sizes: Known): number | undefined {
  const { opType, attributes } = node;
  if (opType === 'Reshape' || opType === 'Expand') return sizes[1];
  if (opType === 'ConstantOfShape') return sizes[0];
  if (opType === 'Shape') return 1;
  if (SAME_RANK.has(opType)) return from[0];
  if (BROADCAST.has(opType)) return from.every((rank) => rank !== undefined) ? Math.max(...from) : undefined;
  if (opType === 'Gather') return sum(from[0], sum(from[1], -1));
  if (opType === 'Unsqueeze') return sum(from[0], sizes[1]);
  if (!REDUCTIONS.has(opType)) return undefined;
  if (numberOf(attributes.keepdims, 1) === 1) return from[0];
  return sizes[1] === undefined ? undefined : sum(from[0], -sizes[1]);
}

function sizeOfShape({ opType, attributes }: OnnxNode, from: Known, sizes: Known): number | undefined {
  if (opType === 'Shape' && Object.keys(attributes).length === 0) return from[0];
  if (opType !== 'Concat') return undefined;
  return sizes.reduce((total, size) => sum(total, size), 0);
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

function numberOf(attribute: OnnxAttribute | undefined, otherwise = 0): number {
  return attribute?.type === 'int' || attribute?.type === 'float' ? attribute.value : otherwise;
}
