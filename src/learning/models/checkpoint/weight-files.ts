// Finds the tensors of a checkpoint folder: in model.safetensors, or in several files named by an index. Only headers are
// read here. A folder that has only a pickle is refused, because reading a pickle can run any code.
// Layout: transformers' save_pretrained (model.safetensors.index.json: weight_map from tensor to file).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import {
  appError,
  assertFileKind,
  canonicalJson,
  hashFile,
  hashSha256,
} from '../../../foundation/core/index.ts';
import { listSafetensors } from '../safetensors.ts';

const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
const PICKLES = /^(pytorch_model.*\.bin|.*\.(pt|pth|ckpt|h5|msgpack))$/;

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

export interface StoredTensor {
  /** File name in the folder. */
  readonly file: string;
  readonly shape: readonly number[];
}

/**
 * Lists the folder's tensors by the names they are stored under.
 * @throws PRETRAINED_PICKLED, PRETRAINED_INCOMPLETE, FILE_CORRUPT
 */
export function listStoredTensors(folder: string): Map<string, StoredTensor> {
  if (existsSync(join(folder, SINGLE))) return listFiles(folder, [SINGLE]);
  if (existsSync(join(folder, INDEX))) return listShards(folder);
  const pickle = readdirSync(folder).find((name) => PICKLES.test(name));
  if (pickle !== undefined) throw appError('PRETRAINED_PICKLED', { path: folder, file: pickle });
  throw incomplete(folder, SINGLE, 'a folder without it');
}

/** Digest of the weights' bytes: of the one file, or of the list of the shards' digests. @returns sha256 in hex */
export async function digestWeightFiles(folder: string, files: Iterable<string>): Promise<string> {
  const digests: [string, string][] = [];
  for (const file of [...new Set(files)].sort()) digests.push([file, await hashFile(join(folder, file))]);
  const [first] = digests;
  return digests.length === 1 ? first![1] : hashSha256(canonicalJson(Object.fromEntries(digests)));
}

function listShards(folder: string): Map<string, StoredTensor> {
  const path = join(folder, INDEX);
  const map = parseIndex(path);
  const files = [...new Set(Object.values(map))].sort();
  for (const file of files) {
    if (file !== basename(file) || !file.endsWith('.safetensors'))
      throw incomplete(path, 'names of .safetensors files beside it', file);
    if (!existsSync(join(folder, file))) throw incomplete(folder, `${file}, which its index names`, 'none');
  }
  const tensors = listFiles(folder, files);
  for (const [name, file] of Object.entries(map)) {
    if (tensors.get(name)?.file !== file) throw incomplete(path, `${name} in ${file}`, 'a file without it');
  }
  return tensors;
}

function parseIndex(path: string): Record<string, string> {
  try {
    return indexSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).weight_map;
  } catch (cause) {
    assertFileKind(path, 'JSON');
    const details = { path, expected: 'a weight_map from tensors to files', got: 'something else' };
    throw appError('PRETRAINED_INCOMPLETE', details, { cause });
  }
}

function listFiles(folder: string, files: readonly string[]): Map<string, StoredTensor> {
  return new Map(
    files.flatMap((file) =>
      [...listSafetensors(join(folder, file))].map(([name, shape]) => [name, { file, shape }] as const),
    ),
  );
}

function incomplete(path: string, expected: string, got: string): Error {
  return appError('PRETRAINED_INCOMPLETE', { path, expected, got });
}
