// Writes a graph as an ONNX model. Only the nodes that the outputs need are written.
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

// Gelu needs opset 20, which the runtimes of Python and of the browser have had for long as well.
const OPSETS = { '': 20, 'com.microsoft': 1 };
const IR_VERSION = 9;

export interface LowerOptions {
  /** Values to compute, by the names of their outputs in the file. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** Weights by parameter name; a parameter without one becomes a graph input. */
  readonly weights?: ReadonlyMap<string, TensorData>;
  readonly name?: string;
}

/** Builds the ONNX model that computes `outputs`. Inputs that they do not need are left out. */
export function lowerToOnnx(graph: Graph, options: LowerOptions): OnnxModel {
  const outputs = Object.entries(options.outputs);
  const writer = new OnnxGraphWriter(graph, options.weights ?? new Map());
  const needed = selectNodes(
    graph,
    outputs.map(([, value]) => value),
  );
  for (const node of needed) {
    for (const value of node.inputs) writer.use(value);
    emitNode(node, writer);
  }
  for (const [name, value] of outputs) writer.giveOut(name, value);
  return {
    irVersion: IR_VERSION,
    producer: 'veracity',
    opsets: OPSETS,
    graphName: options.name ?? 'veracity',
    nodes: putLeavesLast(renameOutputs(writer.nodes)),
    initializers: writer.initializers,
    inputs: [...writer.inputs.values()],
    outputs: outputs.map(([name, value]) => ({ name, dtype: value.dtype, shape: value.shape })),
  };
}

/** Collects the ONNX nodes, inputs and initializers that the operators' definitions emit. */
class OnnxGraphWriter implements Emitter {
  readonly nodes: OnnxNode[] = [];
  readonly inputs = new Map<string, OnnxValueInfo>();
  readonly initializers = new Map<string, TensorData>();
  readonly #graph: Graph;
  readonly #weights: ReadonlyMap<string, TensorData>;
  /** Names of what was emitted already, by its content. */
  readonly #int64Names = new Map<string, string>();
  readonly #shapeNames = new Map<string, string>();
  readonly #dimensionNames = new Map<string, string>();
  #helperCount = 0;

  constructor(graph: Graph, weights: ReadonlyMap<string, TensorData>) {
    this.#graph = graph;
    this.#weights = weights;
  }

  /** Makes a value that no node computes an initializer where its data are known, and a graph input otherwise. */
  use(value: Value): void {
    if (value.kind === 'result') return;
    const { name, dtype, shape } = value;
    const known = value.kind === 'parameter' ? this.#weights.get(name) : value.data;
    if (known === undefined || known === null) this.inputs.set(name, { name, dtype, shape });
    else this.initializers.set(name, known);
  }

  /** An output keeps its name in the graph; Identity gives it the caller's. */
  giveOut(name: string, value: Value): void {
    this.use(value);
    if (name !== value.name) this.#write(name, 'Identity', [value.name], [name]);
  }

  emit: Emitter['emit'] = (node, opType, attributes = {}, { domain = '', inputs } = {}) => {
    const to = node.outputs.map(({ name }) => name);
    this.#write(to[0]!, opType, inputs ?? node.inputs.map(({ name }) => name), to, attributes, domain);
  };

  emitHelper: Emitter['emitHelper'] = (opType, from, attributes = {}) => {
    const name = `helper_${this.#helperCount++}`;
    this.#write(name, opType, from, [name], attributes);
    return name;
  };

  int64: Emitter['int64'] = (values) =>
    this.#once(this.#int64Names, values.join(','), () => {
      const name = `int64_${this.#int64Names.size}`;
      const data = BigInt64Array.from(values, BigInt);
      this.initializers.set(name, { dtype: 'int64', shape: [values.length], data });
      return name;
    });

  shapeTensor: Emitter['shapeTensor'] = (shape) => {
    if (shape.every((dim) => typeof dim === 'number')) return this.int64(shape.map(Number));
    return this.#once(this.#shapeNames, shape.join(','), () => {
      const parts = shape.map((dim) => (typeof dim === 'number' ? this.int64([dim]) : this.#dimension(dim)));
      return this.emitHelper('Concat', parts, { axis: int(0) });
    });
  };

  /** A [1] tensor that holds a named dimension, read off a graph input that has it. */
  #dimension(dim: string): string {
    return this.#once(this.#dimensionNames, dim, () => {
      const source = this.#graph.inputs.find(({ shape }) => hasDim(shape, dim));
      invariant(source !== undefined, `no graph input has a dimension ${dim}`);
      this.use(source);
      const shape = this.emitHelper('Shape', [source.name]);
      return this.emitHelper('Gather', [shape, this.int64([source.shape.indexOf(dim)])]);
    });
  }

  #once(names: Map<string, string>, key: string, emit: () => string): string {
    const known = names.get(key);
    if (known !== undefined) return known;
    const name = emit();
    names.set(key, name);
    return name;
  }

  #write(
    name: string,
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain = '',
  ): void {
    this.nodes.push({ name, opType, domain, inputs, outputs, attributes });
  }
}

function emitNode<K extends Operator>(node: GraphNode & { op: K }, emitter: Emitter): void {
  const definition = OP_DEFINITIONS[node.op as K];
  definition.emit(node as unknown as NodeOf<K>, emitter);
}

function hasDim(shape: Shape, dim: string): boolean {
  return shape.includes(dim);
}

/**
 * Moves the nodes that no other node reads to the end, in reverse. ONNX Runtime takes the last of them first and runs what
 * it needs before the next one: so the gradient of the topmost weight is computed, and the memory it needed is free, before
 * the backward pass goes on. In the order in which differentiation writes them all these products would run at the end.
 */
function putLeavesLast(nodes: readonly OnnxNode[]): readonly OnnxNode[] {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const isLeaf = ({ outputs }: OnnxNode): boolean => !outputs.some((name) => read.has(name));
  return [...nodes.filter((node) => !isLeaf(node)), ...nodes.filter(isLeaf).reverse()];
}

/**
 * Folds each Identity into the node before it where nothing else reads that node's output, so that a preallocated
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
