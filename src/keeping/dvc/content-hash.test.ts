import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { ContentHash, isHash } from './content-hash.ts';

const MIB = 2 ** 20;
const md5Of = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');
const hashInParts = (bytes: Uint8Array, size: number) => {
  const hash = new ContentHash('md5-dos2unix');
  for (let at = 0; at < bytes.byteLength; at += size) hash.update(bytes.subarray(at, at + size));
  return hash.finish();
};
const text = Buffer.from('first\r\nsecond\r\n'.repeat(150_000));

it.each([1000, MIB, MIB + 7, 3 * MIB])('takes a text in parts of %i bytes for the same as in one', (size) => {
  expect(hashInParts(text, size)).toEqual(hashInParts(text, text.byteLength));
});

it('hashes text with LF for CRLF, and anything else as it is', () => {
  const short = Buffer.from('a\r\nb\r\n');
  expect(hashInParts(short, 3).md5).toBe(md5Of(Buffer.from('a\nb\n')));
  const binary = Buffer.from([0, 13, 10, 255]);
  expect(hashInParts(binary, 2).md5).toBe(md5Of(binary));
  expect(hashInParts(Buffer.alloc(0), 1)).toEqual({ md5: md5Of(Buffer.alloc(0)), sizeBytes: 0 });
});

it('has both names of a file that is text in its first piece only', () => {
  const mixed = Buffer.concat([Buffer.alloc(MIB, 'a'), Buffer.from([0, 13, 10])]);
  const found = hashInParts(mixed, 999);
  expect(isHash(found, md5Of(mixed))).toBe(true);
  expect(isHash(found, md5Of(Buffer.concat([Buffer.alloc(MIB, 'a'), Buffer.from([0, 10])])))).toBe(true);
  expect(isHash(found, md5Of(Buffer.from('another')))).toBe(false);
});
