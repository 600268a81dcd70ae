// Reads what the exporters wrote: the scalars of event files, and the records of a log of wandb.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { readFields } from '../../src/engine/graph/wire-fields.ts';

export interface ReadScalar {
  readonly tag: string;
  readonly step: number;
  readonly value: number;
}

export interface ReadLog {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly exitCodes: readonly number[];
  readonly tags: readonly string[];
}

const textOf = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();

/** The fields of a message with this number. */
function fieldsOf(message: Uint8Array, field: number): Uint8Array[] {
  return [...readFields(message)].flatMap((found) =>
    found.field === field && found.bytes !== null ? [found.bytes] : [],
  );
}

function intOf(message: Uint8Array, field: number): number {
  return Number([...readFields(message)].find((found) => found.field === field)?.int ?? 0);
}

/** All scalars of the only event file below `folder`. */
export function readScalars(folder: string): ReadScalar[] {
  const bytes = readFileSync(findFile(folder, '.tfevents.'));
  const scalars: ReadScalar[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const sizeBytes = Number(bytes.readBigUInt64LE(at));
    const event = bytes.subarray(at + 12, at + 12 + sizeBytes);
    at += sizeBytes + 16;
    for (const value of fieldsOf(event, 5).flatMap((summary) => fieldsOf(summary, 1))) {
      const simple = fieldsOf(value, 2)[0];
      if (simple !== undefined)
        scalars.push({
          tag: textOf(fieldsOf(value, 1)[0]),
          step: intOf(event, 2),
          value: Buffer.from(simple).readFloatLE(),
        });
    }
  }
  return scalars;
}

/** The rows, exit codes and last tags of the only log below `folder`. */
export function readLog(folder: string): ReadLog {
  const records = unframe(readFileSync(findFile(folder, '.wandb')));
  const rows = records.flatMap((record) => fieldsOf(record, 2)).map(parseItems);
  return {
    rows,
    exitCodes: records.flatMap((record) => fieldsOf(record, 18)).map((exit) => intOf(exit, 1)),
    tags: fieldsOf(records.flatMap((record) => fieldsOf(record, 17)).at(-1) ?? new Uint8Array(), 10).map(
      textOf,
    ),
  };
}

function parseItems(message: Uint8Array): Record<string, unknown> {
  return Object.fromEntries(
    fieldsOf(message, 1).map((item) => {
      const json = textOf(fieldsOf(item, 16)[0]);
      return [
        textOf(fieldsOf(item, 1)[0]),
        /^(NaN|-?Infinity)$/.test(json) ? Number(json) : JSON.parse(json),
      ];
    }),
  );
}

function unframe(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  let parts: Buffer[] = [];
  for (let at = 7; at + 7 <= bytes.byteLength; ) {
    const room = 32768 - (at % 32768);
    if (room < 7) {
      at += room;
      continue;
    }
    const length = bytes.readUInt16LE(at + 4);
    const chunk = bytes.subarray(at + 6, at + 7 + length);
    if (crc32(chunk) !== bytes.readUInt32LE(at)) throw new Error(`wrong checksum at ${at}`);
    parts.push(chunk.subarray(1));
    at += 7 + length;
    if (chunk[0] === 1 || chunk[0] === 4) {
      records.push(Buffer.concat(parts));
      parts = [];
    }
  }
  return records;
}

function findFile(folder: string, part: string): string {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.includes(part),
  );
  const [name] = found;
  if (name === undefined || found.length > 1)
    throw new Error(`${found.length} files with ${part} in ${folder}`);
  return join(folder, name);
}
