// The manifest of a folder, which DVC calls a `.dir` object: a JSON list of the files with their md5, named by its own md5.
// Its bytes must be those of Python's json.dumps(list, sort_keys=True), or the folder has another hash for DVC: `", "` and
// `": "` between values, everything outside of ASCII's printable characters escaped, files in the order of code points.
// Source: dvc-data 3.18, hashfile/tree.py; Python 3.11, json/encoder.py.
import { z } from 'zod';
import { appError, hashMd5 } from '../../foundation/core/index.ts';
import { compareCodePoints } from './code-points.ts';

/** A file of a folder: its path below the folder, with `/`, and the md5 of its bytes. */
export interface ManifestFile {
  readonly relpath: string;
  readonly md5: string;
}

/** What the name of a manifest ends with, after its md5. */
export const MANIFEST_SUFFIX = '.dir';

const manifestSchema = z.array(
  z.object({ md5: z.string().regex(/^[0-9a-f]{32}$/), relpath: z.string().min(1) }),
);

/** The bytes of a manifest as DVC writes them; all are ASCII. */
export function formatManifest(files: readonly ManifestFile[]): string {
  const lines = files
    .toSorted((a, b) => compareCodePoints(a.relpath, b.relpath))
    .map(
      ({ md5, relpath }) => `{"md5": ${formatPythonString(md5)}, "relpath": ${formatPythonString(relpath)}}`,
    );
  return `[${lines.join(', ')}]`;
}

/** The name of a manifest: the md5 of its bytes and `.dir`. */
export function nameManifest(text: string): string {
  return hashMd5(text) + MANIFEST_SUFFIX;
}

/**
 * Reads a manifest. A path that would leave the folder is refused: the manifest may come from a foreign remote.
 * @param where  the file or key, for the error
 * @throws CACHE_OBJECT_INVALID
 */
export function parseManifest(text: string, where: string): ManifestFile[] {
  const refuse = (problem: string, cause?: unknown): Error =>
    appError('CACHE_OBJECT_INVALID', { path: where, problem }, { cause });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw refuse('it is no JSON', error);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) throw refuse('an entry lacks a path or an md5');
  const seen = new Set<string>();
  for (const { relpath } of parsed.data) {
    if (!isPathInside(relpath))
      throw refuse(`the path ${JSON.stringify(relpath)} leaves the folder, or leads into one of Git or DVC`);
    if (seen.has(relpath)) throw refuse(`the path ${JSON.stringify(relpath)} is there twice`);
    seen.add(relpath);
  }
  return parsed.data;
}

/** Folders with settings and programs that Git, Mercurial or DVC run; on some disks case does not matter. */
const TOOL_FOLDERS: ReadonlySet<string> = new Set(['.git', '.hg', '.dvc']);

/** Whether a part of a path is a folder of Git, Mercurial or DVC. */
export function isInToolFolder(path: string): boolean {
  return path.split(/[\\/]/).some((part) => TOOL_FOLDERS.has(part.toLowerCase()));
}

/**
 * Whether a path with `/` stays below the folder that it is relative to, also on Windows, where a backslash separates too, and out
 * of folders of Git and DVC.
 */
export function isPathInside(relpath: string): boolean {
  const parts = relpath.split('/');
  if (relpath.includes('\0') || parts.some((part) => part === '' || part === '.')) return false;
  return !relpath.split(/[\\/]/).includes('..') && !isInToolFolder(relpath);
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
};

/** A string as Python's json module writes it with ensure_ascii, which escapes DEL too. */
function formatPythonString(text: string): string {
  const escaped = text.replace(
    /["\\]|[^ -~]/g,
    (unit) => SHORT[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}
