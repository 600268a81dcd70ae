// Records the code of a run: a hash of the program's files, and what Git tells about the working directory. Of uncommitted
// changes the text is kept only for source files: a changed CSV, JSON or text file may hold articles, and is only named.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { maskText } from '../../foundation/config/index.ts';
import { hashSha256, packageRoot } from '../../foundation/core/index.ts';
import type { RunCode } from '../../foundation/records/index.ts';

const run = promisify(execFile);

/** The rule for which changes are kept as text: files with one of these endings or names, outside of the folders below. */
const SOURCE_ENDINGS = new Set(
  '.ts .tsx .mts .cts .js .jsx .mjs .cjs .py .sh .sql .css .yaml .yml .toml .wat .c .h .cc .cpp .rs .go'.split(
    ' ',
  ),
);
const SOURCE_NAMES = new Set(['package.json', 'tsconfig.json', 'Dockerfile', 'Makefile']);
/** Folders of data, and names of files that hold secrets. */
const LEFT_OUT =
  /(?:^|\/)(?:data|datasets|corpus|corpora|sample|samples)\/|(?:^|\/)(?:\.env|secrets?|credentials?)\b/i;

const MOST_DIFF_CHARACTERS = 256 * 1024;
const MOST_NAMES = 200;
const MOST_OUTPUT_BYTES = 256 * 1024 * 1024;
const GIT_LIMIT_MS = 10_000;

/** What a run records of its code. Nothing here fails: what Git cannot tell is null. */
export async function recordCode(
  workingDirectory: string,
): Promise<{ readonly commit: string | null; readonly code: RunCode }> {
  const [commit, programCommit, changes] = await Promise.all([
    readCommit(workingDirectory),
    readCommit(packageRoot),
    readChanges(workingDirectory),
  ]);
  return { commit, code: { programSha256: hashProgram(), programCommit, changes } };
}

/** True for a changed file whose change is kept as text. */
export function isSourceFile(path: string): boolean {
  if (LEFT_OUT.test(path)) return false;
  return SOURCE_ENDINGS.has(extname(path).toLowerCase()) || SOURCE_NAMES.has(basename(path));
}

let programSha256: string | null | undefined;

/** Hash of the names and bytes of the program's files; null if they cannot be read. It is computed once. */
export function hashProgram(): string | null {
  programSha256 ??= tryHashProgram();
  return programSha256;
}

function tryHashProgram(): string | null {
  // The code runs from src/ in tests, and from dist/ everywhere else.
  const [top = 'dist'] = relative(packageRoot, fileURLToPath(import.meta.url)).split(sep);
  const ending = top === 'src' ? '.ts' : '.js';
  const hash = createHash('sha256');
  try {
    const names = readdirSync(join(packageRoot, top), { recursive: true, encoding: 'utf8' })
      .map((name) => name.replaceAll(sep, '/'))
      .filter((name) => name.endsWith(ending) && !name.endsWith(`.test${ending}`) && !name.startsWith('web/'))
      .sort();
    for (const name of names)
      hash.update(`${name}\0`).update(hashSha256(readFileSync(join(packageRoot, top, name))));
    return hash.digest('hex');
  } catch {
    return null; // a file cannot be read; the run then only lacks this proof
  }
}

async function readCommit(folder: string): Promise<string | null> {
  return (await git(folder, ['rev-parse', 'HEAD']))?.trim() ?? null;
}

async function readChanges(folder: string): Promise<RunCode['changes']> {
  const status = await git(folder, [
    'status',
    '--porcelain=v1',
    '-z',
    '--no-renames',
    '--untracked-files=normal',
  ]);
  if (status === null) return null;
  const entries = status.split('\0').filter((entry) => entry !== '');
  const pick = (isUntracked: boolean): string[] =>
    entries.filter((entry) => entry.startsWith('??') === isUntracked).map((entry) => entry.slice(3));
  const changed = pick(false);
  const leftOut = changed.filter((path) => !isSourceFile(path));
  const untracked = pick(true);
  const listed = { leftOut: leftOut.slice(0, MOST_NAMES), untracked: untracked.slice(0, MOST_NAMES) };
  const unlisted = Math.max(0, leftOut.length - MOST_NAMES) + Math.max(0, untracked.length - MOST_NAMES);
  if (changed.length === 0)
    return { diff: '', isCut: false, sha256: hashSha256(''), sizeBytes: 0, ...listed, unlisted };
  const sources = changed.filter(isSourceFile);
  const root = (await git(folder, ['rev-parse', '--show-toplevel']))?.trim() ?? folder;
  const whole = await git(root, [...DIFF, '--binary']);
  const text =
    sources.length === 0
      ? ''
      : await git(root, [...DIFF, '--', ...sources.map((path) => `:(literal)${path}`)]);
  if (text === null) return null;
  const masked = maskText(text);
  return {
    diff: masked.slice(0, MOST_DIFF_CHARACTERS),
    isCut: masked.length > MOST_DIFF_CHARACTERS,
    sha256: whole === null ? null : hashSha256(whole),
    sizeBytes: whole === null ? null : Buffer.byteLength(whole),
    ...listed,
    unlisted,
  };
}

/** The same text whatever the user's settings of Git are, and no program of theirs is started. */
const DIFF = [
  ...['-c', 'diff.noprefix=false', '-c', 'diff.mnemonicPrefix=false', '-c', 'core.quotepath=off'],
  ...['diff', 'HEAD', '--no-ext-diff', '--no-textconv', '--no-color', '--no-renames'],
];

/** The output of Git; null if it fails: no checkout, not installed, too much output. */
async function git(cwd: string, args: readonly string[]): Promise<string | null> {
  try {
    const options = {
      cwd,
      encoding: 'utf8' as const,
      maxBuffer: MOST_OUTPUT_BYTES,
      timeout: GIT_LIMIT_MS,
      env: { ...process.env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
    };
    return (await run('git', ['-c', 'core.fsmonitor=false', ...args], options)).stdout;
  } catch {
    return null; // not a checkout, Git is not installed, or the answer is too large or too slow
  }
}
