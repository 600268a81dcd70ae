// Says a graph in ONNX. Only the nodes that the outputs need are written.
import { invariant } from '../../foundation/core/index.ts';
import type {
  OnnxAttribute,
  OnnxModel,
  OnnxNode,
  OnnxValueInfo,
  Operator,
  Shape,
  TensorData,
} from '../graph/index.ts';
import { type Graph, type GraphNode, type NodeOf, selectNodes, type Value } from '../graph/index.ts';
import { type Emitter, int } from './definition.ts';
import { OP_DEFINITIONS } from './table.ts';

// Gelu needs opset 20; 20 is also what the runtimes of Python and of the browser have had longest.
const OPSETS = { '': 20, 'com.microsoft': 1 };
const IR_VERSION = 9;

export interface LowerOptions {
  /** Values to give out, by the name they get in the file. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** Weights by parameter name; a parameter without one becomes a graph input. */
  readonly weights?: ReadonlyMap<string, TensorData>;
  readonly name?: string;
}

/** Builds the ONNX model that computes `outputs`. Inputs that they do not need are left out. */
export function lowerToOnnx(graph: Graph, options: LowerOptions): OnnxModel {
  const outputs = Object.entries(options.outputs);
  const nodes = selectNodes(
    graph,
    outputs.map(([, value]) => value),
  );
  const initializers = new Map<string, TensorData>();
  const inputs = new Map<string, OnnxValueInfo>();
  const written: OnnxNode[] = [];
  const int64Names = new Map<string, string>();
  const shapeParts = new Map<string, string>();
  const shapeNames = new Map<string, string>();
  let helpers = 0;

  const use = (value: Value): void => {
    if (value.kind === 'result') return;
    const weight = value.kind === 'parameter' ? options.weights?.get(value.name) : value.data;
    if (weight === undefined || weight === null)
      inputs.set(value.name, { name: value.name, dtype: value.dtype, shape: value.shape });
    else initializers.set(value.name, weight);
  };

  const write = (
    name: string,
    opType: string,
    from: readonly string[],
    to: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>>,
    domain: string,
  ): void => {
    written.push({ name, opType, domain, inputs: from, outputs: to, attributes });
  };

  const emitter: Emitter = {
    emit: (node, opType, attributes = {}, { domain = '', inputs: from } = {}) => {
      const to = node.outputs.map((value) => value.name);
      write(to[0]!, opType, from ?? node.inputs.map((value) => value.name), to, attributes, domain);
    },
    emitHelper: (opType, from, attributes = {}) => {
      const name = `helper_${helpers++}`;
      write(name, opType, from, [name], attributes, '');
      return name;
    },
    int64: (values) => {
      const key = values.join(',');
      let name = int64Names.get(key);
      if (name === undefined) {
        name = `int64_${int64Names.size}`;
        int64Names.set(key, name);
        initializers.set(name, {
          dtype: 'int64',
          shape: [values.length],
          data: BigInt64Array.from(values, BigInt),
        });
      }
      return name;
    },
    shapeTensor: (shape) => {
      if (shape.every((dim) => typeof dim === 'number')) return emitter.int64(shape.map(Number));
      const key = shape.join(',');
      let name = shapeNames.get(key);
      if (name === undefined) {
        const parts = shape.map((dim) => (typeof dim === 'number' ? emitter.int64([dim]) : dimension(dim)));
        name = emitter.emitHelper('Concat', parts, { axis: int(0) });
        shapeNames.set(key, name);
      }
      return name;
    },
  };

  /** A [1] tensor that holds a named dimension, read off a graph input that has it. */
  const dimension = (dim: string): string => {
    const known = shapeParts.get(dim);
    if (known !== undefined) return known;
    const source = graph.inputs.find((input) => hasDim(input.shape, dim));
    invariant(source !== undefined, `no graph input has a dimension ${dim}`);
    use(source);
    const name = emitter.emitHelper('Gather', [
      emitter.emitHelper('Shape', [source.name]),
      emitter.int64([source.shape.indexOf(dim)]),
    ]);
    shapeParts.set(dim, name);
    return name;
  };

  for (const node of nodes) {
    for (const value of node.inputs) use(value);
    emitNode(node, emitter);
  }
  // An output keeps its name in the graph; Identity gives it the caller's.
  for (const [name, value] of outputs) {
    use(value);
    if (name !== value.name) write(name, 'Identity', [value.name], [name], {}, '');
  }
  return {
    irVersion: IR_VERSION,
    producer: 'veracity',
    opsets: OPSETS,
    graphName: options.name ?? 'veracity',
    nodes: putLeavesLast(renameOutputs(written)),
    initializers,
    inputs: [...inputs.values()],
    outputs: outputs.map(([name, value]) => ({ name, dtype: value.dtype, shape: value.shape })),
  };
}

function emitNode<K extends Operator>(node: GraphNode & { op: K }, emitter: Emitter): void {
  const definition = OP_DEFINITIONS[node.op as K];
  definition.emit(node as unknown as NodeOf<K>, emitter);
}

function hasDim(shape: Shape, dim: string): boolean {
  return shape.includes(dim);
}

/**
 * Moves the nodes that nobody reads to the end, in reverse. ONNX Runtime takes the last of them first and runs what it
 * needs before the next: so the gradient of the topmost weight is done, and what it held is free, before the way back
 * goes on. In the order in which differentiation writes them all of these products would wait for the very end.
 */
function putLeavesLast(nodes: readonly OnnxNode[]): readonly OnnxNode[] {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const isLeaf = ({ outputs }: OnnxNode): boolean => !outputs.some((name) => read.has(name));
  return [...nodes.filter((node) => !isLeaf(node)), ...nodes.filter(isLeaf).reverse()];
}

/**
 * Folds each Identity into the node before it where nobody else reads that node's output, so that a preallocated
 * output is written in place and not copied.
 */
function renameOutputs(nodes: readonly OnnxNode[]): readonly OnnxNode[] {
  const uses = new Map<string, number>();
  for (const node of nodes) for (const input of node.inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  const producers = new Set(nodes.flatMap((node) => (node.opType === 'Identity' ? [] : node.outputs)));
  const renamed = new Map<string, string>();
  for (const node of nodes) {
    const [from, to] = [node.inputs[0]!, node.outputs[0]!];
    if (node.opType === 'Identity' && uses.get(from) === 1 && producers.has(from)) renamed.set(from, to);
  }
  return nodes
    .filter((node) => !(node.opType === 'Identity' && renamed.get(node.inputs[0]!) === node.outputs[0]))
    .map((node) => ({ ...node, outputs: node.outputs.map((name) => renamed.get(name) ?? name) }));
}
