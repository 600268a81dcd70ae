// The prediction log on files. Each process appends to segment files of its own, in batches, so that several servers may
// share a home and a crash tears at most the last line of one segment. Segments are removed by total size and age.
import { randomBytes } from 'node:crypto';
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, makeFolder } from '../../foundation/core/index.ts';
import {
  parseRecord,
  predictionIdPattern,
  predictionReceiptRecord,
  type ReceiptRecord,
} from '../../foundation/records/index.ts';
import { createPredictionId, readIdTime } from './prediction-id.ts';
import type { JournalOptions, NewReceipt, PredictionJournal, PredictionStore } from './prediction-store.ts';
import { findLine, listSegments } from './segment.ts';

/** How a journal writes its files. */
export interface JournalFileOptions {
  /** Bytes from which a new segment is begun. Default 16 MiB, less where maxBytes is small. */
  readonly segmentBytes?: number;
  /** Longest time that a receipt waits in memory. Default 100. */
  readonly flushMs?: number;
}

const SEGMENT_BYTES = 16 * 1024 * 1024;
const FLUSH_MS = 100;
/** Most characters of receipts that wait for a slow disk; they may hold texts. */
const MAX_WAITING_CHARS = 16 * 1024 * 1024;
const DAY_MS = 86_400_000;
const PRUNE_EVERY_MS = 3_600_000;

/** Opens the prediction log in `folder`, which need not exist yet. */
export function createFilePredictionStore(
  folder: string,
  clock: Clock,
  files: JournalFileOptions = {},
): PredictionStore {
  return {
    find: (id) => findReceipt(folder, id),
    openJournal: (options) => new FilePredictionJournal(folder, clock, { ...options, ...files }),
  };
}

class FilePredictionJournal implements PredictionJournal {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #options: JournalOptions;
  readonly #segmentBytes: number;
  readonly #flushMs: number;
  #waiting = new Map<string, string>();
  #waitingChars = 0;
  /** Lines that are being written: not in `#waiting` any more, and not yet found in a file. */
  #underWay: ReadonlyMap<string, string> = new Map();
  #segment: { readonly path: string; bytes: number } | undefined;
  #lastMs = 0;
  #prunedMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #tellLost = (_receipts: number): void => {};

  constructor(folder: string, clock: Clock, options: JournalOptions & JournalFileOptions) {
    this.#folder = folder;
    this.#clock = clock;
    this.#options = options;
    this.#segmentBytes = Math.min(options.segmentBytes ?? SEGMENT_BYTES, Math.ceil(options.maxBytes / 4));
    this.#flushMs = options.flushMs ?? FLUSH_MS;
  }

  add({ article, ...receipt }: NewReceipt): string {
    this.#lastMs = Math.max(this.#lastMs, Date.parse(this.#clock.nowIso())); // ids of a segment never go back in time
    const id = createPredictionId(this.#lastMs);
    const line = JSON.stringify({
      id, // first: a search compares it
      schemaVersion: 2,
      createdAt: new Date(this.#lastMs).toISOString(),
      ...receipt,
      ...(this.#options.keepText ? { article } : {}),
    } satisfies ReceiptRecord);
    if (this.#waitingChars + line.length > MAX_WAITING_CHARS) {
      this.#tellLost(1);
      return id;
    }
    this.#waiting.set(id, line);
    this.#waitingChars += line.length;
    this.#timer ??= setTimeout(() => void this.flush(), this.#flushMs).unref();
    return id;
  }

  async find(id: string): Promise<ReceiptRecord | undefined> {
    const line = this.#waiting.get(id) ?? this.#underWay.get(id);
    return line === undefined
      ? findReceipt(this.#folder, id)
      : parseRecord(predictionReceiptRecord, line, this.#folder);
  }

  onLost(listener: (receipts: number) => void): void {
    this.#tellLost = listener;
  }

  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.flush();
  }

  async #write(): Promise<void> {
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    const lines = this.#waiting;
    this.#underWay = lines;
    this.#waiting = new Map();
    this.#waitingChars = 0;
    try {
      await this.#append(lines);
    } catch {
      this.#segment = undefined; // a torn line stays the last of its segment
      this.#tellLost(lines.size);
    } finally {
      this.#underWay = new Map();
    }
  }

  async #append(lines: ReadonlyMap<string, string>): Promise<void> {
    const text = `${[...lines.values()].join('\n')}\n`;
    if (this.#segment === undefined || this.#segment.bytes >= this.#segmentBytes) {
      makeFolder(this.#folder);
      const [firstId = ''] = lines.keys();
      const name = `${firstId.slice(0, 9)}-${randomBytes(4).toString('hex')}.jsonl`;
      this.#segment = { path: join(this.#folder, name), bytes: 0 };
      this.#prunedMs = Number.NEGATIVE_INFINITY;
    }
    await appendFile(this.#segment.path, text, { mode: 0o600 });
    this.#segment.bytes += Buffer.byteLength(text);
    await this.#pruneSometimes(this.#segment.path);
  }

  async #pruneSometimes(current: string): Promise<void> {
    const nowMs = Date.parse(this.#clock.nowIso());
    if (nowMs - this.#prunedMs < PRUNE_EVERY_MS) return;
    this.#prunedMs = nowMs;
    const { maxBytes, maxDays } = this.#options;
    await pruneSegments(this.#folder, { maxBytes, maxDays, nowMs, current, room: this.#segmentBytes });
  }
}

async function findReceipt(folder: string, id: string): Promise<ReceiptRecord | undefined> {
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

/** Removes segments that are too old, then the oldest until `room` is left below the limit. */
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
