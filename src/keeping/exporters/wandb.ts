// Exports a run to Weights & Biases: an offline folder that `wandb sync` sends. It holds one log of messages: the run with
// its configuration, one row per step, the summary, and how the run ended. A run that goes on or was killed has no end:
// wandb shows it as crashed until a later export adds one.
// Messages: wandb/proto/wandb_internal.proto of wandb 0.31.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { hashSha256 } from '../../foundation/core/index.ts';
import { MessageWriter } from '../../foundation/protobuf/index.ts';
import type { ExportChanges, ExportedRun, ExportTarget } from './export-target.ts';
import { hasBytes, writeFrom } from './growing-file.ts';
import { frameLogRecord, WANDB_FILE_HEADER } from './leveldb-log.ts';

/** Exit codes as wandb records them: 255 after an interrupt. */
const EXIT_CODES: Readonly<Record<ExportedRun['status'], number | null>> = {
  running: null,
  interrupted: null,
  finished: 0,
  failed: 1,
  stopped: 255,
};
// Fields of a record.
const HISTORY = 2;
const SUMMARY = 3;
const RUN = 17;
const EXIT = 18;
const HEADER = 21;

export interface WandbOptions {
  /** Every run becomes a folder in it. */
  readonly folder: string;
  readonly project: string;
}

/** Names with their values as JSON. */
type JsonItems = Readonly<Record<string, string>>;

export function createWandbTarget({ folder, project }: WandbOptions): ExportTarget {
  const pathOf = (file: unknown): string => join(folder, String(file));
  return {
    find: async () => null,
    // The rows of a log must have increasing steps.
    continues: async ({ file, sizeBytes, lastStep }, changes) =>
      hasBytes(pathOf(file), Number(sizeBytes)) &&
      collectRows(changes).every(({ step }) => step > Number(lastStep)),
    send: async (changes, state) => {
      const { run } = changes;
      const file = String(state?.file ?? nameFile(run));
      const log = new WandbLog(Number(state?.sizeBytes ?? 0), Number(state?.records ?? 0));
      const facts = buildRun(changes, project);
      const factsDigest = hashSha256(Buffer.concat(facts.chunks()));
      const rows = collectRows(changes);
      if (state === null) log.append(HEADER, buildHeader(run));
      if (factsDigest !== state?.factsDigest) log.append(RUN, facts);
      for (const row of rows) log.append(HISTORY, buildRow(row, run));
      const summary = { ...(state?.summary as JsonItems | undefined), ...summarize(changes) };
      const { sizeBytes, records } = log;
      // Behind the size that is recorded: the next export writes it anew.
      log.append(SUMMARY, buildItems(summary));
      const exitCode = EXIT_CODES[run.status];
      if (exitCode !== null) log.append(EXIT, buildExit(run, exitCode));
      writeFrom(pathOf(file), Number(state?.sizeBytes ?? 0), log.parts);
      rmSync(`${pathOf(file)}.synced`, { force: true }); // the mark by which `wandb sync` passes over a run
      return {
        file,
        sizeBytes,
        records,
        lastStep: rows.at(-1)?.step ?? state?.lastStep ?? -1,
        factsDigest,
        summary,
      };
    },
  };
}

/** The new end of a log: records, each in its frame. */
class WandbLog {
  readonly parts: Uint8Array[] = [];
  sizeBytes: number;
  /** Records are numbered from 1. */
  records: number;

  constructor(sizeBytes: number, records: number) {
    this.sizeBytes = sizeBytes;
    this.records = records;
    if (sizeBytes === 0) this.#push(WANDB_FILE_HEADER);
  }

  append(field: number, message: MessageWriter): void {
    const record = new MessageWriter().int(1, ++this.records).message(field, message);
    this.#push(frameLogRecord(Buffer.concat(record.chunks()), this.sizeBytes));
  }

  #push(bytes: Uint8Array): void {
    this.parts.push(bytes);
    this.sizeBytes += bytes.byteLength;
  }
}

/** offline-run-YYYYMMDD_HHMMSS-ID/run-ID.wandb: by this name wandb tells offline runs from others, and their age. */
function nameFile(run: ExportedRun): string {
  const [date, time] = new Date(run.startedMs).toISOString().slice(0, 19).replace(/[-:]/g, '').split('T');
  return `offline-run-${date}_${time}-${idOf(run)}/run-${idOf(run)}.wandb`;
}

/** The id at wandb: ours without `run-` and dashes, which separate the parts of a folder's name there. */
function idOf({ id }: ExportedRun): string {
  return id.replace(/^run-/, '').replaceAll('-', '');
}

/** What was measured at one step. */
interface Row {
  readonly step: number;
  readonly timeMs: number;
  readonly items: JsonItems;
}

/** All that is new, by ascending step. */
function collectRows({ series, texts, histograms }: ExportChanges): Row[] {
  const rows = new Map<number, { step: number; timeMs: number; items: Record<string, string> }>();
  const add = (at: { step: number; timeMs: number }, name: string, json: string): void => {
    const row = rows.get(at.step) ?? { step: at.step, timeMs: at.timeMs, items: {} };
    row.timeMs = Math.max(row.timeMs, at.timeMs);
    row.items[name] = json;
    rows.set(at.step, row);
  };
  for (const { name, points } of series)
    for (const point of points) add(point, name, formatNumber(point.value));
  for (const text of texts) add(text, text.name, JSON.stringify(text.text));
  for (const histogram of histograms) {
    const { name, edges, counts } = histogram;
    add(histogram, name, JSON.stringify({ _type: 'histogram', bins: edges, values: counts }));
  }
  return [...rows.values()].sort((a, b) => a.step - b.step);
}

/** The last value of every metric. */
function summarize({ series }: ExportChanges): JsonItems {
  return Object.fromEntries(series.map(({ name, points }) => [name, formatNumber(points.at(-1)!.value)]));
}

/** wandb reads NaN and infinities as Python writes them in JSON. */
function formatNumber(value: number): string {
  return Number.isFinite(value) ? JSON.stringify(value) : String(value);
}

/** Fields 1 and 16 of an item are its key and its value as JSON; it is field 1 of rows, summaries and configurations. */
function buildItems(items: JsonItems): MessageWriter {
  const message = new MessageWriter();
  for (const [key, json] of Object.entries(items))
    message.message(1, new MessageWriter().string(1, key).string(16, json));
  return message;
}

function buildRow({ step, timeMs, items }: Row, { startedMs }: ExportedRun): MessageWriter {
  const seconds = { _timestamp: `${timeMs / 1000}`, _runtime: `${(timeMs - startedMs) / 1000}` };
  return buildItems({ _step: `${step}`, ...seconds, ...items }).message(2, new MessageWriter().int(1, step));
}

function buildHeader({ producer }: ExportedRun): MessageWriter {
  return new MessageWriter().message(1, new MessageWriter().string(1, producer).string(2, '0.12.0'));
}

function buildRun({ run, artifacts }: ExportChanges, project: string): MessageWriter {
  const config = {
    ...run.parameters,
    ...run.changed,
    dataset_version: run.datasetVersion,
    parents: run.parents,
    ...(run.modelVersion === null ? {} : { model_version: run.modelVersion }),
    ...(artifacts.length === 0
      ? {}
      : { artifacts: Object.fromEntries(artifacts.map(({ name, digest }) => [name, digest])) }),
  };
  const items = Object.entries(config).map(([key, value]) => [key, JSON.stringify(value)]);
  const message = new MessageWriter()
    .string(1, idOf(run))
    .string(3, project)
    .message(4, buildItems(Object.fromEntries(items)))
    .string(8, run.id);
  if (run.note !== null) message.string(9, run.note);
  for (const tag of run.tags) message.string(10, tag);
  const nanos = (run.startedMs % 1000) * 1e6;
  message.message(17, new MessageWriter().int(1, Math.floor(run.startedMs / 1000)).int(2, nanos));
  if (run.commit !== null) message.message(21, new MessageWriter().string(2, run.commit));
  return message;
}

function buildExit({ startedMs, endedMs }: ExportedRun, exitCode: number): MessageWriter {
  const seconds = Math.max(0, Math.round(((endedMs ?? startedMs) - startedMs) / 1000));
  return new MessageWriter().int(1, exitCode).int(2, seconds);
}
