// Reads the wire format of Protocol Buffers: just what ONNX files need. Source: protobuf.dev, "Encoding".
import { appError } from '../../foundation/core/index.ts';
import { BYTES, FIXED32, FIXED64, VARINT } from '../../foundation/protobuf/index.ts';

/** One field as it was read: a varint, or the bytes of any other wire type. */
export type WireField = { readonly field: number } & (
  | { readonly int: bigint; readonly bytes: null }
  | { readonly int: null; readonly bytes: Uint8Array }
);

/**
 * Splits a message into its fields, in order. Fixed-width fields are given as their bytes.
 * @throws ONNX_INVALID on truncated or malformed input
 */
export function* readFields(bytes: Uint8Array): Generator<WireField> {
  let offset = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[offset++];
      if (byte === undefined) throw appError('ONNX_INVALID', { problem: 'the file ends within a number' });
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    throw appError('ONNX_INVALID', { problem: 'a number longer than 64 bits' });
  };
  const take = (sizeBytes: number): Uint8Array => {
    if (sizeBytes > bytes.byteLength - offset) {
      throw appError('ONNX_INVALID', {
        problem: `a field of ${sizeBytes} bytes where ${bytes.byteLength - offset} are left`,
      });
    }
    offset += sizeBytes;
    return bytes.subarray(offset - sizeBytes, offset);
  };
  while (offset < bytes.byteLength) {
    const tag = Number(varint());
    const field = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === VARINT) yield { field, int: varint(), bytes: null };
    else if (wireType === FIXED64) yield { field, int: null, bytes: take(8) };
    else if (wireType === BYTES) yield { field, int: null, bytes: take(Number(varint())) };
    else if (wireType === FIXED32) yield { field, int: null, bytes: take(4) };
    else throw appError('ONNX_INVALID', { problem: `an unknown wire type ${wireType}` });
  }
}

/** The varints of a packed field. */
export function readPackedInts(bytes: Uint8Array): bigint[] {
  const values: bigint[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) {
      values.push(BigInt.asIntN(64, value));
      value = 0n;
      shift = 0n;
    } else {
      shift += 7n;
    }
  }
  return values;
}
