// Looks for secrets in files and folders before they go into an image, a commit or a remote.
import { lstatSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { appError } from '../../foundation/core/index.ts';
import {
  type CheckedFile,
  listSecrets,
  readAllowedSecrets,
  type SecretPlace,
} from '../../foundation/secrets/index.ts';
import { askGit, findRepositoryRoot } from '../../keeping/dvc/index.ts';
import type { WorkflowContext } from '../context/index.ts';

export interface SecretsRequest {
  /** Absolute paths of files and folders. */
  readonly paths: readonly string[];
  /** FILE:LINE or FILE, beside those of the list in the root of the repository. */
  readonly allowed: readonly string[];
}

export interface CheckedSecrets {
  readonly ok: boolean;
  readonly files: number;
  readonly secrets: readonly SecretPlace[];
}

/** Folders that hold packages or what programs make; they are read only where a person names one. */
const LEFT_OUT = new Set(['.git', 'node_modules', '.venv', '__pycache__']);

/**
 * Looks for secrets in files, and in the files of folders: of a Git checkout those that Git tracks or would add.
 * @throws FILE_NOT_FOUND, SYSTEM_REFUSED, SECRET_PLACE_INVALID
 */
export async function checkSecrets(
  request: SecretsRequest,
  context: WorkflowContext,
): Promise<CheckedSecrets> {
  const { workingDirectory, signal } = context;
  const root = findRepositoryRoot(workingDirectory) ?? workingDirectory;
  const allowed = readAllowedSecrets(root, request.allowed);
  const files = request.paths.flatMap((path) => listFiles(path, root));
  const bar = context.progress('looking for secrets', Math.max(1, files.length), 'files');
  let done = 0;
  try {
    const secrets = await listSecrets(files, { allowed, signal, onFile: () => bar.update(++done) });
    return { ok: secrets.length === 0, files: files.length, secrets };
  } finally {
    bar.stop();
  }
}

/** @param root  what names in messages and in the list are relative to */
function listFiles(path: string, root: string): CheckedFile[] {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw appError('FILE_NOT_FOUND', { path, kind: 'file or folder' });
  const paths = stats.isDirectory() ? (listTracked(path) ?? listAll(path)) : [path];
  return paths.map((one) => {
    const name = relative(root, one).split(sep).join('/');
    return { path: one, name: name.startsWith('../') ? one : name };
  });
}

/** What Git tracks, and new files that it does not ignore; undefined outside of a checkout. */
function listTracked(folder: string): string[] | undefined {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const names = askGit(folder, args)?.toString('utf8') ?? '';
  if (names === '') return undefined;
  return [...new Set(names.split('\0'))]
    .filter((name) => name !== '')
    .map((name) => join(folder, name))
    .filter(isFile);
}

function listAll(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return LEFT_OUT.has(entry.name) ? [] : listAll(path);
      return entry.isFile() ? [path] : [];
    });
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
