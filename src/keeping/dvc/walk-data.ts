// Lists the files of a data folder, as DVC does: without what `.dvcignore` leaves out, links to files as the files that they
// lead to, links to folders not at all.
import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { appError, asSystemError } from '../../foundation/core/index.ts';
import { IgnoreRules } from './ignore-rules.ts';
import { nameInRepository } from './tracked-data.ts';

export const IGNORE_FILE = '.dvcignore';

/** What DVC leaves out everywhere. */
const ALWAYS_IGNORED = '.hg/\n.git/\n.git\n.dvc/\n';

/** The rules that hold inside of `folder`: those of the folders from the root down to it. */
export function loadIgnoreRules(root: string, folder: string): IgnoreRules {
  const name = nameInRepository(root, folder);
  const parts = name === '.' ? [] : name.split('/');
  let rules = new IgnoreRules().with(ALWAYS_IGNORED, '');
  for (let depth = 0; depth <= parts.length; depth++) {
    const base = parts.slice(0, depth).join('/');
    rules = rules.withFile(join(root, base, IGNORE_FILE), base);
  }
  return rules;
}

/** Whether `.dvcignore` leaves this path out, or a folder that it is in. */
export function isLeftOut(root: string, path: string, isFolder: boolean): boolean {
  const name = nameInRepository(root, path);
  const rules = loadIgnoreRules(root, dirname(path));
  const parts = name.split('/');
  return parts.some((_, i) =>
    rules.ignores(parts.slice(0, i + 1).join('/'), i < parts.length - 1 || isFolder),
  );
}

export interface DataWalk {
  /** Paths below the folder, with `/`; in no order. */
  readonly files: readonly string[];
  /** Links to folders, which are not followed. */
  readonly skippedLinks: readonly string[];
  /** Pipes, sockets and devices, and links to them. */
  readonly skippedOthers: readonly string[];
}

/**
 * @throws DATA_NAME_UNREADABLE, DATA_IGNORE_INSIDE, DATA_OVERLAP, FILE_NOT_FOUND
 */
export function walkData(root: string, folder: string): DataWalk {
  const rules = loadIgnoreRules(root, folder);
  const base = nameInRepository(root, folder);
  const files: string[] = [];
  const skippedLinks: string[] = [];
  const skippedOthers: string[] = [];
  const visit = (below: string): void => {
    const at = below === '' ? folder : join(folder, below);
    for (const entry of readEntries(at)) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.name.includes('\ufffd') && !existsSync(join(folder, name)))
        throw appError('DATA_NAME_UNREADABLE', { path: join(at, entry.name) });
      const isFolder = entry.isDirectory();
      if (rules.ignores(`${base}/${name}`, isFolder)) continue;
      if (isFolder) visit(name);
      else if (entry.isFile()) {
        assertData(entry.name, join(folder, name), folder);
        files.push(name);
      } else if (entry.isSymbolicLink()) {
        const target = statSync(join(folder, name), { throwIfNoEntry: false });
        if (target === undefined)
          throw appError('FILE_NOT_FOUND', { path: join(folder, name), kind: 'file behind the link' });
        if (target.isFile()) files.push(name);
        else if (target.isDirectory()) skippedLinks.push(name);
        else skippedOthers.push(name);
      } else skippedOthers.push(name);
    }
  };
  visit('');
  return { files, skippedLinks, skippedOthers };
}

/** Pointers and rules inside data would never be read. */
function assertData(name: string, path: string, folder: string): void {
  if (name === IGNORE_FILE) throw appError('DATA_IGNORE_INSIDE', { path, folder });
}

function readEntries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw asSystemError(error, folder, 'read');
  }
}
