// A small ONNX graph of float32 tensors under construction, written by hand rather than by the engine's operators.
import {
  float32Tensor,
  type OnnxModel,
  type OnnxNode,
  type OnnxValueInfo,
  type TensorData,
  writeOnnx,
} from '../../graph/index.ts';

const OPSETS = { '': 20 };
const INT64 = 7; // TensorProto.DataType

export class GraphDraft {
  readonly #name: string;
  readonly #nodes: OnnxNode[] = [];
  readonly #inputs: OnnxValueInfo[] = [];
  readonly #outputs: OnnxValueInfo[] = [];
  readonly #initializers = new Map<string, TensorData>();

  constructor(name: string) {
    this.#name = name;
  }

  input(name: string, shape: OnnxValueInfo['shape'], dtype: OnnxValueInfo['dtype'] = 'float32'): void {
    this.#inputs.push({ name, dtype, shape });
  }

  output(name: string, shape: OnnxValueInfo['shape']): void {
    this.#outputs.push({ name, dtype: 'float32', shape });
  }

  /** Adds a node. @returns `output` */
  add(
    opType: string,
    inputs: readonly string[],
    output: string,
    attributes: OnnxNode['attributes'] = {},
  ): string {
    this.#nodes.push({ name: output, opType, domain: '', inputs, outputs: [output], attributes });
    return output;
  }

  /** x times a constant. */
  scale(x: string, factor: number, output: string): string {
    return this.add('Mul', [x, this.constant(factor)], output);
  }

  /** The sum of scalars. */
  addAll(scalars: readonly string[]): string {
    return scalars.reduce((total, next) => this.add('Add', [total, next], `${total}+`));
  }

  /** A float32 constant of shape []; equal ones are one. */
  constant(value: number): string {
    const name = `constant.${value}`;
    this.#initializers.set(name, float32Tensor([], Float32Array.of(value)));
    return name;
  }

  int64(name: string, values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    this.#initializers.set(name, { dtype: 'int64', shape: [values.length], data });
    return name;
  }

  zeros(name: string, shape: readonly number[]): string {
    return this.add('ConstantOfShape', [this.int64(`shape.${name}`, shape)], `zeros.${name}`);
  }

  castToInt64(x: string, output: string): string {
    return this.add('Cast', [x], output, { to: { type: 'int', value: INT64 } });
  }

  write(): Uint8Array {
    const model: OnnxModel = {
      irVersion: 9,
      producer: 'veracity',
      opsets: OPSETS,
      graphName: this.#name,
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: this.#inputs,
      outputs: this.#outputs,
    };
    return new Uint8Array(Buffer.concat(writeOnnx(model)));
  }
}
