// Reads an ONNX model back into plain data: for checks, quantisation and inspection. The inverse of onnx-writer.ts;
// files of other programs are read too if they keep to the tensors and attributes of onnx-model.ts.
import { appError } from '../../foundation/core/index.ts';
import {
  ONNX_DTYPES,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxValueInfo,
} from './onnx-model.ts';
import type { Dim } from './operators.ts';
import { countElements, type TensorData } from './tensor.ts';
import { readFields, readPackedInts, type WireField } from './wire-fields.ts';

/** @throws ONNX_INVALID */
export function parseOnnx(bytes: Uint8Array): OnnxModel {
  let irVersion = 0;
  let producer = '';
  const opsets: Record<string, number> = {};
  const graph = {
    graphName: '',
    nodes: [] as OnnxNode[],
    initializers: new Map<string, TensorData>(),
    inputs: [] as OnnxValueInfo[],
    outputs: [] as OnnxValueInfo[],
  };
  for (const { field, int, bytes: content } of readFields(bytes)) {
    if (field === 1) irVersion = Number(int);
    else if (field === 2) producer = text(content);
    else if (field === 7) parseGraph(message(content), graph);
    else if (field === 8) parseOpset(message(content), opsets);
  }
  if (irVersion === 0) throw appError('ONNX_INVALID', { problem: 'no IR version: this is not an ONNX file' });
  return { irVersion, producer, opsets, ...graph };
}

function parseGraph(
  bytes: Uint8Array,
  graph: {
    graphName: string;
    nodes: OnnxNode[];
    initializers: Map<string, TensorData>;
    inputs: OnnxValueInfo[];
    outputs: OnnxValueInfo[];
  },
): void {
  for (const { field, bytes: content } of readFields(bytes)) {
    if (field === 1) graph.nodes.push(parseNode(message(content)));
    else if (field === 2) graph.graphName = text(content);
    else if (field === 5) {
      const { name, tensor } = parseTensor(message(content));
      graph.initializers.set(name, tensor);
    } else if (field === 11) graph.inputs.push(parseValueInfo(message(content)));
    else if (field === 12) graph.outputs.push(parseValueInfo(message(content)));
  }
}

function parseOpset(bytes: Uint8Array, opsets: Record<string, number>): void {
  let domain = '';
  let version = 0;
  for (const { field, int, bytes: content } of readFields(bytes)) {
    if (field === 1) domain = text(content);
    else if (field === 2) version = Number(int);
  }
  opsets[domain] = version;
}

function parseNode(bytes: Uint8Array): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Record<string, OnnxAttribute> = {};
  let name = '';
  let opType = '';
  let domain = '';
  for (const { field, bytes: content } of readFields(bytes)) {
    if (field === 1) inputs.push(text(content));
    else if (field === 2) outputs.push(text(content));
    else if (field === 3) name = text(content);
    else if (field === 4) opType = text(content);
    else if (field === 5) Object.assign(attributes, parseAttribute(message(content)));
    else if (field === 7) domain = text(content);
  }
  return { name, opType, domain, inputs, outputs, attributes };
}

function parseAttribute(bytes: Uint8Array): Record<string, OnnxAttribute> {
  let name = '';
  let type = 0;
  let float = 0;
  let int = 0;
  let string = '';
  let tensor: TensorData | null = null;
  const floats: number[] = [];
  const ints: number[] = [];
  for (const entry of readFields(bytes)) {
    const { field } = entry;
    if (field === 1) name = text(entry.bytes);
    else if (field === 2) float = float32At(message(entry.bytes), 0);
    else if (field === 3) int = Number(BigInt.asIntN(64, entry.int ?? 0n));
    else if (field === 4) string = text(entry.bytes);
    else if (field === 5) tensor = parseTensor(message(entry.bytes)).tensor;
    else if (field === 7) {
      const packed = message(entry.bytes);
      for (let offset = 0; offset + 4 <= packed.byteLength; offset += 4)
        floats.push(float32At(packed, offset));
    } else if (field === 8) ints.push(...repeatedInts(entry));
    else if (field === 20) type = Number(entry.int);
  }
  if (type === 1) return { [name]: { type: 'float', value: float } };
  if (type === 2) return { [name]: { type: 'int', value: int } };
  if (type === 3) return { [name]: { type: 'string', value: string } };
  if (type === 4 && tensor !== null) return { [name]: { type: 'tensor', value: tensor } };
  if (type === 6) return { [name]: { type: 'floats', value: floats } };
  if (type === 7) return { [name]: { type: 'ints', value: ints } };
  throw appError('ONNX_INVALID', {
    problem: `attribute ${name} has type ${type}, which this reader does not know`,
  });
}

function parseTensor(bytes: Uint8Array): { name: string; tensor: TensorData } {
  const shape: number[] = [];
  let dtypeCode = 0;
  let name = '';
  let raw: Uint8Array | null = null;
  for (const entry of readFields(bytes)) {
    if (entry.field === 1) shape.push(...repeatedInts(entry));
    else if (entry.field === 2) dtypeCode = Number(entry.int);
    else if (entry.field === 8) name = text(entry.bytes);
    else if (entry.field === 9) raw = message(entry.bytes);
  }
  if (raw === null) throw appError('ONNX_INVALID', { problem: `tensor ${name} has no raw data` });
  return { name, tensor: createTensor(name, dtypeOf(dtypeCode), shape, raw) };
}

function createTensor(
  name: string,
  dtype: TensorData['dtype'],
  shape: readonly number[],
  raw: Uint8Array,
): TensorData {
  // Aligned, and independent of the file's buffer; slice() of a Node Buffer would not copy.
  const copy = new Uint8Array(raw).buffer;
  const data = {
    float32: () => new Float32Array(copy),
    float64: () => new Float64Array(copy),
    int32: () => new Int32Array(copy),
    int64: () => new BigInt64Array(copy),
    float16: () => new Uint16Array(copy),
    int8: () => new Int8Array(copy),
    uint8: () => new Uint8Array(copy),
    bool: () => new Uint8Array(copy),
  }[dtype]();
  if (data.length !== countElements(shape)) {
    throw appError('ONNX_INVALID', {
      problem: `tensor ${name} holds ${data.length} elements where its shape says ${countElements(shape)}`,
    });
  }
  return { dtype, shape, data };
}

function parseValueInfo(bytes: Uint8Array): OnnxValueInfo {
  let name = '';
  let dtype: TensorData['dtype'] = 'float32';
  const shape: Dim[] = [];
  for (const { field, bytes: content } of readFields(bytes)) {
    if (field === 1) name = text(content);
    if (field !== 2) continue;
    for (const type of readFields(message(content))) {
      if (type.field !== 1) continue;
      for (const tensor of readFields(message(type.bytes))) {
        if (tensor.field === 1) dtype = dtypeOf(Number(tensor.int));
        if (tensor.field !== 2) continue;
        for (const dim of readFields(message(tensor.bytes))) shape.push(parseDim(message(dim.bytes)));
      }
    }
  }
  return { name, dtype, shape };
}

function parseDim(bytes: Uint8Array): Dim {
  for (const { field, int, bytes: content } of readFields(bytes)) {
    if (field === 1) return Number(int);
    if (field === 2) return text(content);
  }
  return '?';
}

function dtypeOf(code: number): TensorData['dtype'] {
  for (const [dtype, known] of Object.entries(ONNX_DTYPES)) {
    if (known === code) return dtype as TensorData['dtype'];
  }
  throw appError('ONNX_INVALID', { problem: `element type ${code}, which this reader does not know` });
}

function repeatedInts(entry: WireField): number[] {
  if (entry.bytes !== null) return readPackedInts(entry.bytes).map(Number);
  return [Number(BigInt.asIntN(64, entry.int))];
}

function float32At(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getFloat32(offset, true);
}

function message(bytes: Uint8Array | null): Uint8Array {
  if (bytes === null) throw appError('ONNX_INVALID', { problem: 'a number where a message was expected' });
  return bytes;
}

function text(bytes: Uint8Array | null): string {
  return Buffer.from(message(bytes)).toString('utf8');
}
