// The intermediate representation: values in single assignment, nodes in an order that is topological by construction.
import { appError } from '../../foundation/core/index.ts';
import type { DType, Operator, OperatorAttributes, Shape } from './operators.ts';
import type { TensorData } from './tensor.ts';

export type Value = ValueHead & ValueOrigin;

interface ValueHead {
  readonly id: number;
  /** Unique in the graph. */
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Where a value comes from: fed when the graph runs, part of the graph, or computed by a node of it. */
export type ValueOrigin =
  | { readonly kind: 'input' | 'parameter'; readonly producer: null; readonly data: null }
  | { readonly kind: 'constant'; readonly producer: null; readonly data: TensorData }
  | { readonly kind: 'result'; readonly producer: GraphNode; readonly data: null };

export interface NodeOf<K extends Operator> {
  readonly op: K;
  readonly index: number;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: OperatorAttributes[K];
}

export type GraphNode = { [K in Operator]: NodeOf<K> }[Operator];

export interface ValueSpec {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** An append-only graph. */
export class Graph {
  readonly values: Value[] = [];
  readonly nodes: GraphNode[] = [];
  readonly #names = new Set<string>();

  addInput(name: string, dtype: DType, shape: Shape): Value {
    return this.#addValue(name, { dtype, shape }, { kind: 'input', producer: null, data: null });
  }

  addParameter(name: string, shape: readonly number[]): Value {
    return this.#addValue(
      name,
      { dtype: 'float32', shape },
      { kind: 'parameter', producer: null, data: null },
    );
  }

  addConstant(data: TensorData, name = `constant_${this.values.length}`): Value {
    const { dtype: stored } = data;
    const dtype = stored === 'int32' || stored === 'int64' || stored === 'bool' ? stored : 'float32';
    return this.#addValue(name, { dtype, shape: data.shape }, { kind: 'constant', producer: null, data });
  }

  addNode<K extends Operator>(
    op: K,
    inputs: readonly Value[],
    attributes: OperatorAttributes[K],
    outputs: readonly ValueSpec[],
  ): readonly Value[] {
    const results: Value[] = [];
    const node = {
      op,
      index: this.nodes.length,
      inputs,
      outputs: results,
      attributes,
    } as NodeOf<K> as GraphNode;
    for (const spec of outputs) {
      const name = `${op}_${this.values.length}`;
      results.push(this.#addValue(name, spec, { kind: 'result', producer: node, data: null }));
    }
    this.nodes.push(node);
    return results;
  }

  get parameters(): readonly Value[] {
    return this.values.filter((value) => value.kind === 'parameter');
  }

  get inputs(): readonly Value[] {
    return this.values.filter((value) => value.kind === 'input');
  }

  #addValue(name: string, { dtype, shape }: ValueSpec, origin: ValueOrigin): Value {
    if (this.#names.has(name)) {
      throw appError('INTERNAL_BUG', { what: `two values of one graph are named ${name}` });
    }
    this.#names.add(name);
    const value: Value = { id: this.values.length, name, dtype, shape, ...origin };
    this.values.push(value);
    return value;
  }
}

/**
 * The nodes that `outputs` depend on, in an order in which they can run. Other nodes are left out, because ONNX
 * Runtime would compute them all the same.
 */
export function selectNodes(graph: Graph, outputs: readonly Value[]): readonly GraphNode[] {
  const needed = new Set<GraphNode>();
  const stack = outputs.map((value) => value.producer);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node === null || needed.has(node)) continue;
    needed.add(node);
    for (const input of node.inputs) stack.push(input.producer);
  }
  return graph.nodes.filter((node) => needed.has(node));
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}
