// Which files of a repository make up a checkpoint: the configuration, the tokenizer, and weights as safetensors, whole
// or in shards. Weights that exist only as pickles are refused: reading a pickle runs whatever code is in it.
import { appError } from '../../foundation/core/index.ts';

export const CONFIG_FILE = 'config.json';
export const WEIGHTS_FILE = 'model.safetensors';
export const INDEX_FILE = 'model.safetensors.index.json';

const TOKENIZER_FILES = ['tokenizer.json', 'vocab.txt'];
const OPTIONAL_FILES = ['tokenizer_config.json', 'special_tokens_map.json'];
const TOKENIZER_NAME = 'tokenizer.json (or vocab.txt)';

/** What somebody without the Hub has to put into a folder. */
export const FILES_TO_PUT = `${CONFIG_FILE}, ${WEIGHTS_FILE}, ${TOKENIZER_NAME} and tokenizer_config.json`;

/**
 * The files to load apart from shards; where the last is the index, its shards come on top.
 * @throws HUB_CHECKPOINT_INCOMPLETE HUB_WEIGHTS_PICKLED
 */
export function chooseCheckpointFiles(name: string, listed: ReadonlySet<string>): readonly string[] {
  const weights = [WEIGHTS_FILE, INDEX_FILE].find((file) => listed.has(file));
  if (
    weights === undefined &&
    [...listed].some((file) => /^pytorch_model.*\.bin(\.index\.json)?$/.test(file))
  )
    throw appError('HUB_WEIGHTS_PICKLED', { name });
  const missing = [
    ...(listed.has(CONFIG_FILE) ? [] : [CONFIG_FILE]),
    ...(weights === undefined ? [WEIGHTS_FILE] : []),
    ...(TOKENIZER_FILES.some((file) => listed.has(file)) ? [] : [TOKENIZER_NAME]),
  ];
  if (weights === undefined || missing.length > 0)
    throw appError('HUB_CHECKPOINT_INCOMPLETE', { name, missing: missing.join(', ') });
  return [
    CONFIG_FILE,
    ...[...TOKENIZER_FILES, ...OPTIONAL_FILES].filter((file) => listed.has(file)),
    weights,
  ];
}

/**
 * What a folder lacks to be a checkpoint; empty = complete. Optional files are not asked for: nobody without the Hub
 * can know whether the repository has them.
 */
export function listMissingFiles(
  has: (file: string) => boolean,
  readText: (file: string) => string,
): readonly string[] {
  const missing = [
    ...(has(CONFIG_FILE) ? [] : [CONFIG_FILE]),
    ...(TOKENIZER_FILES.some(has) ? [] : [TOKENIZER_NAME]),
  ];
  if (has(WEIGHTS_FILE)) return missing;
  if (!has(INDEX_FILE)) return [...missing, WEIGHTS_FILE];
  const shards = parseShardNames(readText(INDEX_FILE));
  return shards === null ? [...missing, INDEX_FILE] : [...missing, ...shards.filter((shard) => !has(shard))];
}

/** The shards that an index names, in order; null where it is no index or a name leaves the folder. */
export function parseShardNames(index: string): readonly string[] | null {
  let map: unknown;
  try {
    map = (JSON.parse(index) as { weight_map?: unknown } | null)?.weight_map;
  } catch {
    return null;
  }
  if (typeof map !== 'object' || map === null) return null;
  const names = [...new Set<unknown>(Object.values(map))];
  return names.length > 0 && names.every(isPlainName) ? names.sort() : null;
}

function isPlainName(name: unknown): name is string {
  return typeof name === 'string' && /^[\w-][\w.-]*\.safetensors$/.test(name);
}
