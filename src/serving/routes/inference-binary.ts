// Binary tensors of the Open Inference Protocol, in both directions: JSON first, then the bytes of the tensors in their
// order. BYTES are strings, each with its length as four bytes; numbers are little-endian. Source: Triton's extension
// "binary tensor data".
import { appError } from '../../foundation/core/index.ts';
import { parseJsonBody } from '../http/index.ts';
import type { OutputTensor } from './inference-tensors.ts';

/** The header that says how many bytes of a body are JSON. */
export const JSON_LENGTH_HEADER = 'inference-header-content-length';

const LENGTH_BYTES = 4;

function refuse(where: string, expected: string, got: string): Error {
  return appError('OIP_BINARY_INVALID', { where, expected, got });
}

/**
 * The JSON of an /infer body, in which each binary tensor has become a tensor with `data`.
 * @param body  all bytes of the request; undefined where there were none
 * @throws REQUEST_NOT_JSON, OIP_BINARY_INVALID, TOO_MANY_ARTICLES
 */
export function parseInferBody(
  body: Buffer | undefined,
  headers: Readonly<Record<string, unknown>>,
  maxArticles: number,
): unknown {
  const all = body ?? Buffer.alloc(0);
  const jsonBytes = readJsonLength(headers[JSON_LENGTH_HEADER], all.length);
  const value = parseJsonBody(all.subarray(0, jsonBytes ?? all.length), asText(headers['content-type']));
  const inputs = asRecord(value)?.inputs;
  if (!Array.isArray(inputs) || inputs.length > 16) return value; // the schema says what is wrong
  let rest = all.subarray(jsonBytes ?? all.length);
  const read = inputs.map((tensor: unknown, index) => {
    const where = `inputs.${index}`;
    const { binary_data_size: size, shared_memory_region: region } =
      asRecord(asRecord(tensor)?.parameters) ?? {};
    if (typeof region === 'string') throw refuse(where, 'data or binary_data_size', 'shared memory');
    if (size === undefined || size === null) return tensor;
    if (jsonBytes === undefined)
      throw refuse(where, `the header ${JSON_LENGTH_HEADER} with a binary tensor`, 'none');
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
      throw refuse(`${where}.parameters.binary_data_size`, 'a number of bytes', 'something else');
    const { data, ...fields } = asRecord(tensor)!;
    if (data !== undefined && data !== null) throw refuse(where, 'data or binary_data_size', 'both');
    if (fields.datatype !== 'BYTES') return { ...fields, data: [] }; // the schema says which data type is expected
    if (size > rest.length) throw refuse(where, `${size} bytes after the JSON`, `${rest.length}`);
    const values = decodeStrings(rest.subarray(0, size), where, maxArticles);
    rest = rest.subarray(size);
    assertCount(fields.shape, values.length, where);
    return { ...fields, data: values };
  });
  const isComplete = read.every((tensor) => asRecord(tensor)?.datatype === 'BYTES');
  if (rest.length > 0 && isComplete)
    throw refuse(
      'request body',
      'only the bytes of the binary tensors after the JSON',
      `${rest.length} more`,
    );
  return { ...asRecord(value), inputs: read };
}

function readJsonLength(header: unknown, bytes: number): number | undefined {
  if (header === undefined) return undefined;
  const length = /^\d{1,15}$/.test(String(header)) ? Number(header) : Number.NaN;
  if (!(length >= 1 && length <= bytes))
    throw refuse(
      JSON_LENGTH_HEADER,
      `the bytes of the JSON, 1 to ${bytes}`,
      Number.isNaN(length) ? 'something else' : String(length),
    );
  return length;
}

function decodeStrings(bytes: Buffer, where: string, maxArticles: number): string[] {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const values: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const left = bytes.length - at - LENGTH_BYTES;
    const string = `${where}: string ${values.length}`;
    if (left < 0) throw refuse(string, `a length of ${LENGTH_BYTES} bytes`, `${bytes.length - at} bytes`);
    const length = bytes.readUInt32LE(at);
    if (length > left) throw refuse(string, `${length} bytes, as its length says`, `${left}`);
    at += LENGTH_BYTES;
    try {
      values.push(decoder.decode(bytes.subarray(at, at + length)));
    } catch {
      throw refuse(string, 'UTF-8', 'other bytes');
    }
    at += length;
    if (values.length > maxArticles) throw appError('TOO_MANY_ARTICLES', { max: maxArticles, got: 'more' });
  }
  return values;
}

function assertCount(shape: unknown, count: number, where: string): void {
  if (!Array.isArray(shape) || !shape.every(Number.isSafeInteger)) return; // the schema says what is wrong
  const size = shape.reduce((product: number, length: number) => product * length, 1);
  if (size !== count) throw refuse(where, `${size} strings, as the shape says`, `${count}`);
}

/**
 * The body of a response: JSON, with the bytes of its binary tensors behind it.
 * @param binary  names of the outputs that are wanted as bytes
 */
export function encodeInferResponse(
  response: { readonly outputs: readonly OutputTensor[] },
  binary: ReadonlySet<string>,
  formatJson: (value: unknown) => string,
): { body: Buffer; jsonBytes: number } {
  const parts: Buffer[] = [];
  const outputs = response.outputs.map(({ data, ...tensor }) => {
    if (!binary.has(tensor.name)) return { ...tensor, data };
    const bytes = encodeTensor(tensor.datatype, data);
    parts.push(bytes);
    return { ...tensor, parameters: { ...tensor.parameters, binary_data_size: bytes.length } };
  });
  const json = Buffer.from(formatJson({ ...response, outputs }));
  return { body: Buffer.concat([json, ...parts]), jsonBytes: json.length };
}

function encodeTensor(datatype: OutputTensor['datatype'], data: OutputTensor['data']): Buffer {
  switch (datatype) {
    case 'BYTES':
      return Buffer.concat(
        data.flatMap((value) => {
          const text = Buffer.from(String(value));
          const length = Buffer.alloc(LENGTH_BYTES);
          length.writeUInt32LE(text.length);
          return [length, text];
        }),
      );
    case 'FP32': {
      const bytes = Buffer.alloc(4 * data.length);
      for (const [i, value] of data.entries()) bytes.writeFloatLE(Number(value), 4 * i);
      return bytes;
    }
    case 'BOOL':
      return Buffer.from(data.map((value) => (value === true ? 1 : 0)));
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
