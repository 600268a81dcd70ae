// Opens a folder of a pretrained encoder: finds the family that loads it, and checks that the encoder is whole.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appError, assertFileKind, errorCodeOf } from '../../../foundation/core/index.ts';
import { parseClassNames } from '../config-file.ts';
import { parseEncoderConfig } from '../families.ts';
import type { PretrainedCheckpoint } from './pretrained-checkpoint.ts';
import { digestWeightFiles, listStoredTensors } from './weight-files.ts';
import { planWeights } from './weight-plan.ts';

/**
 * Reads config.json and the headers of the weight files, and hashes the weights.
 * @throws PRETRAINED_INCOMPLETE, PRETRAINED_PICKLED, MODEL_UNSUPPORTED, FILE_CORRUPT
 */
export async function openCheckpoint(folder: string): Promise<PretrainedCheckpoint> {
  const json = readJson(folder);
  const definition = parseEncoderConfig(json, join(folder, 'config.json'));
  const stored = listStoredTensors(folder);
  planWeights({ folder, definition, stored, classNames: null }, ['0', '1']);
  const files = [...stored.values()].map(({ file }) => file);
  return {
    folder,
    definition,
    stored,
    classNames: parseClassNames(json),
    sha256: await digestWeightFiles(folder, files),
  };
}

function readJson(folder: string): unknown {
  const path = join(folder, 'config.json');
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    assertFileKind(path, 'JSON');
    const code = errorCodeOf(cause);
    const got = code === 'ENOENT' || code === 'ENOTDIR' ? 'none' : 'text that is not';
    if (code !== undefined && got !== 'none') throw cause;
    throw appError('PRETRAINED_INCOMPLETE', { path, expected: 'JSON', got }, { cause });
  }
}
