// Weight files in the safetensors format, 0.4's rules: an 8-byte little-endian header length, a JSON header padded
// with spaces to 8 bytes, then the tensors without holes. Equal tensors give equal bytes: wider elements first, then
// by name, which also keeps every tensor aligned. Nothing of the file is trusted before the header has been checked
// against the file's size. Source: safetensors README, "Format", and its Rust reader's checks.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { countElements, type TensorData } from '../../engine/graph/index.ts';
import {
  appError,
  assertFileKind,
  errorCodeOf,
  invariant,
  writeFileAtomic,
} from '../../foundation/core/index.ts';

export interface SafetensorsFile {
  readonly tensors: Map<string, TensorData>;
  readonly metadata: Record<string, string>;
}

type DType = TensorData['dtype'];

const METADATA = '__metadata__';
const PREFIX_BYTES = 8;
const MAX_HEADER_BYTES = 100_000_000; // the reference reader's limit
const READ_CHUNK_BYTES = 1 << 30; // one read or write call moves less than 2 GiB

const WRITTEN: Record<DType, { readonly name: string; readonly bytes: number }> = {
  float32: { name: 'F32', bytes: 4 },
  float64: { name: 'F64', bytes: 8 },
  float16: { name: 'F16', bytes: 2 },
  int32: { name: 'I32', bytes: 4 },
  int64: { name: 'I64', bytes: 8 },
  int8: { name: 'I8', bytes: 1 },
  uint8: { name: 'U8', bytes: 1 },
  bool: { name: 'BOOL', bytes: 1 },
};

interface Stored {
  readonly bytes: number;
  readonly decode: (bytes: Uint8Array<ArrayBuffer>) => Pick<TensorData, 'dtype' | 'data'>;
}

const READABLE: Readonly<Record<string, Stored>> = {
  F64: { bytes: 8, decode: (b) => ({ dtype: 'float64', data: new Float64Array(b.buffer) }) },
  F32: { bytes: 4, decode: (b) => ({ dtype: 'float32', data: new Float32Array(b.buffer) }) },
  F16: { bytes: 2, decode: (b) => ({ dtype: 'float32', data: widenHalf(new Uint16Array(b.buffer)) }) },
  BF16: { bytes: 2, decode: (b) => ({ dtype: 'float32', data: widenBrain(new Uint16Array(b.buffer)) }) },
  I64: { bytes: 8, decode: (b) => ({ dtype: 'int64', data: new BigInt64Array(b.buffer) }) },
  I32: { bytes: 4, decode: (b) => ({ dtype: 'int32', data: new Int32Array(b.buffer) }) },
  I8: { bytes: 1, decode: (b) => ({ dtype: 'int8', data: new Int8Array(b.buffer) }) },
  U8: { bytes: 1, decode: (b) => ({ dtype: 'uint8', data: b }) },
  BOOL: { bytes: 1, decode: (b) => ({ dtype: 'bool', data: b }) },
};

interface Entry {
  readonly name: string;
  readonly stored: Stored;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Replaces `path` by a file of `tensors`, atomically; the order of the map does not matter.
 * @throws DISK_FULL
 */
export function saveSafetensors(
  path: string,
  tensors: ReadonlyMap<string, TensorData>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  writeFileAtomic(path, formatSafetensors(tensors, metadata));
}

/** The file's bytes in parts, header first; the parts share memory with `tensors`. */
export function formatSafetensors(
  tensors: ReadonlyMap<string, TensorData>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const ordered = [...tensors].sort(
    ([a, left], [b, right]) => WRITTEN[right.dtype].bytes - WRITTEN[left.dtype].bytes || (a < b ? -1 : 1),
  );
  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) header.push([METADATA, sortedByKey(metadata)]);
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    invariant(name !== METADATA, 'a tensor must not be called __metadata__');
    const sizeBytes = countElements(shape) * WRITTEN[dtype].bytes;
    invariant(data.byteLength === sizeBytes, 'a tensor does not fill its shape', { name, shape, dtype });
    header.push([name, { dtype: WRITTEN[dtype].name, shape, data_offsets: [offset, offset + sizeBytes] }]);
    for (let start = 0; start < sizeBytes; start += READ_CHUNK_BYTES) {
      const length = Math.min(READ_CHUNK_BYTES, sizeBytes - start);
      parts.push(new Uint8Array(data.buffer, data.byteOffset + start, length));
    }
    offset += sizeBytes;
  }
  const text = Buffer.from(formatHeader(header));
  const padded = Buffer.alloc(PREFIX_BYTES + Math.ceil(text.length / 8) * 8, ' ');
  padded.writeBigUInt64LE(BigInt(padded.length - PREFIX_BYTES), 0);
  text.copy(padded, PREFIX_BYTES);
  return [padded, ...parts];
}

/**
 * Reads the tensors; half and brain floats become float32. Each tensor owns its memory.
 * @param isWanted  by name; the others are not read
 * @throws FILE_NOT_FOUND, FILE_CORRUPT, FILE_KIND_WRONG
 */
export function loadSafetensors(
  path: string,
  isWanted: (name: string) => boolean = () => true,
): SafetensorsFile {
  return withHeader(path, (file, { entries, metadata }, dataStart) => {
    const tensors = new Map<string, TensorData>();
    for (const { name, stored, shape, begin, end } of entries) {
      if (!isWanted(name)) continue;
      const bytes = readExactly(path, file, dataStart + begin, end - begin);
      tensors.set(name, { ...stored.decode(bytes), shape });
    }
    return { tensors, metadata };
  });
}

/**
 * What a file holds, without reading the tensors: the shape of each, by name.
 * @throws FILE_NOT_FOUND, FILE_CORRUPT, FILE_KIND_WRONG
 */
export function listSafetensors(path: string): Map<string, readonly number[]> {
  return withHeader(path, (_, { entries }) => new Map(entries.map(({ name, shape }) => [name, shape])));
}

interface Header {
  readonly entries: readonly Entry[];
  readonly metadata: Record<string, string>;
}

function withHeader<T>(path: string, use: (file: number, header: Header, dataStart: number) => T): T {
  const file = openFile(path);
  try {
    const sizeBytes = fstatSync(file).size;
    const headerBytes = readHeaderLength(path, file, sizeBytes);
    const text = readExactly(path, file, PREFIX_BYTES, headerBytes);
    const dataStart = PREFIX_BYTES + headerBytes;
    return use(file, parseHeader(path, text, sizeBytes - dataStart), dataStart);
  } finally {
    closeSync(file);
  }
}

function sortedByKey(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** JSON.stringify of an object whose keys keep this order, even where they look like numbers. */
function formatHeader(header: readonly [string, unknown][]): string {
  return `{${header.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') throw appError('FILE_NOT_FOUND', { path, kind: 'safetensors file' });
    throw error;
  }
}

function readHeaderLength(path: string, file: number, sizeBytes: number): number {
  if (sizeBytes < PREFIX_BYTES) throw corrupt(path, 'at least 8 bytes', `${sizeBytes}`);
  const prefix = Buffer.from(readExactly(path, file, 0, PREFIX_BYTES).buffer);
  const length = prefix.readBigUInt64LE(0);
  const most = Math.min(MAX_HEADER_BYTES, sizeBytes - PREFIX_BYTES);
  if (length > BigInt(most)) assertFileKind(path, 'weights in the safetensors format');
  if (length > BigInt(most)) throw corrupt(path, `a header of at most ${most} bytes`, `${length}`);
  return Number(length);
}

function parseHeader(path: string, bytes: Uint8Array, dataBytes: number): Header {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw corrupt(path, 'a JSON header', 'something else');
  }
  if (!isRecord(header)) throw corrupt(path, 'a JSON object as header', describe(header));
  const entries: Entry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) metadata = parseMetadata(path, value);
    else entries.push(parseEntry(path, name, value));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let expectedBegin = 0;
  for (const { name, begin, end } of entries) {
    const where = `${path} (tensor ${name})`;
    if (begin !== expectedBegin)
      throw corrupt(where, `data from byte ${expectedBegin}`, `from byte ${begin}`);
    expectedBegin = end;
  }
  if (expectedBegin !== dataBytes) throw corrupt(path, `${expectedBegin} bytes of tensors`, `${dataBytes}`);
  return { entries, metadata };
}

function parseEntry(path: string, name: string, value: unknown): Entry {
  const where = `${path} (tensor ${name})`;
  if (!isRecord(value)) throw corrupt(where, 'dtype, shape and data_offsets', describe(value));
  const { dtype, shape, data_offsets: offsets } = value;
  const stored = typeof dtype === 'string' && Object.hasOwn(READABLE, dtype) ? READABLE[dtype] : undefined;
  if (stored === undefined) {
    throw corrupt(where, `a dtype among ${Object.keys(READABLE).join(', ')}`, describe(dtype));
  }
  if (!isSizes(shape)) throw corrupt(where, 'a shape of whole numbers', describe(shape));
  if (!isSizes(offsets) || offsets.length !== 2) throw corrupt(where, 'two data_offsets', describe(offsets));
  const [begin, end] = offsets as [number, number];
  const sizeBytes = countElements(shape) * stored.bytes;
  if (!Number.isSafeInteger(sizeBytes)) throw corrupt(where, 'a shape that fits in memory', describe(shape));
  if (end - begin !== sizeBytes) throw corrupt(where, `${sizeBytes} bytes of data`, `${end - begin}`);
  return { name, stored, shape, begin, end };
}

function parseMetadata(path: string, value: unknown): Record<string, string> {
  if (!isRecord(value) || Object.values(value).some((entry) => typeof entry !== 'string')) {
    throw corrupt(path, `strings in ${METADATA}`, describe(value));
  }
  return value as Record<string, string>;
}

function readExactly(path: string, file: number, position: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const got = readSync(file, bytes, done, Math.min(READ_CHUNK_BYTES, length - done), position + done);
    if (got === 0) throw corrupt(path, `${length} bytes at ${position}`, `${done}: cut while being read`);
    done += got;
  }
  return bytes;
}

/** IEEE 754 binary16 to binary32, through a table of all 65,536: a model has millions. */
/** float32 of the bits of halves. */
export function widenHalf(halves: Uint16Array): Float32Array {
  halfTable ??= Float32Array.from({ length: 1 << 16 }, (_, half) => widenOneHalf(half));
  const wide = new Float32Array(halves.length);
  for (let i = 0; i < wide.length; i++) wide[i] = halfTable[halves[i]!]!;
  return wide;
}

let halfTable: Float32Array | undefined;

function widenOneHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A brain float is the upper half of a binary32. */
function widenBrain(brains: Uint16Array): Float32Array {
  const bits = new Uint32Array(brains.length);
  for (let i = 0; i < bits.length; i++) bits[i] = brains[i]! << 16;
  return new Float32Array(bits.buffer);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function describe(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}

function corrupt(where: string, expected: string, got: string): Error {
  return appError('FILE_CORRUPT', {
    path: where,
    expected,
    got,
    remedy: 'the command or the download that wrote it',
  });
}
