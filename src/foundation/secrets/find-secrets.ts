// Finds what looks like a secret in a file. Text is read whole: UTF-8, UTF-16, or what gzip holds. Of a binary file, which
// has zero bytes near its start, only the first and the last MiB are read, where formats keep their metadata.
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { asSystemError } from '../core/index.ts';
import { RunScanner } from './run-scanner.ts';
import { recogniseSetting, type SecretKind } from './secret-kinds.ts';

export interface FoundSecret extends SecretKind {
  /** From 1; null in a binary file. */
  readonly line: number | null;
}

export interface SecretSearch {
  /** What the file is called where its path does not say so, as in a cache. */
  readonly name?: string;
  readonly signal?: AbortSignal | undefined;
}

type Pieces = AsyncIterable<Buffer>;
type Places = Map<number, SecretKind>;

const PIECE = 1 << 20;
const HEAD = 8192;
const MAX_FOUND = 100;
/** Files of settings, where every value of a secret's name counts; examples of them hold none. */
const SETTINGS = /^(?:\.env(?:\..+)?|.+\.env|\.envrc|credentials|config\.local|\.pypirc|\.npmrc)$/i;
const EXAMPLE = /\.(?:example|sample|template|dist)$/i;

/**
 * Finds up to 100 secrets in a file, by line. Says where and of which kind, never the secret itself.
 * @throws SYSTEM_REFUSED; the signal's reason when it is aborted
 */
export async function findSecrets(path: string, options: SecretSearch = {}): Promise<FoundSecret[]> {
  const file = openFile(path);
  try {
    const { size } = fstatSync(file);
    const head = Buffer.alloc(Math.min(size, HEAD));
    readSync(file, head, 0, head.length, 0);
    const read = (): Pieces => readPieces(file, 0, size, options.signal);
    if (head[0] === 0x1f && head[1] === 0x8b) return await findInText(() => readGzip(path, options.signal));
    const mark = head.toString('hex', 0, 2);
    if (mark === 'fffe' || mark === 'feff')
      return await findInText(() => decode(read(), mark === 'fffe' ? 'utf-16le' : 'utf-16be'));
    if (head.includes(0)) return await findInBinary(file, size, options.signal);
    const name = basename(options.name ?? path);
    return await findInText(read, SETTINGS.test(name) && !EXAMPLE.test(name));
  } finally {
    closeSync(file);
  }
}

/** @param read  gives the text from its start, each time anew: lines are counted only where there is a secret */
async function findInText(read: () => Pieces, isSettings = false): Promise<FoundSecret[]> {
  const places: Places = new Map();
  await scan(read(), 0, places);
  const found = places.size === 0 ? [] : await findLines(read(), places);
  if (!isSettings) return found;
  const lines = new Set(found.map(({ line }) => line));
  const settings = (await findSettings(read())).filter(({ line }) => !lines.has(line));
  return [...found, ...settings].sort((a, b) => (a.line ?? 0) - (b.line ?? 0)).slice(0, MAX_FOUND);
}

async function findInBinary(file: number, size: number, signal?: AbortSignal): Promise<FoundSecret[]> {
  const places: Places = new Map();
  await scan(readPieces(file, 0, Math.min(PIECE, size), signal), 0, places);
  const tail = Math.max(PIECE, size - PIECE);
  if (tail < size) await scan(readPieces(file, tail, size, signal), tail, places);
  return [...places.values()].map((kind) => ({ ...kind, line: null }));
}

async function scan(pieces: Pieces, start: number, places: Places): Promise<void> {
  const scanner = new RunScanner((offset, kind) => {
    if (places.size < MAX_FOUND && !places.has(start + offset)) places.set(start + offset, kind);
  });
  for await (const piece of pieces) scanner.push(piece);
  scanner.end();
}

/** The lines of the offsets; one secret for each line. */
async function findLines(pieces: Pieces, places: Places): Promise<FoundSecret[]> {
  const waiting = [...places].sort(([a], [b]) => a - b);
  const found = new Map<number, FoundSecret>();
  let line = 1;
  let start = 0;
  let next = 0;
  for await (const piece of pieces) {
    let at = 0;
    while (next < waiting.length) {
      const [offset, kind] = waiting[next]!;
      const end = Math.min(offset - start, piece.length);
      for (; at < end; at++) if (piece[at] === 10) line++;
      if (offset - start >= piece.length) break;
      if (!found.has(line)) found.set(line, { ...kind, line });
      next++;
    }
    if (next === waiting.length) break;
    start += piece.length;
  }
  return [...found.values()];
}

async function findSettings(pieces: Pieces): Promise<FoundSecret[]> {
  const all: Buffer[] = [];
  let size = 0;
  for await (const piece of pieces) {
    all.push(piece);
    size += piece.length;
    if (size > PIECE) break; // a file of this size holds data
  }
  return Buffer.concat(all)
    .toString('latin1')
    .split('\n')
    .flatMap((text, at) => {
      const kind = recogniseSetting(text);
      return kind === undefined ? [] : [{ ...kind, line: at + 1 }];
    });
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw asSystemError(error, path, 'read');
  }
}

/** Reads on this thread: for small files, a promise for each would take ten times as long. */
async function* readPieces(
  file: number,
  from: number,
  to: number,
  signal?: AbortSignal,
): Pieces & AsyncGenerator<Buffer> {
  let at = from;
  while (at < to) {
    signal?.throwIfAborted();
    const piece = Buffer.allocUnsafe(Math.min(PIECE, to - at));
    const read = readSync(file, piece, 0, piece.length, at);
    if (read === 0) return;
    at += read;
    yield piece.subarray(0, read);
    if (at < to) await setImmediate(); // others have their turn
  }
}

/** What a gzip file holds; a damaged one ends where it is damaged. */
async function* readGzip(path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const source = createReadStream(path, { highWaterMark: PIECE });
  const unpacked = createGunzip({ chunkSize: PIECE });
  source.on('error', (error) => unpacked.destroy(error)).pipe(unpacked);
  try {
    for await (const piece of unpacked) {
      signal?.throwIfAborted();
      yield piece;
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
  } finally {
    source.destroy();
    unpacked.destroy();
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

async function* decode(pieces: Pieces, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const piece of pieces) yield Buffer.from(decoder.decode(piece, { stream: true }), 'utf8');
}
