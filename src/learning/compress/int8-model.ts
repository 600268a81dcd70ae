// Dynamic quantisation of an ONNX model (Krishnamoorthi 2018, arXiv 1806.08342, weights per channel): linear layers
// multiply 8-bit integers, tables of rows are stored as int8, everything else stays float32. Activations are quantised when
// the model runs, with one scale per tensor. So no calibration articles are needed, but the logits of an article would
// depend on the other articles in its batch: these models run one article at a time (runsAlone in foundation/records).
import type { OnnxModel, OnnxNode } from '../../engine/graph/index.ts';
import { float32Tensor, type TensorData } from '../../engine/graph/index.ts';
import { type ConstantProduct, countReaders, listConstantProducts } from './constant-products.ts';
import { quantizeColumns, quantizeRows, type WeightRange, zeroPoints } from './quantized-weights.ts';

export interface QuantizeOptions {
  /** Default int7, which is correct on every processor. */
  readonly range?: WeightRange;
  /** Weights that stay float32, by tensor name. Default: none. */
  readonly keepsFloat?: (weightName: string) => boolean;
  /** Also quantise lookup tables. Default true. */
  readonly tables?: boolean;
}

export interface QuantizedModel {
  readonly model: OnnxModel;
  /** Names of the weights that became integers. */
  readonly quantized: readonly string[];
}

/** Tensors with fewer elements are left as they are. */
const SMALLEST = 4096;

const OPERATORS_DOMAIN = 'com.microsoft';

/** Rewrites a float32 model; weights that are no longer used are removed. */
export function quantizeModel(model: OnnxModel, options: QuantizeOptions = {}): QuantizedModel {
  const { range = 'int7', keepsFloat = () => false, tables = true } = options;
  const initializers = new Map(model.initializers);
  const replaced = new Map<OnnxNode, readonly OnnxNode[]>();
  const quantized = new Set<string>();
  const wanted = (name: string, elements: number): boolean => elements >= SMALLEST && !keepsFloat(name);
  for (const product of listConstantProducts(model)) {
    if (!wanted(product.weightName, product.weight.length)) continue;
    replaced.set(product.node, []);
    // At the place of the last replaced node, so that the nodes stay in an order in which they can run.
    replaced.set(product.biasNode ?? product.node, [quantizeProduct(product, range, initializers)]);
    quantized.add(product.weightName);
  }
  for (const node of tables ? model.nodes : []) {
    const name = node.inputs[0] ?? '';
    const table = model.initializers.get(name);
    if (node.opType !== 'Gather' || !isTable(table, node) || !wanted(name, table.data.length)) continue;
    replaced.set(node, quantizeLookup(node, table, initializers));
    quantized.add(name);
  }
  const nodes = model.nodes.flatMap((node) => replaced.get(node) ?? [node]);
  const opsets = { ...model.opsets, [OPERATORS_DOMAIN]: model.opsets[OPERATORS_DOMAIN] ?? 1 };
  return {
    model: { ...model, opsets, nodes, initializers: keepRead({ ...model, nodes, initializers }) },
    quantized: [...quantized],
  };
}

function quantizeProduct(
  { node, input, weightName, weight, inner, outputs, transposed, alpha, bias, output }: ConstantProduct,
  range: WeightRange,
  initializers: Map<string, TensorData>,
): OnnxNode {
  const { values, scales } = quantizeColumns(weight, [inner, outputs], { transposed, range });
  const names = [`${weightName}.int8`, `${weightName}.scale`, `${weightName}.zero`] as const;
  initializers.set(names[0], values);
  initializers.set(
    names[1],
    float32Tensor(
      [outputs],
      scales.map((scale) => scale * alpha),
    ),
  );
  initializers.set(names[2], zeroPoints(range, outputs));
  return {
    name: node.name,
    opType: 'DynamicQuantizeMatMul',
    domain: OPERATORS_DOMAIN,
    inputs: [input, ...names, ...(bias === null ? [] : [bias])],
    outputs: [output],
    attributes: {},
  };
}

/** rows = float(values[ids]) * scales[ids] */
function quantizeLookup(
  node: OnnxNode,
  table: TensorData & { data: Float32Array },
  initializers: Map<string, TensorData>,
): readonly OnnxNode[] {
  const [name, ids] = [node.inputs[0]!, node.inputs[1]!];
  const [rows, width] = [table.shape[0]!, table.shape[1]!];
  const { values, scales } = quantizeRows(table.data, [rows, width]);
  initializers.set(`${name}.int8`, values);
  initializers.set(`${name}.scale`, float32Tensor([rows, 1], scales));
  const part = (
    suffix: string,
    opType: string,
    inputs: readonly string[],
    attributes: OnnxNode['attributes'],
  ) => ({
    name: `${node.name}.${suffix}`,
    opType,
    domain: '',
    inputs,
    outputs: [suffix === 'rows' ? node.outputs[0]! : `${node.outputs[0]}.${suffix}`],
    attributes,
  });
  const at = (suffix: string): string => `${node.outputs[0]}.${suffix}`;
  return [
    part('integers', 'Gather', [`${name}.int8`, ids], { axis: { type: 'int', value: 0 } }),
    part('scales', 'Gather', [`${name}.scale`, ids], { axis: { type: 'int', value: 0 } }),
    part('floats', 'Cast', [at('integers')], { to: { type: 'int', value: 1 } }),
    part('rows', 'Mul', [at('floats'), at('scales')], {}),
  ];
}

function isTable(
  tensor: TensorData | undefined,
  node: OnnxNode,
): tensor is TensorData & { data: Float32Array } {
  const { axis } = node.attributes;
  const byRows = axis === undefined || (axis.type === 'int' && axis.value === 0);
  return byRows && tensor?.shape.length === 2 && tensor.data instanceof Float32Array;
}

function keepRead(model: OnnxModel): ReadonlyMap<string, TensorData> {
  const readers = countReaders(model);
  return new Map([...model.initializers].filter(([name]) => readers.has(name)));
}
