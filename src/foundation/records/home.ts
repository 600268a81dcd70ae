// The paths below VERACITY_HOME (default: .veracity in the working directory). Two homes share nothing. Only the registry may
// lie elsewhere (VERACITY_MODELS): a server's image holds models that are never written, its home holds what it writes.

import { join, resolve } from 'node:path';
import { expandHome } from '../core/index.ts';

/** Absolute paths of files and folders of a home. */
export interface Home {
  readonly root: string;
  /** Content-addressed blobs in DVC's cache layout: files/md5/<2 hex>/<30 hex>. */
  readonly blobs: string;
  /** datasets/<dataset version>/manifest.json */
  readonly datasets: string;
  /**
   * Token caches: derived from other files, may be deleted. Below `files/md5` the objects of data with pointers, for
   * repositories without `.dvc`: these stay.
   */
  readonly cache: string;
  /** runs/<run id>/…: checkpoints, exported models, configurations. */
  readonly runs: string;
  /** veracity.db: the database of runs and sweeps, where VERACITY_DB names no other. */
  readonly database: string;
  /** models/<name>/<version>/… and models/<name>/events.jsonl */
  readonly models: string;
  /** predictions/*.jsonl: receipts of predictions, in segments. */
  readonly predictions: string;
  /** feedback.jsonl: the feedback of readers on predictions. */
  readonly feedback: string;
  /** keys.jsonl: API keys, hashed. */
  readonly keys: string;
  /** canaries.json: versions that were tried on clients and withdrawn. */
  readonly canaries: string;
}

/**
 * The home named by `root`, else by VERACITY_HOME, else .veracity. Creates nothing.
 * @param models  the registry's folder; default: VERACITY_MODELS where VERACITY_HOME is used, else in the home
 */
export function locateHome(
  root: string | undefined = process.env.VERACITY_HOME,
  models: string | undefined = root === process.env.VERACITY_HOME ? process.env.VERACITY_MODELS : undefined,
): Home {
  const absolute = resolve(root === undefined || root === '' ? '.veracity' : expandHome(root));
  return {
    root: absolute,
    blobs: join(absolute, 'files', 'md5'),
    datasets: join(absolute, 'datasets'),
    cache: join(absolute, 'cache'),
    runs: join(absolute, 'runs'),
    database: join(absolute, 'veracity.db'),
    models: models === undefined || models === '' ? join(absolute, 'models') : resolve(expandHome(models)),
    predictions: join(absolute, 'predictions'),
    feedback: join(absolute, 'feedback.jsonl'),
    keys: join(absolute, 'keys.jsonl'),
    canaries: join(absolute, 'canaries.json'),
  };
}
