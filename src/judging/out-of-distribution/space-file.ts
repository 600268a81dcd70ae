// familiar-space.bin: the classes' means and their common spread, C * D + D * D float32.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../foundation/core/index.ts';
import type { ClassDistance } from './class-distance.ts';

export const SPACE_FILE = 'familiar-space.bin';

export function saveSpace(folder: string, { means, whitening }: ClassDistance): void {
  const values = new Float32Array(means.length + whitening.length);
  values.set(means);
  values.set(whitening, means.length);
  writeFileAtomic(join(folder, SPACE_FILE), new Uint8Array(values.buffer));
}

/** null: the folder has none. */
export function loadSpace(folder: string, classes: number): ClassDistance | null {
  const path = join(folder, SPACE_FILE);
  if (!existsSync(path)) return null;
  const bytes = readFileSync(path);
  const values = new Float32Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
  );
  // of C * D + D * D values
  const width = (Math.sqrt(classes * classes + 4 * values.length) - classes) / 2;
  return {
    classes,
    width,
    means: values.subarray(0, classes * width),
    whitening: values.subarray(classes * width),
  };
}
