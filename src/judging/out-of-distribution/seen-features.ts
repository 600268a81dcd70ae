// The features that occurred in the training articles, for models that count features: one bit each in seen-features.bin.
// Such a model has no vectors; an article is far from its training articles when most of its features are unseen.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../foundation/core/index.ts';
import { EARLIER_FILE_NAME } from './class-distance-file.ts';

const FILE_NAME = 'seen-features.bin';

/**
 * Which features have a score.
 * @param scores  [buckets, C]; all zero where no training article had the feature
 * @returns one bit a bucket
 */
export function listSeenFeatures(scores: Float32Array, classes: number): Uint8Array {
  const buckets = scores.length / classes;
  const seen = new Uint8Array(Math.ceil(buckets / 8));
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] === 0) continue;
    const id = Math.floor(i / classes);
    seen[id >> 3]! |= 1 << (id & 7);
  }
  return seen;
}

/** Share of an article's features that no training article had, in [0, 1]. */
export function measureUnseenShare(seen: Uint8Array, ids: Int32Array): number {
  let unseen = 0;
  for (const id of ids) if ((seen[id >> 3]! & (1 << (id & 7))) === 0) unseen++;
  return ids.length === 0 ? 0 : unseen / ids.length;
}

export function saveSeenFeatures(folder: string, seen: Uint8Array): void {
  writeFileAtomic(join(folder, FILE_NAME), seen);
}

/** @returns null where the folder has no such file */
export function loadSeenFeatures(folder: string): Uint8Array | null {
  const path = [FILE_NAME, EARLIER_FILE_NAME].map((name) => join(folder, name)).find(existsSync);
  return path === undefined ? null : readFileSync(path);
}
