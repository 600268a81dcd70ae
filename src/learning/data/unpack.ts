// Opens a data file of any kind: text, Parquet, and gzip or zip of these, one in another too. What is compressed is recognised by
// its first bytes, whatever the file is called, and unpacked as a stream; only Parquet and zip inside of a stream need a temporary
// file, because their directory stands at the end.
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { appError, formatNames, isAppError } from '../../foundation/core/index.ts';
import { createScratchWriter } from './scratch-file.ts';
import type { UnpackBudget } from './unpack-budget.ts';
import { isBomb, openZip, refuseBomb, type ZipMember } from './zip-members.ts';

const CHUNK_BYTES = 1 << 20;
/** gzip of gzip happens by mistake; more is no accident. */
const MAX_LAYERS = 4;

export type Packing = 'gzip' | 'zip';

/** Where the bytes come from. */
export type RawInput = { readonly path: string } | { readonly stream: AsyncIterable<Buffer> };

/** One table: the file, or one file in it. */
export interface InputPart {
  /** Its path in a zip archive; null outside of one. */
  readonly member: string | null;
  /** What was unpacked, the outermost first. */
  readonly unpacked: readonly Packing[];
  /** Members of the archive that are no data; only the first part has them. */
  readonly leftOut: readonly string[];
  readonly content:
    | { readonly kind: 'text'; readonly chunks: AsyncIterable<Buffer> }
    | { readonly kind: 'parquet'; readonly path: string };
}

export interface UnpackRequest {
  /** In messages. */
  readonly path: string;
  /** Of what comes out of archives, beside the proportion to their size. */
  readonly budget: UnpackBudget;
  /** Receives the number of bytes of the input that are read, as they are read. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * The parts of an input, one after the other: each has to be read before the next is asked for.
 * @throws DATA_FILE_INVALID, DISK_FULL, and what the stream throws
 */
export async function* openParts(input: RawInput, request: UnpackRequest): AsyncGenerator<InputPart> {
  const { path } = request;
  const isFile = 'path' in input;
  const source = isFile ? createReadStream(input.path, { highWaterMark: CHUNK_BYTES }) : input.stream;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      request.onBytes(chunk.byteLength);
      yield chunk;
    }
  }
  const place = { path, member: null, unpacked: [], leftOut: [], file: isFile ? input.path : null };
  yield* openLayer(counted(), place, request);
}

interface Place extends Pick<InputPart, 'member' | 'unpacked' | 'leftOut'> {
  readonly path: string;
  /** The file on disk that holds exactly these bytes; null: there is none. */
  readonly file: string | null;
}

async function* openLayer(
  bytes: AsyncGenerator<Buffer>,
  place: Place,
  request: UnpackRequest,
): AsyncGenerator<InputPart> {
  const { path, unpacked } = place;
  const { kind, chunks } = await recognise(bytes);
  try {
    const about = { member: place.member, unpacked, leftOut: place.leftOut };
    if (kind === 'text') yield { ...about, content: { kind, chunks } };
    else if (kind === 'gzip') {
      if (unpacked.length === MAX_LAYERS) throw tooDeep(path);
      const inner = { ...place, unpacked: [...unpacked, 'gzip' as const], file: null };
      yield* openLayer(gunzip(chunks, path, request.budget), inner, request);
    } else
      yield* withFile(place.file, chunks, async function* (file) {
        if (kind === 'parquet') yield { ...about, content: { kind, path: file } };
        else yield* openArchive(file, place, request);
      });
  } finally {
    await chunks.return(undefined);
  }
}

async function* openArchive(file: string, place: Place, request: UnpackRequest): AsyncGenerator<InputPart> {
  const { path, unpacked } = place;
  if (unpacked.includes('zip')) throw tooDeep(path);
  const { members, close } = await openZip(file, path);
  try {
    const { chosen, leftOut } = chooseMembers(members, path);
    request.budget.assertRoom(chosen.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    for (const [i, member] of chosen.entries()) {
      const inner = {
        path: `${path}/${member.name}`,
        member: member.name,
        unpacked: [...unpacked, 'zip' as const],
        leftOut: i === 0 ? leftOut : [],
        file: null,
      };
      yield* openLayer(countBytes(member.open(), request.budget), inner, request);
    }
  } finally {
    close();
  }
}

async function* countBytes(chunks: AsyncGenerator<Buffer>, budget: UnpackBudget): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    budget.spend(chunk.byteLength);
    yield chunk;
  }
}

const DATA_NAMES = /\.(csv|tsv|tab|psv|jsonl|ndjson|json|parquet|pq)(\.gz)?$/i;
/** Names of JSON files that describe a dataset and hold no rows. */
const ABOUT_NAMES = /(^|\/)(dataset-metadata|datapackage|dataset_infos?|state|package|metadata)\.json$/i;

/** Whether a file of this name is taken for data among others. */
export function isDataName(name: string): boolean {
  return DATA_NAMES.test(name) && !ABOUT_NAMES.test(name);
}

/** The members that hold data by their names; a single member may have any name. @throws DATA_FILE_INVALID */
function chooseMembers(
  members: readonly ZipMember[],
  path: string,
): { readonly chosen: readonly ZipMember[]; readonly leftOut: readonly string[] } {
  const names = members.map(({ name }) => name);
  const expected = 'CSV, JSON Lines, JSON or Parquet files in the archive';
  if (names.includes('[Content_Types].xml') || names.includes('content.xml'))
    throw appError('DATA_FILE_INVALID', {
      path,
      expected,
      got: 'an Office document, such as a workbook (.xlsx, .ods)',
      remedy: 'Save it as CSV in UTF-8 with a header line (in Excel and LibreOffice: Save As).',
    });
  const chosen = members.length === 1 ? members : members.filter(({ name }) => isDataName(name));
  if (chosen.length > 0)
    return { chosen, leftOut: names.filter((name) => !chosen.some((member) => member.name === name)) };
  throw appError('DATA_FILE_INVALID', {
    path,
    expected,
    got: names.length === 0 ? 'an empty archive' : `only ${formatNames(names.slice(0, 5))}`,
    remedy: 'Unpack it and give the file inside.',
  });
}

type Kind = 'text' | 'parquet' | Packing;

/** The kind of the bytes by the first four of them, and all bytes. */
async function recognise(
  bytes: AsyncGenerator<Buffer>,
): Promise<{ readonly kind: Kind; readonly chunks: AsyncGenerator<Buffer> }> {
  let start: Buffer = Buffer.alloc(0);
  while (start.length < 4) {
    const next = await bytes.next();
    if (next.done === true) break;
    start = start.length === 0 ? next.value : Buffer.concat([start, next.value]);
  }
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      if (start.length > 0) yield start;
      yield* bytes;
    } finally {
      await bytes.return(undefined);
    }
  }
  const mark = start.toString('latin1', 0, 4);
  let kind: Kind = 'text';
  if (mark.startsWith('\x1f\x8b')) kind = 'gzip';
  else if (mark === 'PAR1' || mark === 'PARE') kind = 'parquet';
  else if (/^PK(\x03\x04|\x05\x06|\x07\x08)/.test(mark)) kind = 'zip';
  return { kind, chunks: chunks() };
}

/** @throws DATA_FILE_INVALID */
async function* gunzip(
  chunks: AsyncGenerator<Buffer>,
  path: string,
  budget: UnpackBudget,
): AsyncGenerator<Buffer> {
  let packedBytes = 0;
  let unpackedBytes = 0;
  async function* packed(): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      packedBytes += chunk.byteLength;
      yield chunk;
    }
  }
  const unpacker = createGunzip({ chunkSize: CHUNK_BYTES / 4 });
  const piped = pipeline(Readable.from(packed(), { objectMode: false }), unpacker);
  piped.catch(() => {}); // the unpacker throws the same error where it is read
  try {
    for await (const chunk of unpacker) {
      unpackedBytes += (chunk as Buffer).byteLength;
      if (isBomb(packedBytes, unpackedBytes)) throw refuseBomb(path, packedBytes, unpackedBytes);
      budget.spend((chunk as Buffer).byteLength);
      yield chunk as Buffer;
    }
    await piped;
  } catch (error) {
    throw asGzipError(error, path);
  } finally {
    unpacker.destroy();
  }
}

function asGzipError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (isAppError(error) || typeof code !== 'string' || !code.startsWith('Z_')) return error;
  return appError(
    'DATA_FILE_INVALID',
    {
      path,
      expected: 'a whole gzip file',
      got: code === 'Z_BUF_ERROR' ? 'one whose end is missing' : 'a damaged one',
      remedy: 'Download or copy it again; gzip -t FILE tests it.',
    },
    { cause: error },
  );
}

/** Runs `use` with a file on disk that holds the chunks; a temporary one is removed afterwards. @throws DISK_FULL */
async function* withFile<T>(
  file: string | null,
  chunks: AsyncGenerator<Buffer>,
  use: (file: string) => AsyncGenerator<T>,
): AsyncGenerator<T> {
  if (file !== null) {
    yield* use(file);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'veracity-data-'));
  try {
    const path = join(folder, 'file');
    const writer = createScratchWriter(path);
    for await (const chunk of chunks) writer.write(chunk);
    writer.close();
    yield* use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function tooDeep(path: string): Error {
  return appError('DATA_FILE_INVALID', {
    path,
    expected: 'a table in the archive',
    got: 'an archive in an archive',
    remedy: 'Unpack it and give the file inside.',
  });
}

/** The name of a data file without the ending of its compression. */
export function nameWithoutPacking(name: string): string {
  return ['.gz', '.gzip'].includes(extname(name).toLowerCase()) ? name.replace(/\.\w+$/, '') : name;
}
