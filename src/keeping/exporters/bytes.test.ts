// The bytes of the exporters, held against what TensorBoard's and wandb's own code makes of the same run.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExportChanges } from './export-target.ts';
import { frameLogRecord, WANDB_FILE_HEADER } from './leveldb-log.ts';
import { createTensorBoardTarget } from './tensorboard.ts';
import { crc32c } from './tfrecord.ts';
import { createWandbTarget } from './wandb.ts';

const reference = join(import.meta.dirname, '../../../test/exporters/reference');
const unpack = (text: string): Buffer => gunzipSync(Buffer.from(text, 'base64'));
const { tensorboard, wandb, log, logRecords } = JSON.parse(
  readFileSync(join(reference, 'expected.json'), 'utf8'),
) as { tensorboard: string; wandb: string[]; log: string; logRecords: string[] };
const changes = JSON.parse(readFileSync(join(reference, 'case.json'), 'utf8'), (key, value: unknown) =>
  key === 'value' && typeof value === 'string' ? Number(value) : value,
) as ExportChanges;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-export-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A log of these records. */
function frameAll(records: readonly Uint8Array[]): Buffer {
  let all: Buffer = Buffer.from(WANDB_FILE_HEADER);
  for (const record of records) all = Buffer.concat([all, frameLogRecord(record, all.byteLength)]);
  return all;
}

it('the checksum of TFRecord is CRC-32C (check value of the Castagnoli polynomial)', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});

it("the event file is the one that TensorBoard's writer makes", async () => {
  const { file } = await createTensorBoardTarget(folder).send(changes, null, null);
  expect(file).toBe('run-20260101-000000-abcd/events.out.tfevents.1767225600.veracity');
  expect(readFileSync(join(folder, String(file)))).toEqual(unpack(tensorboard));
});

describe('the offline folder of wandb', () => {
  it("holds the messages that wandb's classes make, in the folder that wandb looks for", async () => {
    const { file } = await createWandbTarget({ folder, project: 'veracity' }).send(changes, null, null);
    expect(file).toBe('offline-run-20260101_000000-20260101000000abcd/run-20260101000000abcd.wandb');
    expect(readFileSync(join(folder, String(file)))).toEqual(frameAll(wandb.map(unpack)));
  });

  it('frames records as wandb did, also those that are cut at the ends of blocks', () => {
    expect(frameAll(logRecords.map(unpack)).equals(unpack(log))).toBe(true);
  });
});
