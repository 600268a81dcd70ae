import { describe, expect, it } from 'vitest';
import { unpackZstdPage } from './zstd-page.ts';

/** A frame of blocks that each repeat one byte. */
function repeat(sizes: readonly number[], window = 0x38): Uint8Array {
  const blocks = sizes.flatMap((size, i) => {
    const header = (size << 3) | 2 | (i === sizes.length - 1 ? 1 : 0);
    return [header & 255, (header >> 8) & 255, header >> 16, 0x61];
  });
  return Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, window, ...blocks]);
}

describe('a page in Zstandard', () => {
  it('is unpacked if it has as many bytes as its header says', () => {
    expect(Buffer.from(unpackZstdPage(repeat([3, 2]), 5)).toString()).toBe('aaaaa');
  });

  it('is refused if it is longer or shorter, before it takes memory', () => {
    const bomb = repeat(Array.from({ length: 100_000 }, () => 128 * 1024)); // 13 GB in 400 kB
    expect(() => unpackZstdPage(bomb, 1000)).toThrow('longer than its header says');
    expect(() => unpackZstdPage(repeat([3, 2]), 4)).toThrow('longer');
    expect(() => unpackZstdPage(repeat([3, 2]), 6)).toThrow('shorter');
  });

  it('is refused if it may refer back over more than 128 MiB', () => {
    expect(() => unpackZstdPage(repeat([3], 0x90), 3)).toThrow('window');
    expect(Buffer.from(unpackZstdPage(repeat([3], 0x88), 3)).toString()).toBe('aaa');
    const single = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x40, 0x1b, 0, 0, 0x61]);
    expect(() => unpackZstdPage(single, 3)).toThrow('window');
  });
});
