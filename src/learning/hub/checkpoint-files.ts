// Chooses the files of a repository that make up a checkpoint: the configuration, the tokenizer, and the weights as
// safetensors, in one file or in shards. Weights that exist only as pickles are refused, because reading a pickle runs
// the code in it.
import { appError } from '../../foundation/core/index.ts';

export const CONFIG_FILE = 'config.json';
export const WEIGHTS_FILE = 'model.safetensors';
export const INDEX_FILE = 'model.safetensors.index.json';

const TOKENIZER_FILES = ['tokenizer.json', 'vocab.txt'];
const OPTIONAL_FILES = ['tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json'];
const TOKENIZER_NAME = 'tokenizer.json (or vocab.txt)';

/** The files that a user without access to the Hub has to put into a folder, for messages. */
export const FILES_TO_PUT = `${CONFIG_FILE}, ${WEIGHTS_FILE}, ${TOKENIZER_NAME} and tokenizer_config.json`;

/**
 * Chooses the files to download except shards; if the last is an index, its shards are downloaded too.
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
 * Lists the files that a folder lacks to be a checkpoint; empty if it is complete. Optional files are not required,
 * because without the Hub it is unknown whether the repository has them.
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

/** The shards that an index names, in order; null if it is not an index or a name points outside the folder. */
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
