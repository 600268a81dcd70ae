import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { float32Tensor, type TensorData } from '../../engine/graph/tensor.ts';
import { formatSafetensors, listSafetensors, loadSafetensors, saveSafetensors } from './safetensors.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safetensors-'));
  path = join(folder, 'model.safetensors');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ALL: [string, TensorData][] = [
  ['flag', { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) }],
  ['weight', float32Tensor([2, 2], Float32Array.of(1.5, -0.1, 3e38, -0))],
  ['step', { dtype: 'int64', shape: [], data: BigInt64Array.of(-9007199254740993n) }],
  ['exact', { dtype: 'float64', shape: [1], data: Float64Array.of(0.1) }],
  ['ids', { dtype: 'int32', shape: [2], data: Int32Array.of(-1, 7) }],
  ['bytes', { dtype: 'uint8', shape: [2, 1], data: Uint8Array.of(0, 255) }],
  ['nothing', float32Tensor([0, 3])],
  ['__proto__', float32Tensor([1], Float32Array.of(5))],
  ['12', float32Tensor([1], Float32Array.of(12))],
];

/** A file with this header (padded by default) and this many data bytes. */
function writeRaw(header: string, dataBytes: number, statedLength?: bigint): void {
  const text = Buffer.from(header);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(statedLength ?? BigInt(text.length));
  writeFileSync(path, Buffer.concat([prefix, text, Buffer.alloc(dataBytes)]));
}

test('reads back every dtype, a scalar, an empty tensor and awkward names', () => {
  saveSafetensors(path, new Map(ALL), { format: 'pt' });
  const { tensors, metadata } = loadSafetensors(path);
  expect(metadata).toEqual({ format: 'pt' });
  expect([...tensors.keys()].sort()).toEqual(ALL.map(([name]) => name).sort());
  for (const [name, tensor] of ALL) expect(tensors.get(name)).toEqual(tensor);
  expect(readdirSync(folder)).toEqual(['model.safetensors']);
});

test('gives equal bytes for equal tensors in any order, each tensor aligned to its element size', () => {
  const bytes = Buffer.concat(formatSafetensors(new Map(ALL), { b: '2', a: '1' }));
  expect(Buffer.concat(formatSafetensors(new Map([...ALL].reverse()), { a: '1', b: '2' }))).toEqual(bytes);
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  expect(headerBytes % 8).toBe(0);
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes));
  expect(header.exact.data_offsets[0] % 8).toBe(0);
  expect(header.weight.data_offsets[0] % 4).toBe(0);
});

test('lists shapes without the tensors, and reads only those that are wanted', () => {
  saveSafetensors(path, new Map(ALL));
  expect([...listSafetensors(path)].sort()).toEqual(ALL.map(([name, { shape }]) => [name, shape]).sort());
  const wanted = ['ids', 'weight'];
  const { tensors } = loadSafetensors(path, (name) => wanted.includes(name));
  expect(tensors).toEqual(new Map(ALL.filter(([name]) => wanted.includes(name))));
  writeFileSync(path, readFileSync(path).subarray(0, -1));
  expect(() => listSafetensors(path)).toThrow(expect.objectContaining({ code: 'FILE_CORRUPT' }));
});

test('writes only the viewed part of a larger buffer', () => {
  saveSafetensors(path, new Map([['w', float32Tensor([2], Float32Array.of(1, 2, 3, 4).subarray(1, 3))]]));
  expect([...loadSafetensors(path).tensors.get('w')!.data]).toEqual([2, 3]);
});

test('reads what the Python library wrote, half and brain floats widened', () => {
  const { tensors, metadata } = loadSafetensors('test/models/reference/python.safetensors');
  expect(metadata).toEqual({ format: 'pt', note: 'größer' });
  const values = (name: string): unknown[] => [...tensors.get(name)!.data];
  expect(values('f32')).toEqual([...Float32Array.of(1.5, -2.25, 0.1, 3e38, -1e-42, 0)]);
  expect(tensors.get('f32')!.shape).toEqual([2, 3]);
  expect(values('f64')).toEqual([0.1, -1e300]);
  expect(tensors.get('f16')!.dtype).toBe('float32');
  expect(values('f16')).toEqual([1, -0.333251953125, 65504, 2 ** -24, Number.POSITIVE_INFINITY]);
  expect(values('bf16')).toEqual([1, -0.333984375, 3.3895313892515355e38]);
  expect(values('i32')).toEqual([-2147483648, 7]);
  expect(values('i64')).toEqual([-9007199254740993n, 7n]);
  expect(values('u8')).toEqual([0, 1, 255]);
  expect(values('bool')).toEqual([1, 0, 1]);
  expect(tensors.get('scalar')).toMatchObject({ shape: [], data: Float32Array.of(42) });
  expect(tensors.get('empty')).toMatchObject({ shape: [0, 3] });
});

test('refuses a file cut at any byte', () => {
  saveSafetensors(path, new Map(ALL));
  const whole = readFileSync(path);
  for (let length = 0; length < whole.length; length += 1) {
    writeFileSync(path, whole.subarray(0, length));
    expect(() => loadSafetensors(path), `cut at ${length}`).toThrow(
      expect.objectContaining({ code: 'FILE_CORRUPT' }),
    );
  }
});

test('refuses bytes behind the last tensor', () => {
  saveSafetensors(path, new Map(ALL));
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(1)]));
  expect(() => loadSafetensors(path)).toThrow(expect.objectContaining({ code: 'FILE_CORRUPT' }));
});

test('names a missing file', () => {
  expect(() => loadSafetensors(path)).toThrow(expect.objectContaining({ code: 'FILE_NOT_FOUND' }));
});

const f32 = (begin: number, end: number, shape: unknown = [1]): string =>
  JSON.stringify({ dtype: 'F32', shape, data_offsets: [begin, end] });

test.each<[string, string, number]>([
  ['no JSON', '{"a":', 0],
  ['no object', '[]', 0],
  ['no tensor object', '{"a":3}', 0],
  ['overlapping tensors', `{"a":${f32(0, 4)},"b":${f32(0, 4)}}`, 4],
  ['partly overlapping tensors', `{"a":${f32(0, 8, [2])},"b":${f32(4, 8)}}`, 8],
  ['a hole between tensors', `{"a":${f32(0, 4)},"b":${f32(8, 12)}}`, 12],
  ['a hole at the start', `{"a":${f32(4, 8)}}`, 8],
  ['offsets beyond the data', `{"a":${f32(0, 8, [2])}}`, 4],
  ['a reversed range', `{"a":${f32(4, 0)}}`, 4],
  ['a size that is not the shape', `{"a":${f32(0, 4, [2])}}`, 4],
  ['a negative dimension', `{"a":${f32(0, 4, [-1, -1])}}`, 4],
  ['a fractional dimension', `{"a":${f32(0, 4, [0.5, 2])}}`, 4],
  ['a shape past all memory', `{"a":${f32(0, 4, [2 ** 50, 2 ** 50])}}`, 4],
  ['a shape that is no list', `{"a":${f32(0, 4, 1)}}`, 4],
  ['three offsets', '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}', 4],
  ['an unknown dtype', '{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}', 4],
  ['an inherited name as dtype', '{"a":{"dtype":"toString","shape":[4],"data_offsets":[0,4]}}', 4],
  ['metadata that is not strings', '{"__metadata__":{"a":1}}', 0],
])('refuses %s', (_, header, dataBytes) => {
  writeRaw(header, dataBytes);
  expect(() => loadSafetensors(path)).toThrow(expect.objectContaining({ code: 'FILE_CORRUPT' }));
});

test('refuses a stated header length past the file, and past 64-bit sense', () => {
  for (const length of [3n, 1000n, 2n ** 40n, 2n ** 64n - 1n]) {
    writeRaw('{}', 0, length);
    expect(() => loadSafetensors(path)).toThrow(expect.objectContaining({ code: 'FILE_CORRUPT' }));
  }
});

test('refuses a header that is not UTF-8', () => {
  saveSafetensors(path, new Map([['ab', float32Tensor([1])]]));
  const bytes = readFileSync(path);
  bytes[bytes.indexOf('ab')] = 0xff;
  writeFileSync(path, bytes);
  expect(() => loadSafetensors(path)).toThrow(expect.objectContaining({ code: 'FILE_CORRUPT' }));
});
