// Unpacks a page of Parquet in Zstandard, with a limit: a few bytes can stand for gigabytes, whatever the page's header says.
import { Decompress } from 'fzstd';

/** What every decoder of Zstandard has to accept is 8 MiB; usual settings stay below this. */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024;

/** @throws Error if the page does not have exactly this many bytes, or needs too much memory */
export function unpackZstdPage(input: Uint8Array, length: number): Uint8Array {
  if (readWindowBytes(input) > Math.max(length, MAX_WINDOW_BYTES)) throw new Error('its window is too large');
  const page = new Uint8Array(length);
  let unpacked = 0;
  const unpacker = new Decompress((piece) => {
    if (unpacked + piece.length > length) throw new Error('a page is longer than its header says');
    page.set(piece, unpacked);
    unpacked += piece.length;
  });
  unpacker.push(input, true);
  if (unpacked < length) throw new Error('a page is shorter than its header says');
  return page;
}

/** How far back a frame may refer, from its header (RFC 8878, 3.1.1.1); it is held in memory. */
function readWindowBytes(frame: Uint8Array): number {
  const [descriptor = 0, window = 0] = frame.subarray(4);
  const isSingle = (descriptor & 0x20) !== 0;
  if (!isSingle) return 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8);
  const start = 5 + [0, 1, 2, 4][descriptor & 3]!;
  const field = frame.subarray(start, start + 2 ** (descriptor >> 6));
  return field.reduceRight((sum, byte) => sum * 256 + byte, 0);
}
