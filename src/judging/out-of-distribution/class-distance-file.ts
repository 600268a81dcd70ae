// class-distance.bin: the means of the classes [C, D] and the inverse factor of their spread [D, D], as float32.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../foundation/core/index.ts';
import type { ClassDistance } from './class-distance.ts';

const FILE_NAME = 'class-distance.bin';
/** The name in model folders of version 1. */
export const EARLIER_FILE_NAME = 'familiar-space.bin';

export function saveClassDistance(folder: string, { means, whitening }: ClassDistance): void {
  const values = new Float32Array(means.length + whitening.length);
  values.set(means);
  values.set(whitening, means.length);
  writeFileAtomic(join(folder, FILE_NAME), new Uint8Array(values.buffer));
}

/** @returns null where the folder has no such file */
export function loadClassDistance(folder: string, classes: number): ClassDistance | null {
  const path = [FILE_NAME, EARLIER_FILE_NAME].map((name) => join(folder, name)).find(existsSync);
  if (path === undefined) return null;
  const bytes = readFileSync(path);
  const values = new Float32Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
  );
  // D from C * D + D * D values
  const width = (Math.sqrt(classes * classes + 4 * values.length) - classes) / 2;
  return {
    classes,
    width,
    means: values.subarray(0, classes * width),
    whitening: values.subarray(classes * width),
  };
}
