// The prediction log of a server: receipts of its answers, appended in batches behind the answers' back. Whoever answers
// never waits for the disk: what it cannot take is dropped and counted. Each process writes segments of its own, so that
// several servers may share a home, and a crash tears at most the last line of one. Kept up to a size and an age.
import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../foundation/core/index.ts';
import {
  parseRecord,
  predictionIdPattern,
  predictionReceiptRecord,
  type ReceiptRecord,
} from '../../foundation/records/index.ts';
import { createPredictionId, readIdTime } from './prediction-id.ts';
import { findLine, listSegments } from './segment.ts';

export interface JournalOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** Keep the articles, too. */
  readonly keepText: boolean;
  /** Of all segments together; the oldest go first. */
  readonly maxBytes: number;
  readonly maxDays: number;
  /** Bytes from which a new segment is begun. Default 16 MiB, less where maxBytes is small. */
  readonly segmentBytes?: number;
  /** Default 100. */
  readonly flushMs?: number;
}

/** What the caller knows of an answer; the rest is the journal's. */
export type NewReceipt = Omit<ReceiptRecord, 'schemaVersion' | 'id' | 'createdAt' | 'article'> & {
  readonly article: NonNullable<ReceiptRecord['article']>;
};

export interface PredictionJournal {
  /** Takes a receipt down, soon. @returns its id */
  add(receipt: NewReceipt): string;
  find(id: string): Promise<ReceiptRecord | undefined>;
  /** From now on told how many receipts were lost: the disk was too slow, or refused. */
  onLost(listener: (receipts: number) => void): void;
  /** Writes what waits. */
  flush(): Promise<void>;
  /** Writes what waits and takes nothing more. */
  close(): Promise<void>;
}

const SEGMENT_BYTES = 16 * 1024 * 1024;
const FLUSH_MS = 100;
/** Receipts that wait for a slow disk, at most: in characters, since texts may be among them. */
const MAX_WAITING_CHARS = 16 * 1024 * 1024;
const DAY_MS = 86_400_000;
const PRUNE_EVERY_MS = 3_600_000;

/** Opens the log of `folder` for this process; creates the folder with the first receipt. */
export function createPredictionJournal(options: JournalOptions): PredictionJournal {
  const { folder, clock, keepText, flushMs = FLUSH_MS } = options;
  const segmentBytes = Math.min(options.segmentBytes ?? SEGMENT_BYTES, Math.ceil(options.maxBytes / 4));
  let waiting = new Map<string, string>();
  let waitingChars = 0;
  /** Being written just now: still to be found. */
  let underWay: ReadonlyMap<string, string> = new Map();
  let segment: { path: string; bytes: number } | undefined;
  let lastMs = 0;
  let prunedMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let tellLost = (_receipts: number): void => {};

  const write = async (): Promise<void> => {
    timer = undefined;
    if (waiting.size === 0) return;
    const lines = waiting;
    underWay = lines;
    waiting = new Map();
    waitingChars = 0;
    try {
      const text = `${[...lines.values()].join('\n')}\n`;
      const [firstId] = lines.keys();
      if (segment === undefined || segment.bytes >= segmentBytes) {
        await mkdir(folder, { recursive: true });
        segment = {
          path: join(folder, `${firstId!.slice(0, 9)}-${randomBytes(4).toString('hex')}.jsonl`),
          bytes: 0,
        };
        prunedMs = Number.NEGATIVE_INFINITY;
      }
      await appendFile(segment.path, text, { mode: 0o600 });
      segment.bytes += Buffer.byteLength(text);
      await pruneSometimes(segment.path);
    } catch {
      segment = undefined; // what was torn stays the last of its segment
      tellLost(lines.size);
    } finally {
      underWay = new Map();
    }
  };
  const flush = (): Promise<void> => {
    writing = writing.then(write);
    return writing;
  };

  const pruneSometimes = async (current: string): Promise<void> => {
    const nowMs = Date.parse(clock.nowIso());
    if (nowMs - prunedMs < PRUNE_EVERY_MS) return;
    prunedMs = nowMs;
    await pruneSegments(folder, { ...options, nowMs, current, room: segmentBytes });
  };

  return {
    add: ({ article, ...receipt }) => {
      lastMs = Math.max(lastMs, Date.parse(clock.nowIso())); // ids of a segment never go back in time
      const id = createPredictionId(lastMs);
      const line = JSON.stringify({
        id, // first: what a search looks at
        schemaVersion: 2,
        createdAt: new Date(lastMs).toISOString(),
        ...receipt,
        ...(keepText ? { article } : {}),
      } satisfies ReceiptRecord);
      if (waitingChars + line.length > MAX_WAITING_CHARS) {
        tellLost(1);
        return id;
      }
      waiting.set(id, line);
      waitingChars += line.length;
      timer ??= setTimeout(() => void flush(), flushMs).unref();
      return id;
    },
    find: async (id) => {
      if (!predictionIdPattern.test(id)) return undefined;
      const line = waiting.get(id) ?? underWay.get(id) ?? (await findInFolder(folder, id));
      return line === undefined ? undefined : parseRecord(predictionReceiptRecord, line, folder);
    },
    onLost: (listener) => {
      tellLost = listener;
    },
    flush,
    close: async () => {
      clearTimeout(timer);
      await flush();
    },
  };
}

/** For those who read the log of other processes. @throws RECORD_INVALID */
export async function findReceipt(folder: string, id: string): Promise<ReceiptRecord | undefined> {
  if (!predictionIdPattern.test(id)) return undefined;
  const line = await findInFolder(folder, id);
  return line === undefined ? undefined : parseRecord(predictionReceiptRecord, line, folder);
}

async function findInFolder(folder: string, id: string): Promise<string | undefined> {
  const idMs = readIdTime(id);
  for (const segment of (await listSegments(folder)).reverse()) {
    if (segment.startMs > idMs) continue;
    const line = await findLine(segment, id);
    if (line !== undefined) return line;
  }
  return undefined;
}

/** Removes what is too old, then the oldest until `room` is left below the limit. */
async function pruneSegments(
  folder: string,
  {
    maxBytes,
    maxDays,
    nowMs,
    current,
    room,
  }: { maxBytes: number; maxDays: number; nowMs: number; current: string; room: number },
): Promise<void> {
  const segments = await listSegments(folder);
  let total = segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  for (const { path, sizeBytes, changedMs } of segments) {
    if (path === current) continue;
    if (nowMs - changedMs <= maxDays * DAY_MS && total + room <= maxBytes) continue;
    await rm(path, { force: true });
    total -= sizeBytes;
  }
}
