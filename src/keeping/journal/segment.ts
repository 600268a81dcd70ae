// One file of the prediction log. Its lines are sorted by the time in their ids, so that a binary search finds an id by
// reading a few kilobytes, without an index in memory. The file is named by the time of its first id. Incomplete lines are
// skipped.
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodeOf } from '../../foundation/core/index.ts';
import { readIdTime } from './prediction-id.ts';

const NAME = /^([0-9a-z]{9})-[0-9a-z]{8}\.jsonl$/;
/** Every line begins with its id: {"id":"…" */
const ID = /^\{"id":"([0-9a-z]{25})"/;
const BLOCK = 16_384;
/** Bytes below which lines are read one after the other: a single line with a text may be a megabyte. */
const SCAN = 65_536;

export interface Segment {
  readonly path: string;
  /** Time of its first id. */
  readonly startMs: number;
  readonly sizeBytes: number;
  /** Time of its last change. */
  readonly changedMs: number;
}

/** The segments of a folder, oldest first; none if there is no folder. */
export async function listSegments(folder: string): Promise<Segment[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
  const segments: Segment[] = [];
  for (const name of names.sort()) {
    const match = NAME.exec(name);
    if (match === null) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined); // another process may have removed it
    if (found !== undefined)
      segments.push({
        path,
        startMs: Number.parseInt(match[1]!, 36),
        sizeBytes: found.size,
        changedMs: found.mtimeMs,
      });
  }
  return segments;
}

/** The line of `id`; undefined if the segment does not have it. */
export async function findLine({ path }: Pick<Segment, 'path'>, id: string): Promise<string | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { size } = await file.stat();
    const wantedMs = readIdTime(id);
    // The line that starts at or after `low` is not later than the wanted one.
    let low = 0;
    let high = size;
    while (high - low > SCAN) {
      const middle = Math.floor((low + high) / 2);
      const next = await readNextId(file, middle, high);
      if (next === undefined || readIdTime(next.id) >= wantedMs) high = middle;
      else low = next.at;
    }
    return await scanLines(file, low, id, wantedMs);
  } finally {
    await file.close();
  }
}

/** The first line with an id that begins after `from` and before `end`. */
async function readNextId(
  file: FileHandle,
  from: number,
  end: number,
): Promise<{ id: string; at: number } | undefined> {
  let at = from;
  for (;;) {
    const start = await findLineStart(file, at, end);
    if (start === undefined) return undefined;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, start);
    const match = ID.exec(buffer.toString('latin1', 0, bytesRead));
    if (match !== null) return { id: match[1]!, at: start };
    at = start;
  }
}

async function findLineStart(file: FileHandle, from: number, end: number): Promise<number | undefined> {
  const block = Buffer.alloc(BLOCK);
  for (let at = from; at < end; ) {
    const { bytesRead } = await file.read(block, 0, BLOCK, at);
    if (bytesRead === 0) return undefined;
    const found = block.subarray(0, bytesRead).indexOf(0x0a);
    if (found !== -1) return at + found + 1 < end ? at + found + 1 : undefined;
    at += bytesRead;
  }
  return undefined;
}

async function scanLines(
  file: FileHandle,
  from: number,
  id: string,
  wantedMs: number,
): Promise<string | undefined> {
  const lines = file.readLines({ start: from, autoClose: false, encoding: 'utf8' });
  try {
    for await (const line of lines) {
      const found = ID.exec(line)?.[1];
      if (found === id) return line;
      if (found !== undefined && readIdTime(found) > wantedMs) return undefined;
    }
    return undefined;
  } finally {
    lines.close();
  }
}
