// Prepares a dataset version from raw files: read and clean, mark copies and conflicts, group, split, write the blobs and
// the manifest. Memory holds about 150 bytes for each row, however long the texts are. The same input gives the same id
// on every machine.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  contentId,
  createTemporaryName,
  errorCodeOf,
  makeFolder,
  writeFileAtomic,
} from '../../foundation/core/index.ts';
import { type DatasetManifest, splitNames } from '../../foundation/records/index.ts';
import { CLEANING_VERSION } from '../../text/clean/index.ts';
import { writeVersion } from './dataset-version.ts';
import { dropOverlaps } from './given-splits.ts';
import { groupRows } from './grouping.ts';
import { ingestFiles } from './ingest.ts';
import type { DataContext, DataOptions } from './options.ts';
import { locateSourceFiles } from './source-files.ts';

/** Increase this when the same input gives another result. */
const PREPARE_VERSION = 2;

export interface PrepareRequest extends DataContext {
  readonly config: DataOptions;
  /** Default: that of the process. */
  readonly workingDirectory?: string;
}

export interface PreparedDataset {
  readonly manifest: DatasetManifest;
  readonly seconds: number;
  /** True if the version existed already; then the raw files were only hashed. */
  readonly cached: boolean;
}

/**
 * Writes the dataset version of a configuration, or finds it if it exists.
 * @throws FILE_NOT_FOUND, DATA_PATH_UNSET, DATA_COLUMN_UNSET, DATA_COLUMN_MISSING, DATA_FILE_INVALID, DATA_REJECTS,
 *   DATA_SET_ASIDE, DATA_CLASS_LOST, DATA_LABELS, DATA_TOO_FEW, DISK_FULL
 */
export async function prepareDataset(request: PrepareRequest): Promise<PreparedDataset> {
  const { config, home, stores, clock, say, workingDirectory = process.cwd() } = request;
  const startMs = clock.monotonicMs();
  const seconds = (): number => Math.round(clock.monotonicMs() - startMs) / 1000;
  const files = await locateSourceFiles(config, say);
  for (const file of files) {
    if (file.edition !== null)
      say(`${file.name}: ${file.edition} (${file.sizeBytes} bytes, md5 ${file.md5})`);
  }
  const shaping = buildShaping(config);
  const key = contentId('prepared', {
    files: files.map(({ name, md5, fixedLabel }) => ({ name, md5, fixedLabel })),
    columns: files.map(({ columns }) => columns),
    shaping,
    // The card of a folder gives them; without, the key is that of earlier versions.
    ...(files.some(({ labelNames }) => labelNames != null)
      ? { labelNames: files.map(({ labelNames }) => labelNames ?? null) }
      : {}),
    ...(config.split.given === true ? { splits: files.map(({ split }) => split) } : {}),
  });
  const notePath = join(home.cache, 'prepared', `${key}.json`);
  const known = await findPrepared(request, notePath);
  if (known !== undefined) {
    say(`dataset version ${known.id} already exists (${known.rows.kept} articles)`);
    return { manifest: known, seconds: seconds(), cached: true };
  }

  const scratch = createTemporaryName(join(home.cache, 'preparing'));
  makeFolder(scratch);
  try {
    const table = await ingestFiles(files, config, scratch, request);
    const grouping = groupRows(table, config.near_duplicates.threshold);
    const overlap = config.split.given === true ? dropOverlaps(table, grouping) : null;
    const manifest = await writeVersion({
      config,
      home,
      blobs: stores.blobs,
      createdAt: clock.nowIso(),
      workingDirectory,
      files,
      shaping,
      table,
      grouping,
      scratch,
      warnings: overlap === null ? [] : [overlap],
    });
    await stores.datasets.save(manifest);
    writeFileAtomic(notePath, `${JSON.stringify({ datasetVersion: manifest.id })}\n`);
    await report(manifest, request);
    return { manifest, seconds: seconds(), cached: false };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * The settings and versions that determine the content of a dataset version. Paths, limits and names are left out, and so are the
 * settings of reading where they have their defaults.
 */
function buildShaping(config: DataOptions): Record<string, unknown> {
  const {
    path: _path,
    max_rejects: _rejects,
    max_set_aside: _setAside,
    noun: _noun,
    language: _language,
    encoding,
    separator,
    quotes,
    subset,
    split: { given, ...split },
    ...rest
  } = config;
  const reading = Object.entries({ encoding, separator, quotes, subset }).filter(
    ([, value]) => (value ?? null) !== null,
  );
  return {
    ...rest,
    ...Object.fromEntries(reading),
    split: given === true ? { ...split, given } : split,
    versions: { prepare: PREPARE_VERSION, cleaning: CLEANING_VERSION },
  };
}

/** The version that an earlier call wrote for the same input, if its blobs are intact. */
async function findPrepared(request: PrepareRequest, notePath: string): Promise<DatasetManifest | undefined> {
  let id: unknown;
  try {
    id = (JSON.parse(readFileSync(notePath, 'utf8')) as { datasetVersion?: unknown }).datasetVersion;
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { blobs, datasets } = request.stores;
  if (typeof id !== 'string' || !(await datasets.has(id))) return undefined;
  const manifest = await datasets.load(id);
  try {
    for (const name of splitNames) await blobs.verify(manifest.splits[name]);
  } catch {
    const { warn = request.say } = request;
    warn(`dataset version ${id}: a blob is missing or damaged; making it again`, {
      code: 'DATASET_REMADE',
      datasetVersion: id,
    });
    return undefined;
  }
  return manifest;
}

async function report(
  manifest: DatasetManifest,
  { stores, say }: Pick<DataContext, 'stores' | 'say'>,
): Promise<void> {
  const { rows, splits, unusable = [] } = manifest;
  say(
    `read ${rows.read} rows of ${manifest.name}: ${rows.kept} kept (${manifest.groups} near-duplicate groups), ${rows.duplicate} copies, ${rows.empty} empty, ${rows.conflicting} with contradicting labels, ${rows.rejected} unusable`,
  );
  for (const loss of unusable) say(`  unusable: ${loss.rows} × ${loss.words}`);
  const { blobs, datasets } = stores;
  if (manifest.rejects !== null)
    say(`  unusable rows by file and line: ${await blobs.materialize(manifest.rejects)}`);
  if (manifest.conflicts !== null)
    say(`  contradicting labels by file and line: ${await blobs.materialize(manifest.conflicts)}`);
  say(`split: ${splits.train.rows} train, ${splits.validation.rows} validation, ${splits.test.rows} test`);
  say(`wrote dataset version ${manifest.id}: ${datasets.location(manifest.id)}`);
}
