// Prepares a dataset version from raw files: read and clean, mark copies and conflicts, group, split, write the blobs and
// the manifest. Memory holds about 150 bytes for each row, however long the texts are. The same input gives the same id
// on every machine.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  canonicalJson,
  contentId,
  createTemporaryName,
  errorCodeOf,
  makeFolder,
  writeFileAtomic,
} from '../../foundation/core/index.ts';
import {
  type DatasetManifest,
  type LeakCheck,
  leakCheckSchema,
  splitNames,
} from '../../foundation/records/index.ts';
import { CLEANING_VERSION } from '../../text/clean/index.ts';
import type { AuditInput } from './audit/audit.ts';
import {
  assertNoLeaks,
  auditPagePath,
  findLeaks,
  type LeakReader,
  stoppingLeaks,
  writeAuditPage,
} from './audit/leak-check.ts';
import { DEFAULT_LEAK_LIMITS } from './audit/leak-limits.ts';
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
  /** What will learn from the version: leaks that it would read stop preparing. null or absent: nothing learns from it. */
  readonly reader?: LeakReader | null;
}

export interface PreparedDataset {
  readonly manifest: DatasetManifest;
  readonly seconds: number;
  /** True if the version existed already; then the raw files were only hashed. */
  readonly cached: boolean;
  /** null: nothing learns from the version, so it was not checked. */
  readonly leakCheck: LeakCheck | null;
}

/**
 * Writes the dataset version of a configuration, or finds it if it exists.
 * @throws FILE_NOT_FOUND, DATA_PATH_UNSET, DATA_COLUMN_UNSET, DATA_COLUMN_MISSING, DATA_FILE_INVALID, DATA_REJECTS,
 *   DATA_SET_ASIDE, DATA_CLASS_LOST, DATA_LABELS, DATA_TOO_FEW, DATA_LEAKS, DISK_FULL
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
    ...describeLeakSettings(config),
  });
  const notePath = join(home.cache, 'prepared', `${key}.json`);
  const known = await findPrepared(request, notePath);
  if (known !== undefined) {
    const { manifest, leakCheck } = known;
    say(`dataset version ${manifest.id} already exists (${manifest.rows.kept} articles)`);
    if (request.reader != null && leakCheck !== null)
      assertNoLeaks(config.name, leakCheck, request.reader, findPage(request));
    return { manifest, leakCheck, seconds: seconds(), cached: true };
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
      checkLeaks: () => checkLeaks({ config, files, table, grouping }, request),
    });
    const leakCheck = manifest.leakCheck ?? null;
    await stores.datasets.save(manifest);
    writeFileAtomic(notePath, `${JSON.stringify({ datasetVersion: manifest.id, leakCheck })}\n`);
    await report(manifest, request);
    return { manifest, leakCheck, seconds: seconds(), cached: false };
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
    leak_limits: _limits,
    accept_leaks: _accepted,
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

/** What decides beside the content whether leaks stop; left out where nothing is set, as in notes of earlier versions. */
function describeLeakSettings({ accept_leaks = null, leak_limits = DEFAULT_LEAK_LIMITS }: DataOptions) {
  const isUsual = canonicalJson(leak_limits) === canonicalJson(DEFAULT_LEAK_LIMITS);
  return { ...(accept_leaks === null ? {} : { accept_leaks }), ...(isUsual ? {} : { leak_limits }) };
}

/** @throws DATA_LEAKS, after it has written the page of the whole audit */
async function checkLeaks(input: AuditInput, request: PrepareRequest): Promise<LeakCheck | null> {
  const { reader = null, home, config, say } = request;
  if (reader === null) return null;
  const check = await findLeaks(input, request);
  if (stoppingLeaks(check, reader).length === 0) return check;
  say('leaks are above their limits; auditing all of the data for the page');
  const page = await writeAuditPage(input, home, request);
  assertNoLeaks(config.name, check, reader, page);
  return check;
}

/** The page that an earlier call has written. */
function findPage({ home, config }: PrepareRequest): string | null {
  const path = auditPagePath(home, config);
  return existsSync(path) ? path : null;
}

interface KnownVersion {
  readonly manifest: DatasetManifest;
  readonly leakCheck: LeakCheck | null;
}

/** The version that an earlier call wrote for the same input, if its blobs are intact. */
async function findPrepared(request: PrepareRequest, notePath: string): Promise<KnownVersion | undefined> {
  let note: { readonly datasetVersion?: unknown; readonly leakCheck?: unknown };
  try {
    note = JSON.parse(readFileSync(notePath, 'utf8')) as typeof note;
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { blobs, datasets } = request.stores;
  const { datasetVersion: id } = note;
  // Where nothing says what leaks there are, the data is read again for a training.
  const leakCheck = leakCheckSchema.safeParse(note.leakCheck).data ?? null;
  if (leakCheck === null && request.reader != null) return undefined;
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
  return { manifest, leakCheck };
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
