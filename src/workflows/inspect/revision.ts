// Finds data as a revision of Git had it: `main:data/train.csv`, where Git has the file or folder itself, or a pointer beside it
// whose content is in the cache. A pointer of the working tree (`data/train.csv.dvc`) is followed in the same way.
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { appError, resolveUserPath } from '../../foundation/core/index.ts';
import {
  isFolderData,
  nameInRepository,
  ObjectCache,
  PIPELINE_FILE,
  parsePointerFile,
  type TrackedData,
} from '../../keeping/dvc/index.ts';
import type { TableFile } from '../../learning/inspect/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { openRepository } from '../versioning/index.ts';
import { type FoundTable, isDataFile } from './found-table.ts';

/** null: the reference names neither a revision nor a pointer. */
export function locateRevision(reference: string, context: WorkflowContext): FoundTable | null {
  const { workingDirectory } = context;
  const pointer = resolveUserPath(workingDirectory, reference);
  if (reference.endsWith('.dvc') && existsSync(pointer))
    return locatePointed({ text: readFileSync(pointer, 'utf8'), path: pointer }, null, reference, context);
  const [, revision = '', path = ''] = /^([^:]+):(.+)$/.exec(reference) ?? [];
  const root = askGit(workingDirectory, ['rev-parse', '--show-toplevel'])?.trim();
  if (path === '' || root === undefined) return null;
  const commit = askGit(workingDirectory, [
    'rev-parse',
    '--verify',
    '--quiet',
    `${revision}^{commit}`,
  ])?.trim();
  if (commit === undefined)
    throw appError('FILE_NOT_FOUND', { path: reference, kind: `revision ${revision} of Git` });
  const name = nameInRepository(
    root,
    /^\.{1,2}\//.test(path) ? resolve(workingDirectory, path) : join(root, path),
  );
  const found = new Revision(root, commit, reference, context).find(name);
  if (found === null)
    throw appError('FILE_NOT_FOUND', { path: reference, kind: `file, folder or pointer in ${revision}` });
  return found;
}

class Revision {
  private readonly root: string;
  private readonly commit: string;
  private readonly reference: string;
  private readonly context: WorkflowContext;

  constructor(root: string, commit: string, reference: string, context: WorkflowContext) {
    this.root = root;
    this.commit = commit;
    this.reference = reference;
    this.context = context;
  }

  find(name: string): FoundTable | null {
    const type = this.typeOf(name);
    if (type === 'blob' && !name.endsWith('.dvc')) return this.copyOut([name], dirname(name));
    const files = type === 'tree' ? this.listDataFiles(name) : [];
    if (files.length > 0) return this.copyOut(files, name);
    const data = join(this.root, name);
    if (name.endsWith('.dvc')) return type === 'blob' ? this.follow(name, null) : null;
    if (this.typeOf(`${name}.dvc`) === 'blob') return this.follow(`${name}.dvc`, null);
    for (let folder = dirname(name); ; folder = dirname(folder)) {
      const lock = folder === '.' ? 'dvc.lock' : `${folder}/dvc.lock`;
      if (this.typeOf(lock) === 'blob') return this.follow(lock, data);
      if (folder === '.' || folder === '/') return null;
    }
  }

  private follow(pointer: string, data: string | null): FoundTable {
    const text = this.read(pointer);
    if (text === undefined) throw this.refuse(pointer);
    const pipeline = this.read(join(dirname(pointer), PIPELINE_FILE).split(sep).join('/')) ?? null;
    const path = join(this.root, pointer);
    return locatePointed({ text, pipeline, path }, data, this.reference, this.context);
  }

  private read(name: string): string | undefined {
    return askGit(this.root, ['show', `${this.commit}:${name}`]);
  }

  private typeOf(name: string): string | undefined {
    return askGit(this.root, ['cat-file', '-t', `${this.commit}:${name === '.' ? '' : name}`])?.trim();
  }

  private listDataFiles(folder: string): string[] {
    const args = ['ls-tree', '-r', '-z', '--name-only', this.commit, '--', folder];
    const listed = askGit(this.root, args);
    if (listed === undefined) throw this.refuse(folder);
    return listed.split('\0').filter((name) => isDataFile(name));
  }

  private copyOut(names: readonly string[], base: string): FoundTable {
    const folder = mkdtempSync(join(tmpdir(), 'veracity-revision-'));
    const dispose = (): void => rmSync(folder, { recursive: true, force: true });
    try {
      const files = names.map((name): TableFile => {
        const short = base === '.' ? name : name.slice(base.length + 1);
        const path = join(folder, short);
        mkdirSync(dirname(path), { recursive: true });
        this.copyBlob(name, path);
        return { path, name: short, sizeBytes: statSync(path).size };
      });
      return { kind: 'files', name: this.reference, files, dispose };
    } catch (error) {
      dispose();
      throw error;
    }
  }

  private copyBlob(name: string, path: string): void {
    const file = openSync(path, 'w');
    try {
      const { status } = spawnSync('git', ['-C', this.root, 'cat-file', 'blob', `${this.commit}:${name}`], {
        stdio: ['ignore', file, 'ignore'],
      });
      if (status !== 0) throw this.refuse(name);
    } finally {
      closeSync(file);
    }
  }

  /** Git names the object, and cannot give it: it is damaged, or was not fetched. */
  private refuse(name: string): Error {
    return appError('FILE_NOT_FOUND', {
      path: `${this.reference}: ${name}`,
      kind: 'file that Git can read (git fsck tells more)',
    });
  }
}

/**
 * The content that a pointer names, in the cache.
 * @param path  the output of a dvc.lock that is meant; null: the first of the pointer
 * @throws POINTER_INVALID, CACHE_OBJECT_MISSING, FILE_NOT_FOUND, CACHE_OBJECT_CORRUPT
 */
function locatePointed(
  pointer: { readonly text: string; readonly path: string; readonly pipeline?: string | null },
  path: string | null,
  reference: string,
  context: WorkflowContext,
): FoundTable {
  const data = parsePointerFile(pointer.text, pointer.path, pointer.pipeline).find(
    (one) => path === null || one.path === path,
  );
  if (data === undefined || data.md5 === null)
    throw appError('FILE_NOT_FOUND', { path: reference, kind: 'output with a hash in the pointer' });
  const cache = new ObjectCache(openRepository(context));
  const files = listPointed(data, data.md5, cache).filter(
    ({ name }, _, all) => all.length === 1 || isDataFile(name),
  );
  cache.saveChecks();
  if (files.length === 0)
    throw appError('FILE_NOT_FOUND', { path: reference, kind: 'folder with CSV, JSON or Parquet files' });
  return { kind: 'files', name: reference, files };
}

function listPointed(data: TrackedData, md5: string, cache: ObjectCache): TableFile[] {
  const { hash } = data;
  const toFile = (own: string, name: string): TableFile => {
    const path = cache.locate({ md5: own, hash });
    const state = cache.check({ md5: own, hash });
    if (state === 'missing') throw appError('CACHE_OBJECT_MISSING', { path, md5: own });
    if (state === 'corrupt') throw appError('CACHE_OBJECT_CORRUPT', { path, expected: own, got: 'another' });
    return { path, name, sizeBytes: statSync(path).size };
  };
  if (!isFolderData(data)) return [toFile(md5, basename(data.path))];
  return cache
    .readManifest({ md5, hash })
    .filter(({ relpath }) => isDataFile(relpath))
    .map(({ relpath, md5: own }) => toFile(own, relpath));
}

function askGit(folder: string, args: readonly string[]): string | undefined {
  const options = { encoding: 'utf8', maxBuffer: 1 << 28 } as const;
  const { status, stdout } = spawnSync('git', ['-C', folder, '-c', 'core.fsmonitor=false', ...args], options);
  return status === 0 ? stdout : undefined;
}
