// Vectors of articles on disk, shared by all runs with the same frozen encoder and tokenizer. A folder of shards, each written
// atomically under the hash of its bytes: a killed process loses only its unfinished shard, two processes never write the
// same file, and a damaged shard is detected, removed and computed again. The folder can be deleted at any time.
import { createHash } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { float32Tensor, type TensorData } from '../../engine/graph/index.ts';
import { hashFile, isAppError, listFolder, type Warn, writeFileAtomic } from '../../foundation/core/index.ts';
import { formatSafetensors, loadSafetensors } from '../models/index.ts';

export interface FeatureStore {
  /** [D]; undefined for a text that is not stored. */
  get(textId: string): Float32Array | undefined;
  /** Keeps a copy of the vector until `flush` writes it. */
  add(textId: string, vector: Float32Array): void;
  /** Writes what was added since the last time as one shard. @throws DISK_FULL */
  flush(): void;
}

const SHARD = /^([0-9a-f]{32})\.safetensors$/;
const LEFTOVER = /\.tmp-\d+-[0-9a-f-]+$/;
const LEFTOVER_AGE_MS = 3_600_000; // younger ones may belong to a process that is still writing
const ID_BYTES = 16;

/** Names a text by its token ids: the first 128 bits of their sha256, in hex. */
export function hashTokens(ids: Int32Array): string {
  const bytes = new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength);
  return createHash('sha256')
    .update(bytes)
    .digest('hex')
    .slice(0, 2 * ID_BYTES);
}

/**
 * Opens a folder of vectors and reads all of them; a missing folder counts as empty.
 * @param width  D; shards of another width are damaged
 * @param warn   called for each damaged shard, which is then removed
 */
export async function openFeatureStore(folder: string, width: number, warn: Warn): Promise<FeatureStore> {
  const vectors = new Map<string, Float32Array>();
  for (const name of listFolder(folder)) {
    const path = join(folder, name);
    const digest = SHARD.exec(name)?.[1];
    if (digest !== undefined) {
      if (await readShard(path, digest, width, vectors)) continue;
      warn(`${path} is damaged: its vectors are computed again`, { code: 'CACHE_DAMAGED', path });
      rmSync(path, { force: true });
    } else if (LEFTOVER.test(name) && isOld(path)) {
      rmSync(path, { force: true });
    }
  }
  const added: string[] = [];
  return {
    get: (textId) => vectors.get(textId),
    add: (textId, vector) => {
      vectors.set(textId, vector.slice());
      added.push(textId);
    },
    flush: () => {
      if (added.length === 0) return;
      writeShard(folder, width, added, vectors);
      added.length = 0;
    },
  };
}

function writeShard(
  folder: string,
  width: number,
  textIds: readonly string[],
  vectors: ReadonlyMap<string, Float32Array>,
): void {
  const features = float32Tensor([textIds.length, width]);
  for (const [i, textId] of textIds.entries()) features.data.set(vectors.get(textId)!, i * width);
  const ids: TensorData = {
    dtype: 'uint8',
    shape: [textIds.length, ID_BYTES],
    data: new Uint8Array(Buffer.from(textIds.join(''), 'hex')),
  };
  const parts = formatSafetensors(new Map<string, TensorData>([['features', features]]).set('text_ids', ids));
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  writeFileAtomic(join(folder, `${hash.digest('hex').slice(0, 32)}.safetensors`), parts);
}

/** False if the content does not have the hash in the file's name. */
async function readShard(
  path: string,
  digest: string,
  width: number,
  vectors: Map<string, Float32Array>,
): Promise<boolean> {
  try {
    if (!(await hashFile(path)).startsWith(digest)) return false;
    const { tensors } = loadSafetensors(path);
    const features = tensors.get('features')?.data;
    const ids = tensors.get('text_ids')?.data;
    if (!(features instanceof Float32Array && ids instanceof Uint8Array)) return false;
    if (features.length !== (ids.length / ID_BYTES) * width) return false;
    for (let i = 0; i < ids.length / ID_BYTES; i++) {
      const textId = Buffer.from(ids.subarray(i * ID_BYTES, (i + 1) * ID_BYTES)).toString('hex');
      vectors.set(textId, features.subarray(i * width, (i + 1) * width));
    }
    return true;
  } catch (error) {
    if (isAppError(error) && error.code === 'FILE_CORRUPT') return false;
    throw error;
  }
}

function isOld(path: string): boolean {
  const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return modified !== undefined && Date.now() - modified > LEFTOVER_AGE_MS;
}
