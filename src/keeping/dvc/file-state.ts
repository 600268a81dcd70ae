// Remembers the md5 of files by size, times and inode, so that an unchanged file is not read again. It may be deleted at any
// time. What was changed in the last moments is not remembered: a further change could leave size and times as they are.
import { existsSync, readFileSync, renameSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createTemporaryName, makeFolder } from '../../foundation/core/index.ts';

/** Above this number, entries of files that are gone are dropped. */
const MOST_ENTRIES = 100_000;
/** Times of files may be as coarse as this. */
const COARSE_MS = 20;

/** What tells that a file is as it was. */
export type FileStamp = Pick<Stats, 'size' | 'mtimeMs' | 'ctimeMs' | 'ino'>;

type Entry = readonly [sizeBytes: number, mtimeMs: number, ctimeMs: number, inode: number, md5: string];

interface SaveOptions {
  readonly pathOf?: (name: string) => string;
  readonly most?: number;
}

/** The md5 of the files of a folder, or of a cache, by name. */
export class FileState {
  readonly #path: string;
  readonly #known: Readonly<Record<string, Entry>>;
  readonly #next = new Map<string, Entry>();

  /** @param path  the file that holds it, which need not exist */
  constructor(path: string) {
    this.#path = path;
    this.#known = readState(path);
  }

  /** The md5 of the file if it is as it was; keeps it for the next time. */
  find(name: string, stat: Stats): string | null {
    const entry = Object.hasOwn(this.#known, name) ? this.#known[name]! : undefined;
    if (entry === undefined || !isSame(entry, stat)) return null;
    this.#next.set(name, entry);
    return entry[4];
  }

  /** @param stat  taken before the file was read */
  set(name: string, stat: FileStamp, md5: string): void {
    this.#next.set(name, [stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino, md5]);
  }

  /**
   * Keeps what was found or set since it was opened.
   * @param pathOf  the file of a name; if it is given, other entries are kept too, of many only those whose file is there
   */
  save({ pathOf, most = MOST_ENTRIES }: SaveOptions = {}): void {
    const nowMs = Date.now();
    const entries: Record<string, Entry> = Object.create(null) as Record<string, Entry>;
    if (pathOf !== undefined) {
      const others = Object.entries(this.#known);
      const keepsAll = others.length <= most;
      for (const [name, entry] of others) if (keepsAll || existsSync(pathOf(name))) entries[name] = entry;
    }
    for (const [name, entry] of this.#next) {
      if (nowMs - entry[2] > COARSE_MS) entries[name] = entry;
      else delete entries[name];
    }
    makeFolder(dirname(this.#path));
    const temporary = createTemporaryName(this.#path);
    try {
      writeFileSync(temporary, JSON.stringify({ version: 1, files: entries }));
      renameSync(temporary, this.#path);
    } catch {
      rmSync(temporary, { force: true }); // such as a full disk: the files are read again next time
    }
  }
}

function isSame([sizeBytes, mtimeMs, ctimeMs, inode]: Entry, stat: Stats): boolean {
  return (
    sizeBytes === stat.size && mtimeMs === stat.mtimeMs && ctimeMs === stat.ctimeMs && inode === stat.ino
  );
}

function readState(path: string): Record<string, Entry> {
  try {
    const json = JSON.parse(readFileSync(path, 'utf8')) as {
      version?: unknown;
      files?: Record<string, Entry>;
    };
    return json.version === 1 && typeof json.files === 'object' ? json.files : {};
  } catch {
    return {}; // missing or cut: nothing is known
  }
}
