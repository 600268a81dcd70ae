// The record of a preparation as a stage of DVC's pipeline: what it has read, with which settings, and which dataset version came
// of it. `dvc.yaml` defines the stage, `dvc.lock` holds the hashes; `dvc repro` runs it again when one of them has changed.
import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { Document } from 'yaml';
import { appError, hashMd5, resolveUserPath, writeFileAtomic } from '../../foundation/core/index.ts';
import {
  type DataRecord,
  defineStage,
  isInside,
  LOCK_FILE,
  measureData,
  type ObjectPool,
  PIPELINE_FILE,
  recordStage,
  type StageFile,
} from '../../keeping/dvc/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { openRepository, quoteArgument, withObjectPool } from './data-scope.ts';

export interface PreparedStage {
  /** Its name in `dvc.yaml`. */
  readonly name: string;
  /** The arguments of `data prepare`, as typed. */
  readonly args: readonly string[];
  /** The raw file or folder; null for the bundled sample. */
  readonly dataPath: string | null;
  /** All settings of the data, as they were resolved. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Files of the user that settings came from, relative to the working directory. */
  readonly settingFiles: readonly string[];
  /** What came of it: the dataset version with its counts, the same on every machine. */
  readonly result: Readonly<Record<string, unknown>>;
}

/** @throws USAGE, DATA_NOT_REPOSITORY, before anything is prepared */
export function assertStage(name: string, context: WorkflowContext): void {
  openRepository(context);
  if (/^[\w-]+$/.test(name)) return;
  throw appError('USAGE', {
    where: 'data prepare --stage',
    problem: `expected a name of letters, digits, _ and -, got ${name}`,
    hint: 'For example --stage prepare.',
  });
}

/**
 * Writes the stage into `dvc.yaml` and `dvc.lock` of the working directory, with its settings and its result as small files for
 * Git. Where `dvc repro` runs the command, DVC itself writes `dvc.lock`.
 * @returns the files that were written, relative to the working directory
 * @throws POINTER_INVALID, DISK_FULL, SYSTEM_REFUSED
 */
export async function recordPreparation(stage: PreparedStage, context: WorkflowContext): Promise<string[]> {
  const { workingDirectory } = context;
  const repository = openRepository(context);
  const at = (name: string): string => join(workingDirectory, name);
  const settingsFile = `${stage.name}.params.yaml`;
  const resultFile = `${stage.name}.dataset.json`;
  const resultText = `${JSON.stringify(stage.result, null, 2)}\n`;
  const settingsText = formatSettings(stage);
  writeFileAtomic(at(settingsFile), settingsText);
  writeFileAtomic(at(resultFile), resultText);
  const written = [settingsFile, resultFile];
  if (process.env.DVC_STAGE !== undefined) return written;
  const record = await withObjectPool(repository, context, async (pool) => ({
    name: stage.name,
    description: 'articles become a dataset version',
    command: formatCommand(stage, context),
    dependencies: await measureFiles(stage, context, pool),
    parameters: { [settingsFile]: { data: stage.settings } },
    outputs: [{ path: resultFile, record: describeText(resultText) }],
  }));
  for (const [file, write] of [
    [PIPELINE_FILE, defineStage],
    [LOCK_FILE, recordStage],
  ] as const) {
    const before = existsSync(at(file)) ? readFileSync(at(file), 'utf8') : null;
    const after = write(before, at(file), record);
    if (after !== before) writeFileAtomic(at(file), after);
    written.push(file);
  }
  return written;
}

function formatSettings({ name, settings }: PreparedStage): string {
  const document = new Document({ data: settings });
  document.commentBefore = ` Settings of the stage ${name}, written by veracity data prepare --stage ${name}.\n Change them in its command (${PIPELINE_FILE}) or in configs/.`;
  return document.toString({ lineWidth: 0 });
}

function formatCommand(
  { name, args }: PreparedStage,
  { configDirs = [], workingDirectory }: WorkflowContext,
): string {
  const folders = configDirs.flatMap((folder) => [
    '--config-dir',
    quoteArgument(toSlashes(relative(workingDirectory, resolve(workingDirectory, folder)))),
  ]);
  return ['veracity data prepare', ...args.map(quoteArgument), ...folders, '--stage', name].join(' ');
}

async function measureFiles(
  { dataPath, settingFiles }: PreparedStage,
  context: WorkflowContext,
  pool: ObjectPool,
): Promise<StageFile[]> {
  const { root, temporary } = openRepository(context);
  const files: StageFile[] = [];
  for (const file of new Set([...(dataPath === null ? [] : [dataPath]), ...settingFiles])) {
    const path = resolveUserPath(context.workingDirectory, file);
    const read = (all: Parameters<ObjectPool['hash']>[0]) => pool.hash(all, 'md5');
    const { record } = await measureData({ root, temporary, path, hash: 'md5', read });
    const name = isInside(root, path) ? toSlashes(relative(context.workingDirectory, path)) : path;
    files.push({ path: isAbsolute(name) ? name : name || '.', record });
  }
  return files;
}

function describeText(text: string): DataRecord {
  return {
    md5: hashMd5(text),
    hash: 'md5',
    sizeBytes: Buffer.byteLength(text),
    files: null,
    isExecutable: false,
  };
}

function toSlashes(path: string): string {
  return path.split(sep).join('/');
}
