// Exports a run to TensorBoard: one event file in a folder of its own, with scalars, texts, histograms and hyperparameters.
// Messages: tensorboard/compat/proto (event, summary, tensor) and tensorboard/plugins/hparams/plugin_data.proto of 2.21.
// The hyperparameters name no metrics: TensorBoard then shows all scalars.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { listFolder } from '../../foundation/core/index.ts';
import { MessageWriter } from '../../foundation/protobuf/index.ts';
import type { Histogram } from '../runs/index.ts';
import type { ExportChanges, ExportedRun, ExportedValue, ExportTarget } from './export-target.ts';
import { hasBytes, writeFrom } from './growing-file.ts';
import { frameRecord } from './tfrecord.ts';

// Types of a tensor.
const FLOAT = 1;
const DOUBLE = 2;
const STRING = 7;
// Classes of data: how the value of a tag is to be read.
const TENSOR = 2;
// How a session ended.
const SUCCESS = 1;
const FAILURE = 2;

/** @param folder  every run becomes a folder in it; `tensorboard --logdir FOLDER` shows them under the ids of the runs */
export function createTensorBoardTarget(folder: string): ExportTarget {
  const pathOf = (file: unknown): string => join(folder, String(file));
  return {
    find: async () => null,
    continues: async ({ file, sizeBytes }) => hasBytes(pathOf(file), Number(sizeBytes)),
    send: async (changes, state) => {
      const { run } = changes;
      const file =
        state?.file ?? `${run.id}/events.out.tfevents.${Math.floor(run.startedMs / 1000)}.veracity`;
      if (state === null) removeEventFiles(join(folder, run.id));
      const notes = formatNotes(changes);
      const events = [
        ...(state === null ? [buildVersion(run), buildSessionStart(run)] : []),
        ...Object.entries(notes)
          .filter(([name, text]) => text !== (state?.[name] ?? ''))
          .map(([name, text]) => buildSummary(run.startedMs, 0, buildText(name, text))),
        ...buildScalars(changes),
        ...changes.texts.map(({ name, text, step, timeMs }) =>
          buildSummary(timeMs, step, buildText(name, text)),
        ),
        ...changes.histograms.map((histogram) =>
          buildSummary(histogram.timeMs, histogram.step, buildHistogram(histogram.name, histogram)),
        ),
      ].map(toFrame);
      const before = Number(state?.sizeBytes ?? 0);
      writeFrom(pathOf(file), before, [...events, ...buildSessionEnd(run).map(toFrame)]);
      const sizeBytes = events.reduce((sum, { byteLength }) => sum + byteLength, before);
      return { file, sizeBytes, ...notes };
    },
  };
}

/** TensorBoard would show two event files of one run as one. */
function removeEventFiles(folder: string): void {
  for (const name of listFolder(folder)) if (name.includes('.tfevents.')) rmSync(join(folder, name));
}

function toFrame(event: MessageWriter): Uint8Array {
  return frameRecord(Buffer.concat(event.chunks()));
}

/** What people wrote about the run, and what it left, as Markdown. */
function formatNotes({
  run,
  artifacts,
}: ExportChanges): Record<'note' | 'tags' | 'origin' | 'artifacts', string> {
  const rows = artifacts.map(
    ({ name, kind, digest, sizeBytes }) => `| ${name} | ${kind} | ${digest} | ${sizeBytes} |`,
  );
  return {
    note: run.note ?? '',
    tags: run.tags.join(', '),
    origin: [...run.parents, ...(run.commit === null ? [] : [`commit ${run.commit}`])].join(', '),
    artifacts:
      rows.length === 0
        ? ''
        : ['| name | kind | digest | bytes |', '| --- | --- | --- | --- |', ...rows].join('\n'),
  };
}

function buildEvent(timeMs: number, step: number): MessageWriter {
  const event = new MessageWriter().double(1, timeMs / 1000);
  return step === 0 ? event : event.int(2, step); // 0 is what a reader takes for a missing field
}

/** The first event of every file; readers refuse a file without it. */
function buildVersion({ startedMs }: ExportedRun): MessageWriter {
  return buildEvent(startedMs, 0).string(3, 'brain.Event:2');
}

function buildSummary(timeMs: number, step: number, value: MessageWriter): MessageWriter {
  return buildEvent(timeMs, step).message(5, new MessageWriter().message(1, value));
}

function* buildScalars({ series }: ExportChanges): Generator<MessageWriter> {
  for (const { name, points } of series)
    for (const { step, timeMs, value } of points)
      yield buildSummary(timeMs, step, new MessageWriter().string(1, name).float(2, value));
}

/** The metadata of a tag: which plugin shows it. */
function buildMetadata(plugin: string, content: MessageWriter): MessageWriter {
  const data = new MessageWriter().string(1, plugin);
  const bytes = Buffer.concat(content.chunks());
  if (bytes.byteLength > 0) data.bytes(2, bytes);
  return new MessageWriter().message(1, data).int(4, TENSOR);
}

function buildShape(sizes: readonly number[]): MessageWriter {
  const shape = new MessageWriter();
  for (const size of sizes)
    shape.message(2, size === 0 ? new MessageWriter() : new MessageWriter().int(1, size));
  return shape;
}

function buildText(name: string, text: string): MessageWriter {
  const tensor = new MessageWriter().int(1, STRING).message(2, buildShape([])).string(8, text);
  return new MessageWriter()
    .string(1, `text/${name}`)
    .message(8, tensor)
    .message(9, buildMetadata('text', new MessageWriter()));
}

/** A tensor [buckets, 3] with the left edge, the right edge and the count of each bucket. */
function buildHistogram(name: string, { edges, counts }: Histogram): MessageWriter {
  const rows = counts.flatMap((count, i) => [edges[i] ?? 0, edges[i + 1] ?? 0, count]);
  const tensor = new MessageWriter()
    .int(1, DOUBLE)
    .message(2, buildShape([counts.length, 3]))
    .bytes(4, new Uint8Array(Float64Array.from(rows).buffer));
  return new MessageWriter()
    .string(1, `histogram/${name}`)
    .message(8, tensor)
    .message(9, buildMetadata('histograms', new MessageWriter()));
}

function buildSessionStart({ id, startedMs, parameters }: ExportedRun): MessageWriter {
  const info = new MessageWriter();
  for (const [name, value] of Object.entries(parameters))
    info.message(1, new MessageWriter().string(1, name).message(2, buildValue(value)));
  info.string(4, id).double(5, startedMs / 1000);
  return buildSummary(startedMs, 0, buildHyperparameters('session_start_info', 3, info));
}

/** google.protobuf.Value */
function buildValue(value: ExportedValue): MessageWriter {
  if (typeof value === 'number') return new MessageWriter().double(2, value);
  if (typeof value === 'string') return new MessageWriter().string(3, value);
  return new MessageWriter().int(4, Number(value));
}

/** Nothing while the run goes on; rewritten by the next export where a stopped run is resumed. */
function buildSessionEnd({ status, endedMs }: ExportedRun): MessageWriter[] {
  if (endedMs === null) return [];
  const info = new MessageWriter()
    .int(1, status === 'finished' ? SUCCESS : FAILURE)
    .double(2, endedMs / 1000);
  return [buildSummary(endedMs, 0, buildHyperparameters('session_end_info', 4, info))];
}

/** The value is in the metadata; readers drop a tag without a tensor, so there is an empty one. */
function buildHyperparameters(name: string, field: number, info: MessageWriter): MessageWriter {
  return new MessageWriter()
    .string(1, `_hparams_/${name}`)
    .message(8, new MessageWriter().int(1, FLOAT).message(2, buildShape([0])))
    .message(9, buildMetadata('hparams', new MessageWriter().message(field, info)));
}
