// Writes an ONNX model as protobuf. Field numbers: onnx.proto of the ONNX specification, IR version 10.

import { MessageWriter } from '../../foundation/protobuf/index.ts';
import {
  ONNX_DTYPES,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxValueInfo,
} from './onnx-model.ts';
import type { TensorData } from './tensor.ts';

/** @returns the file as chunks; tensor data is not copied. */
export function writeOnnx(model: OnnxModel): readonly Uint8Array[] {
  const graph = new MessageWriter();
  for (const node of model.nodes) graph.message(1, formatNode(node));
  graph.string(2, model.graphName);
  for (const [name, tensor] of model.initializers) graph.message(5, formatTensor(tensor, name));
  for (const input of model.inputs) graph.message(11, formatValueInfo(input));
  for (const output of model.outputs) graph.message(12, formatValueInfo(output));
  const file = new MessageWriter().int(1, model.irVersion).string(2, model.producer).message(7, graph);
  for (const [domain, version] of Object.entries(model.opsets)) {
    file.message(8, new MessageWriter().string(1, domain).int(2, version));
  }
  return file.chunks();
}

function formatNode(node: OnnxNode): MessageWriter {
  const message = new MessageWriter();
  for (const input of node.inputs) message.string(1, input);
  for (const output of node.outputs) message.string(2, output);
  message.string(3, node.name).string(4, node.opType);
  for (const [name, attribute] of Object.entries(node.attributes))
    message.message(5, formatAttribute(name, attribute));
  return message.string(7, node.domain);
}

function formatAttribute(name: string, attribute: OnnxAttribute): MessageWriter {
  const message = new MessageWriter().string(1, name);
  switch (attribute.type) {
    case 'float':
      return message.float(2, attribute.value).int(20, 1);
    case 'int':
      return message.int(3, attribute.value).int(20, 2);
    case 'string':
      return message.string(4, attribute.value).int(20, 3);
    case 'tensor':
      return message.message(5, formatTensor(attribute.value, '')).int(20, 4);
    case 'floats':
      return message.packedFloats(7, attribute.value).int(20, 6);
    case 'ints':
      return message.packedInts(8, attribute.value).int(20, 7);
  }
}

function formatTensor(tensor: TensorData, name: string): MessageWriter {
  const { data } = tensor;
  return new MessageWriter()
    .packedInts(1, tensor.shape)
    .int(2, ONNX_DTYPES[tensor.dtype])
    .string(8, name)
    .bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function formatValueInfo(info: OnnxValueInfo): MessageWriter {
  const shape = new MessageWriter();
  for (const dim of info.shape) {
    shape.message(
      1,
      typeof dim === 'number' ? new MessageWriter().int(1, dim) : new MessageWriter().string(2, dim),
    );
  }
  const tensorType = new MessageWriter().int(1, ONNX_DTYPES[info.dtype]).message(2, shape);
  let type = new MessageWriter().message(1, tensorType);
  if (info.isSequence) type = new MessageWriter().message(4, new MessageWriter().message(1, type));
  return new MessageWriter().string(1, info.name).message(2, type);
}
