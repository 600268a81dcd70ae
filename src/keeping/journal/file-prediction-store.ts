// The prediction log on files. Each process appends to segment files of its own, in batches, so that several servers may
// share a home and a crash tears at most the last line of one segment. Segments are removed by total size and age.
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, makeFolder, systemCodeOf } from '../../foundation/core/index.ts';
import {
  parseRecord,
  predictionIdPattern,
  predictionReceiptRecord,
  type ReceiptRecord,
} from '../../foundation/records/index.ts';
import { createPredictionId, readIdTime } from './prediction-id.ts';
import type {
  JournalListener,
  JournalOptions,
  NewReceipt,
  PredictionJournal,
  PredictionStore,
} from './prediction-store.ts';
import { scanReceipts } from './receipt-scan.ts';
import { findLine, listSegments } from './segment.ts';

/** How a journal writes its files. */
export interface JournalFileOptions {
  /** Bytes from which a new segment is begun. Default 16 MiB, less where maxBytes is small. */
  readonly segmentBytes?: number;
  /** Longest time that a receipt waits in memory. Default 100. */
  readonly flushMs?: number;
  /** Time after which a write that the disk refused is tried again. Default 1000. */
  readonly retryMs?: number;
  readonly openSegment?: OpenSegment;
}

const SEGMENT_BYTES = 16 * 1024 * 1024;
const FLUSH_MS = 100;
const RETRY_MS = 1000;
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
    scan: (filter) => scanReceipts(folder, filter),
    openJournal: (options) => new FilePredictionJournal(folder, clock, { ...options, ...files }),
  };
}

class FilePredictionJournal implements PredictionJournal {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #options: JournalOptions;
  readonly #segmentBytes: number;
  readonly #flushMs: number;
  readonly #retryMs: number;
  readonly #openSegment: OpenSegment;
  #waiting = new Map<string, string>();
  #waitingChars = 0;
  /** Lines that are being written, or that the disk refused: not yet found in a file. */
  #underWay: ReadonlyMap<string, string> = new Map();
  #refusal: string | null = null;
  #segment: { readonly path: string; bytes: number } | undefined;
  #lastMs = 0;
  #prunedMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #listener: JournalListener = { onLost: () => {}, onRefused: () => {}, onRecovered: () => {} };

  constructor(folder: string, clock: Clock, options: JournalOptions & JournalFileOptions) {
    this.#folder = folder;
    this.#clock = clock;
    this.#options = options;
    this.#segmentBytes = Math.min(options.segmentBytes ?? SEGMENT_BYTES, Math.ceil(options.maxBytes / 4));
    this.#flushMs = options.flushMs ?? FLUSH_MS;
    this.#retryMs = options.retryMs ?? RETRY_MS;
    this.#openSegment = options.openSegment ?? openSegment;
  }

  add({ article, ...receipt }: NewReceipt): string | null {
    if (this.#refusal !== null) return this.#lose(this.#refusal);
    this.#lastMs = Math.max(this.#lastMs, Date.parse(this.#clock.nowIso())); // ids of a segment never go back in time
    const id = createPredictionId(this.#lastMs);
    const line = JSON.stringify({
      id, // first: a search compares it
      schemaVersion: 2,
      createdAt: new Date(this.#lastMs).toISOString(),
      ...receipt,
      ...(this.#options.keepText ? { article } : {}),
    } satisfies ReceiptRecord);
    if (this.#waitingChars + line.length > MAX_WAITING_CHARS) return this.#lose('SLOW');
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

  watch(listener: JournalListener): void {
    this.#listener = listener;
  }

  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.flush();
    clearTimeout(this.#timer);
    const lost = this.#underWay.size + this.#waiting.size;
    if (lost > 0) this.#listener.onLost(lost, this.#refusal ?? 'SLOW');
  }

  #lose(reason: string): null {
    this.#listener.onLost(1, reason);
    return null;
  }

  async #write(): Promise<void> {
    this.#timer = undefined;
    const lines = new Map([...this.#underWay, ...this.#waiting]);
    if (lines.size === 0) return;
    this.#underWay = lines;
    this.#waiting = new Map();
    this.#waitingChars = 0;
    try {
      await this.#append(lines);
    } catch (error) {
      const reason = systemCodeOf(error) ?? 'unknown';
      this.#refusal = reason;
      this.#listener.onRefused(reason, lines.size);
      this.#timer ??= setTimeout(() => void this.flush(), this.#retryMs).unref();
      return;
    }
    this.#underWay = new Map();
    if (this.#refusal === null) return;
    this.#refusal = null;
    this.#listener.onRecovered();
  }

  async #append(lines: ReadonlyMap<string, string>): Promise<void> {
    const text = `${[...lines.values()].join('\n')}\n`;
    makeFolder(this.#folder);
    if (this.#segment === undefined || this.#segment.bytes >= this.#segmentBytes) {
      const [firstId = ''] = lines.keys();
      const name = `${firstId.slice(0, 9)}-${randomBytes(4).toString('hex')}.jsonl`;
      this.#segment = { path: join(this.#folder, name), bytes: 0 };
      this.#prunedMs = Number.NEGATIVE_INFINITY;
    }
    await this.#appendWhole(this.#segment, Buffer.from(text));
    await this.#pruneSometimes(this.#segment.path).catch(() => {}); // the receipts are written; it is tried again later
  }

  /** Appends all of the bytes or none: what a full disk took of them is cut off again; no empty file stays. */
  async #appendWhole(segment: { readonly path: string; bytes: number }, bytes: Buffer): Promise<void> {
    const file = await this.#openSegment(segment.path);
    try {
      await file.appendFile(bytes);
      segment.bytes += bytes.length;
    } catch (error) {
      await file.truncate(segment.bytes).catch(() => {
        this.#segment = undefined; // a torn line stays the last of its segment
      });
      if (segment.bytes === 0) await rm(segment.path, { force: true }).catch(() => {});
      throw error;
    } finally {
      await file.close().catch(() => {});
    }
  }

  async #pruneSometimes(current: string): Promise<void> {
    const nowMs = Date.parse(this.#clock.nowIso());
    if (nowMs - this.#prunedMs < PRUNE_EVERY_MS) return;
    this.#prunedMs = nowMs;
    const { maxBytes, maxDays } = this.#options;
    await pruneSegments(this.#folder, { maxBytes, maxDays, nowMs, current, room: this.#segmentBytes });
  }
}

/** Opens a file to append to. */
export type OpenSegment = (path: string) => Promise<Pick<FileHandle, 'appendFile' | 'truncate' | 'close'>>;
const openSegment: OpenSegment = (path) => open(path, 'a', 0o600);

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
