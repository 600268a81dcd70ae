// The frames of a TensorBoard event file (TFRecord): length in 8 bytes, checksum of the length, data, checksum of the data.
// The checksum is CRC-32C, rotated right by 15 bits plus a constant ("masked").
// Source: tensorflow.org, "TFRecord and tf.train.Example", section "TFRecords format details".

const MASK_DELTA = 0xa282ead8;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0); // Castagnoli, reflected
  return crc;
});

/** CRC-32C. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 255]!;
  return (crc ^ 0xffffffff) >>> 0;
}

/** One frame around one message. */
export function frameRecord(data: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(data.byteLength + 16);
  frame.writeBigUInt64LE(BigInt(data.byteLength), 0);
  frame.writeUInt32LE(maskedCrc(frame.subarray(0, 8)), 8);
  frame.set(data, 12);
  frame.writeUInt32LE(maskedCrc(data), 12 + data.byteLength);
  return frame;
}

function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}
