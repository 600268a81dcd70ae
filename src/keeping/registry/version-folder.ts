// The folder of a model version. Its files are copied, hashed and made read-only under a temporary name. Renaming the folder
// to the version's number publishes it, and only one of several writers succeeds. version.json has the digest of every
// file and of itself.
import { constants, readFileSync } from 'node:fs';
import { chmod, copyFile, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import {
  appError,
  asDiskError,
  canonicalJson,
  createTemporaryName,
  errorCodeOf,
  hashFile,
  hashSha256,
  isAbandoned,
  makeFolder,
} from '../../foundation/core/index.ts';
import {
  loadRecord,
  type ModelVersion,
  modelVersionRecord,
  saveRecord,
} from '../../foundation/records/index.ts';

export const VERSION_FILE = 'version.json';
export const CARD_FILE = 'README.md';

type VersionFile = ModelVersion['files'][number];

export interface VersionContent {
  /** The folder to copy; its own README.md and version.json are left out. */
  readonly folder: string;
  /** Makes the record and the model card for a number; called again if another writer takes that number. */
  readonly describe: (
    version: number,
    files: readonly VersionFile[],
  ) => { card: string; record: Omit<ModelVersion, 'digest' | 'files'> };
}

/**
 * Copies `content.folder` into `modelFolder`/<number>, the lowest number from `first` on that is free.
 * @throws DISK_FULL, FILE_NOT_FOUND
 */
export async function createVersionFolder(
  modelFolder: string,
  first: number,
  content: VersionContent,
): Promise<ModelVersion> {
  makeFolder(modelFolder);
  await removeAbandoned(modelFolder);
  const temporary = createTemporaryName(join(modelFolder, 'version'));
  try {
    const paths = (await listFiles(content.folder)).filter(
      (path) => path !== VERSION_FILE && path !== CARD_FILE,
    );
    for (const path of paths) await copyDurably(join(content.folder, path), join(temporary, path));
    const files = await Promise.all(paths.map((path) => buildFileEntry(temporary, path)));
    for (let number = first; ; number++) {
      const record = await writeDescription(temporary, number, files, content);
      if (await claim(temporary, join(modelFolder, String(number)))) return record;
    }
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (errorCodeOf(error) === 'ENOENT')
      throw appError('FILE_NOT_FOUND', { path: content.folder, kind: 'model folder' });
    throw asDiskError(error, modelFolder);
  }
}

async function writeDescription(
  temporary: string,
  number: number,
  files: readonly VersionFile[],
  content: VersionContent,
): Promise<ModelVersion> {
  const { card, record } = content.describe(number, files);
  const cardPath = join(temporary, CARD_FILE);
  await rm(cardPath, { force: true });
  const file = await open(cardPath, 'wx', 0o444);
  try {
    await file.writeFile(card);
    await file.sync();
  } finally {
    await file.close();
  }
  const all = [...files, await buildFileEntry(temporary, CARD_FILE)].sort((a, b) =>
    a.path < b.path ? -1 : 1,
  );
  const complete = withDigest({ ...record, files: all });
  saveRecord(modelVersionRecord, join(temporary, VERSION_FILE), complete);
  return complete;
}

function withDigest(record: Omit<ModelVersion, 'digest'>): ModelVersion {
  return { ...record, digest: hashSha256(canonicalJson(record)) };
}

/** Renames `temporary` to `target`; false if another writer has taken that number. */
async function claim(temporary: string, target: string): Promise<boolean> {
  try {
    await rename(temporary, target);
    return true;
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    // Windows reports EPERM if the target exists.
    if (code === 'EPERM' && (await stat(target).catch(() => null)) !== null) return false;
    throw error;
  }
}

/** Copies on write if the file system can. Never a hard link: a change to the run's file would change the version, too. */
async function copyDurably(from: string, to: string): Promise<void> {
  makeFolder(dirname(to));
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const file = await open(to, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(to, 0o444);
}

/** The entry of one file in a version's record: its digest and size. */
async function buildFileEntry(folder: string, path: string): Promise<VersionFile> {
  const full = join(folder, path);
  return { path, sha256: await hashFile(full), sizeBytes: (await stat(full)).size };
}

/** Paths of all files below `folder`, with "/", sorted. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** Removes what writers that died had copied. */
async function removeAbandoned(modelFolder: string): Promise<void> {
  for (const name of await readdir(modelFolder)) {
    const path = join(modelFolder, name);
    if (isAbandoned(path, Date.now())) await rm(path, { recursive: true, force: true });
  }
}

/**
 * Reads version.json and checks its own digest; the files are not read.
 * @throws FILE_NOT_FOUND, RECORD_INVALID, MODEL_DIGEST_MISMATCH
 */
export function loadVersionRecord(folder: string): ModelVersion {
  const record = loadRecord(modelVersionRecord, join(folder, VERSION_FILE));
  // The digest covers the file as it is written, with keys of later versions that the record leaves out.
  const { digest, ...rest } = JSON.parse(readFileSync(join(folder, VERSION_FILE), 'utf8')) as ModelVersion;
  const got = withDigest(rest).digest;
  if (got !== digest) {
    const model = `${record.name}@${record.version}`;
    throw appError('MODEL_DIGEST_MISMATCH', {
      model,
      file: VERSION_FILE,
      expected: shorten(digest),
      got: shorten(got),
    });
  }
  return record;
}

/**
 * Compares every file of a version with its digest. Changed, cut, missing and added files are refused.
 * @throws MODEL_DIGEST_MISMATCH naming the file
 */
export async function verifyVersionFolder(folder: string, record: ModelVersion): Promise<void> {
  const mismatch = (file: string, expected: string, got: string): Error =>
    appError('MODEL_DIGEST_MISMATCH', { model: `${record.name}@${record.version}`, file, expected, got });
  const found = new Set(await listFiles(folder));
  found.delete(VERSION_FILE);
  for (const file of record.files) {
    if (!found.delete(file.path)) throw mismatch(file.path, 'the registered file', 'none');
    const got = await buildFileEntry(folder, file.path);
    if (got.sizeBytes !== file.sizeBytes)
      throw mismatch(file.path, `${file.sizeBytes} bytes`, `${got.sizeBytes}`);
    if (got.sha256 !== file.sha256) throw mismatch(file.path, shorten(file.sha256), shorten(got.sha256));
  }
  for (const extra of found) throw mismatch(extra, 'no such file', 'one that was not registered');
}

function shorten(digest: string): string {
  return `sha256 ${digest.slice(0, 12)}…`;
}
