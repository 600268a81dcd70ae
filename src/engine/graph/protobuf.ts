// The wire format of Protocol Buffers: just what ONNX files need (varint, fixed32, fixed64, length-delimited).
// Source: protobuf.dev, "Encoding". Large tensors are kept as chunks and never copied by the writer.
import { appError } from '../../foundation/core/index.ts';

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** One message being written. */
export class MessageWriter {
  readonly #chunks: Uint8Array[] = [];
  #small: number[] = [];
  #sizeBytes = 0;

  int(field: number, value: number | bigint): this {
    this.#tag(field, VARINT);
    this.#varint(BigInt(value));
    return this;
  }

  float(field: number, value: number): this {
    this.#tag(field, FIXED32);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#small.push(...bytes);
    this.#sizeBytes += 4;
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, 'utf8'));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, BYTES);
    this.#varint(BigInt(value.byteLength));
    this.#append(value);
    return this;
  }

  message(field: number, message: MessageWriter): this {
    this.#tag(field, BYTES);
    this.#varint(BigInt(message.#sizeBytes));
    for (const chunk of message.chunks()) this.#append(chunk);
    return this;
  }

  packedInts(field: number, values: readonly (number | bigint)[]): this {
    const packed = new MessageWriter();
    for (const value of values) packed.#varint(BigInt(value));
    return this.message(field, packed);
  }

  packedFloats(field: number, values: readonly number[]): this {
    return this.bytes(field, new Uint8Array(Float32Array.from(values).buffer));
  }

  /** The message's bytes, in order. */
  chunks(): readonly Uint8Array[] {
    this.#flush();
    return this.#chunks;
  }

  #tag(field: number, wireType: number): void {
    this.#varint(BigInt(field * 8 + wireType));
  }

  #varint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    while (rest > 127n) {
      this.#small.push(Number(rest & 127n) | 128);
      this.#sizeBytes++;
      rest >>= 7n;
    }
    this.#small.push(Number(rest));
    this.#sizeBytes++;
  }

  #append(chunk: Uint8Array): void {
    this.#sizeBytes += chunk.byteLength;
    if (chunk.byteLength <= 64) {
      this.#small.push(...chunk);
      return;
    }
    this.#flush();
    this.#chunks.push(chunk);
  }

  #flush(): void {
    if (this.#small.length === 0) return;
    this.#chunks.push(Uint8Array.from(this.#small));
    this.#small = [];
  }
}

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
