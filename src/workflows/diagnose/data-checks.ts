// Checks of the data: the configured source and whether it is what dataset versions were made from, the newest dataset version,
// and the objects of the caches.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { hashFile, resolveUserPath } from '../../foundation/core/index.ts';
import { type DatasetManifest, splitNames } from '../../foundation/records/index.ts';
import { readPointer } from '../../keeping/dvc/index.ts';
import { resolveDataPath } from '../../learning/data/index.ts';
import type { TrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { findOwnRepository } from './own-repository.ts';
import { type ToldCheck, tellError, tellOk } from './told-check.ts';

const ISOT_FILES = ['True.csv', 'Fake.csv'];
const PREPARE = 'veracity data prepare';

/** Whether the raw files are there, and have the content from which the newest dataset version was made. */
export async function checkRawFiles(
  { data }: Pick<TrainConfig, 'data'>,
  { stores, workingDirectory }: Pick<WorkflowContext, 'stores' | 'workingDirectory'>,
): Promise<ToldCheck> {
  const manifests = (await stores.datasets.list()).datasets;
  if (data.path === null) {
    if (data.kind === 'sample') return checkPrepared(manifests, 'the bundled sample', workingDirectory);
    return {
      kind: 'data',
      status: 'fail',
      found: `data=${data.kind}, without a path`,
      advice: 'Set data.path=FILE.',
    };
  }
  const path = resolveDataPath(data.path, workingDirectory);
  const files = data.kind === 'isot' ? ISOT_FILES.map((name) => join(path, name)) : [path];
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) return describeMissing(missing, data.path, workingDirectory);
  const changed = await findChanged(files, manifests);
  if (changed !== null) {
    const { file, manifest } = changed;
    return {
      ...{ kind: 'data', status: 'warn' },
      found: `${shorten(file, workingDirectory)} has changed since ${manifest.id} was prepared from it (${manifest.createdAt.slice(0, 10)})`,
      advice: PREPARE,
    };
  }
  const stale = await findStalePointer(files);
  if (stale !== null)
    return {
      ...{ kind: 'data', status: 'warn' },
      found: `${shorten(stale, workingDirectory)} has other content than its pointer ${basename(stale)}.dvc says`,
      advice: `veracity data commit ${shorten(stale, workingDirectory)}, or to take what the pointer names: veracity data checkout ${shorten(stale, workingDirectory)}.dvc`,
    };
  const md5 = statSync(files[0]!).isFile() ? `, md5 ${await hashFile(files[0]!, 'md5')}` : '';
  return checkPrepared(manifests, `${shorten(path, workingDirectory)}${md5}`, workingDirectory);
}

/** The files of the newest version of each name, where the manifest says where they lay. */
async function checkPrepared(
  manifests: readonly DatasetManifest[],
  found: string,
  workingDirectory: string,
): Promise<ToldCheck> {
  const newest = new Map<string, DatasetManifest>();
  for (const manifest of manifests) if (!newest.has(manifest.name)) newest.set(manifest.name, manifest);
  for (const { id, files } of newest.values())
    for (const { path, md5, sizeBytes } of files) {
      const absolute = path === undefined ? null : resolveUserPath(workingDirectory, path);
      if (absolute === null) continue;
      const obstacle = findObstacle(absolute);
      if (obstacle !== null) return describeObstacle(path!, id, shorten(obstacle, workingDirectory));
      if (!isFile(absolute)) continue;
      const isSame = statSync(absolute).size === sizeBytes && (await hashFile(absolute, 'md5')) === md5;
      if (isSame) continue;
      return {
        ...{ kind: 'data', status: 'warn' },
        found: `${path} has changed since ${id} was prepared from it`,
        advice: `${PREPARE} data=file data.path=${path}, with the settings of before`,
      };
    }
  return tellOk('data', found);
}

/** The file that lies where a folder on the way to this path has to be; null: there is none. */
function findObstacle(path: string): string | null {
  for (let at = dirname(path); at !== dirname(at); at = dirname(at))
    if (existsSync(at)) return isFile(at) ? at : null;
  return null;
}

function describeObstacle(path: string, id: string, obstacle: string): ToldCheck {
  return {
    ...{ kind: 'data', status: 'fail' },
    found: `${path}, from which ${id} was prepared, cannot be read: ${obstacle} is a file, no folder`,
    advice: `Move that file away and put the folder back; or prepare from another file: ${PREPARE} data=file data.path=FILE`,
  };
}

function describeMissing(missing: string, given: string, workingDirectory: string): ToldCheck {
  const shown = shorten(missing, workingDirectory);
  return {
    ...{ kind: 'data', status: 'fail' },
    found: `${shown} is missing (data.path=${given})`,
    advice: existsSync(`${missing}.dvc`)
      ? `veracity data pull ${shown}.dvc`
      : 'Put the file there, or set data.path=FILE.',
  };
}

/** The newest version that was made from files of these names, if none was made from their present content. */
async function findChanged(
  files: readonly string[],
  manifests: readonly DatasetManifest[],
): Promise<{ readonly file: string; readonly manifest: DatasetManifest } | null> {
  for (const file of files.filter(isFile)) {
    const name = basename(file);
    const own = manifests.filter((manifest) => manifest.files.some((one) => one.name === name));
    if (own[0] === undefined) continue;
    const md5 = await hashFile(file, 'md5');
    if (!own.some((manifest) => manifest.files.some((one) => one.md5 === md5)))
      return { file, manifest: own[0] };
  }
  return null;
}

/** A file whose pointer names other content. */
async function findStalePointer(files: readonly string[]): Promise<string | null> {
  for (const file of files.filter(isFile)) {
    const pointer = `${file}.dvc`;
    if (!existsSync(pointer)) continue;
    const tracked = readPointer(pointer).find((one) => one.path === file);
    if (tracked === undefined || tracked.md5 === null || tracked.hash !== 'md5') continue;
    if ((await hashFile(file, 'md5')) !== tracked.md5) return file;
  }
  return null;
}

/** Whether the newest dataset version can be read and its articles are undamaged. */
export async function checkNewestDataset({ stores }: Pick<WorkflowContext, 'stores'>): Promise<ToldCheck> {
  const { datasets, damaged } = await stores.datasets.list();
  const [newest] = datasets;
  if (damaged[0] !== undefined && newest === undefined) return tellError('dataset', damaged[0].error);
  if (newest === undefined) return tellOk('dataset', 'none yet');
  try {
    for (const name of splitNames) await stores.blobs.verify(newest.splits[name]);
  } catch (error) {
    const advice = `${PREPARE} with the settings of before writes it again`;
    return tellError('dataset', error, { advice });
  }
  return tellOk('dataset', `${newest.id} (${newest.name}), ${newest.rows.kept.toLocaleString('en')} rows`);
}

/** Objects are compared with their names for at most this long. */
const COMPARE_MS = 5000;
const FOLDER = /^[0-9a-f]{2}$/;
const OBJECT = /^[0-9a-f]{30}(?:\.dir)?$/;

/** Whether the stores of objects hold only objects, with the content that their names say. */
export async function checkCache(
  context: Pick<WorkflowContext, 'home' | 'workingDirectory' | 'clock'>,
): Promise<ToldCheck> {
  const { home, workingDirectory, clock } = context;
  const folders = [home.blobs, ...findRepositoryCache(context)];
  const until = clock.monotonicMs() + COMPARE_MS;
  let [objects, compared] = [0, 0];
  for (const folder of new Set(folders)) {
    for (const [first, name, path] of listObjects(folder)) {
      const shown = shorten(path, workingDirectory);
      if (!FOLDER.test(first) || !OBJECT.test(name))
        return {
          ...{ kind: 'cache', status: 'warn' },
          found: `${shown} is no object: something else put it into the cache`,
          advice: `Move it away: mv '${shown}' .`,
        };
      objects++;
      if (clock.monotonicMs() > until) continue;
      compared++;
      if ((await hashFile(path, 'md5')) !== `${first}${name}`.slice(0, 32))
        return {
          ...{ kind: 'cache', status: 'fail' },
          found: `${shown} is damaged: its content has another md5 than its name says`,
          advice: `rm -f '${shown}' && veracity data pull; of a dataset version: ${PREPARE}`,
        };
    }
  }
  const part =
    compared === objects ? 'all compared with their names' : `${compared} compared with their names`;
  return tellOk('cache', objects === 0 ? 'empty' : `${objects.toLocaleString('en')} objects, ${part}`);
}

/** The cache of the repository of the working directory, in the layout of DVC 3; none: it is in no repository. */
function findRepositoryCache(context: Pick<WorkflowContext, 'home' | 'workingDirectory'>): string[] {
  const repository = findOwnRepository(context);
  return repository === null ? [] : [join(repository.cache, 'files', 'md5')];
}

/** Files of a store of objects; what is being written has a temporary name and is left out. */
function* listObjects(folder: string): Generator<readonly [first: string, name: string, path: string]> {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) yield ['', entry.name, path];
    else
      for (const name of readdirSync(path))
        if (!name.includes('.tmp')) yield [entry.name, name, join(path, name)];
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function shorten(path: string, workingDirectory: string): string {
  const below = relative(workingDirectory, path);
  return below === '' || below.startsWith('..') ? path : below;
}
