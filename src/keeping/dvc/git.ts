// What pointers need of Git: whether a path is tracked or ignored, entries of .gitignore, and the pointers of all commits. Git
// is asked as a program; where it is missing, the files it would read are looked at as far as that is possible.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { appError, errorCodeOf, writeFileAtomic } from '../../foundation/core/index.ts';
import { LOCK_FILE } from './lock-file.ts';
import { nameInRepository } from './tracked-data.ts';

/** The lists of a large repository's objects. */
const MOST_OUTPUT_BYTES = 2 ** 30;

/** Git waits for no person and no server; a history of a million commits is listed in a fraction of this. */
const GIT_LIMIT_MS = 5 * 60_000;
/** Names as they are; a program that watches the files is not started. */
const GIT_SETTINGS = ['-c', 'core.quotepath=off', '-c', 'core.fsmonitor=false'];

export interface GitRequest {
  /** For the standard input. */
  readonly input?: string;
  readonly limitMs?: number;
}

/** Runs Git in a folder; null where Git is missing, refuses, or does not end. */
export function askGit(
  folder: string,
  args: readonly string[],
  { input, limitMs = GIT_LIMIT_MS }: GitRequest = {},
): Buffer | null {
  try {
    return execFileSync('git', ['-C', folder, ...GIT_SETTINGS, ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
      maxBuffer: MOST_OUTPUT_BYTES,
      timeout: limitMs,
      killSignal: 'SIGKILL',
      env: { ...process.env, GIT_TERMINAL_PROMPT: '0' },
      ...(input === undefined ? {} : { input }),
    });
  } catch {
    return null;
  }
}

/** The files in Git's index at these paths, or below them; below the root. */
export function listGitFiles(root: string, paths: readonly string[]): string[] {
  const output = askGit(root, [
    'ls-files',
    '-z',
    '--',
    ...paths.map((path) => `:(literal)${nameInRepository(root, path)}`),
  ]);
  return splitNames(output);
}

/** Those of the paths that Git ignores already. */
export function listIgnoredByGit(root: string, paths: readonly string[]): ReadonlySet<string> {
  return new Set(
    splitNames(
      askGit(root, ['check-ignore', '-z', '--stdin'], { input: paths.map((path) => `${path}\0`).join('') }),
    ),
  );
}

function splitNames(output: Buffer | null): string[] {
  return output === null
    ? []
    : output
        .toString('utf8')
        .split('\0')
        .filter((name) => name !== '');
}

/**
 * Adds the entry of a file or folder to the `.gitignore` beside it, unless it is there.
 * @returns the file that was changed; null if none was
 */
export function ignoreInGit(path: string): string | null {
  const file = join(dirname(path), '.gitignore');
  const entry = `/${basename(path).replace(/[[\]!*#?]/g, '\\$&')}`;
  const text = readText(file);
  if (text.split(/\r?\n/).includes(entry)) return null;
  writeFileAtomic(file, `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${entry}\n`);
  return file;
}

/** Adds files to Git's index. @returns false: Git is missing or refuses, such as while another program has the index */
export function stageInGit(root: string, paths: readonly string[]): boolean {
  return askGit(root, ['add', '--', ...paths]) !== null;
}

/** A pointer as a commit has it. */
export interface CommittedPointer {
  readonly path: string;
  readonly text: string;
}

/**
 * The pointers of all commits, of every branch and tag, the stash and the log of references; each text once.
 * @throws DATA_HISTORY_UNREADABLE if Git cannot list them
 */
export function readCommittedPointers(root: string): CommittedPointer[] {
  const names = ['*.dvc', LOCK_FILE, `*/${LOCK_FILE}`];
  const listed = askGit(root, ['rev-list', '--all', '--reflog', '--objects', '--', ...names]);
  if (listed === null) throw appError('DATA_HISTORY_UNREADABLE', { root });
  const paths = new Map<string, string>();
  for (const line of listed.toString('utf8').split('\n')) {
    const space = line.indexOf(' ');
    const path = space < 0 ? '' : line.slice(space + 1);
    if (path.endsWith('.dvc') || basename(path) === LOCK_FILE) paths.set(line.slice(0, space), path);
  }
  if (paths.size === 0) return [];
  const output = askGit(root, ['cat-file', '--batch'], { input: `${[...paths.keys()].join('\n')}\n` });
  if (output === null) throw appError('DATA_HISTORY_UNREADABLE', { root });
  return [...readBatch(output)].flatMap(({ id, type, text }) =>
    type === 'blob' ? [{ path: join(root, paths.get(id) ?? id), text }] : [],
  );
}

/** The answers of `git cat-file --batch`: `<id> <type> <size>`, a line break, the bytes, a line break. */
function* readBatch(output: Buffer): Generator<{ id: string; type: string; text: string }> {
  for (let at = 0; at < output.byteLength; ) {
    const end = output.indexOf(0x0a, at);
    const [id = '', type = '', size = ''] = output.subarray(at, end).toString('utf8').split(' ');
    at = end + 1;
    if (!/^\d+$/.test(size)) continue; // `<id> missing`
    yield { id, type, text: output.subarray(at, at + Number(size)).toString('utf8') };
    at += Number(size) + 1;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return '';
    throw error;
  }
}
