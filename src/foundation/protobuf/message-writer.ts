// Writes messages in the wire format of Protocol Buffers: varint, fixed32, fixed64, length-delimited.
// Source: protobuf.dev, "Encoding". Large values are kept as chunks and never copied.

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;

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

  double(field: number, value: number): this {
    this.#tag(field, FIXED64);
    this.#append(new Uint8Array(Float64Array.of(value).buffer));
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

  packedDoubles(field: number, values: readonly number[]): this {
    return this.bytes(field, new Uint8Array(Float64Array.from(values).buffer));
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
