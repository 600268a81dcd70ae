// Uploads a file to Google Cloud Storage: a small one in one request, a large one in a resumable session. The address of a
// session is noted in a local file, readable for its owner only; after a kill the next upload goes on with it.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Bucket, File } from '@google-cloud/storage';
import { appError, hashSha256, isAppError, makeFolder } from '../../foundation/core/index.ts';
import { gcsStatusOf } from './gcs-errors.ts';
import { fillBuffer, openFile } from './object-source.ts';
import { leavePartialFile, takePartialFile } from './partial-file.ts';
import type { ObjectSource, ObjectWriteOptions } from './remote.ts';

/** Also the largest file that is sent in one request. A multiple of 256 KiB, as the service wants it. */
export const GCS_PART_BYTES = 8 * 1024 * 1024;

/** So often a part is sent without any progress. */
const MAX_IDLE = 5;

export interface GcsTarget {
  readonly url: string;
  readonly bucket: Bucket;
  /** The whole key in the bucket. */
  readonly key: string;
  readonly source: ObjectSource;
  readonly options: ObjectWriteOptions;
  readonly uploadsFolder: string | undefined;
  /**
   * False for other servers than Google's: one that gets bytes which it has already may append them once more. An upload that
   * was killed while it sent a part then begins anew.
   */
  readonly ignoresRepeats: boolean;
}

/** @returns 'exists', or the md5 that the server has computed, as hex digits; null if it says none */
export async function uploadToGcs(target: GcsTarget): Promise<'exists' | { readonly md5: string | null }> {
  const { source } = target;
  try {
    const file = target.bucket.file(target.key);
    if (source.sizeBytes <= GCS_PART_BYTES) await sendWhole(file, target);
    else await sendInSession(file, target);
    return { md5: md5FromBase64(file.metadata.md5Hash) };
  } catch (error) {
    if (gcsStatusOf(error) === 412) return 'exists';
    throw error;
  }
}

/** The service has md5 in base64. */
export function md5FromBase64(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : Buffer.from(text, 'base64').toString('hex');
}

async function sendWhole(file: File, target: GcsTarget): Promise<void> {
  const { source, options } = target;
  const bytes = Buffer.alloc(source.sizeBytes);
  const local = await openFile(source.path);
  try {
    const { size } = await local.stat();
    if (size !== source.sizeBytes) throw changed(source, `${source.sizeBytes} bytes`, `${size}`);
    await fillBuffer(local, bytes, 0);
  } finally {
    await local.close();
  }
  const md5 = createHash('md5').update(bytes).digest('hex');
  if (md5 !== source.md5) throw changed(source, `md5 ${source.md5}`, `md5 ${md5}`);
  await file.save(bytes, { ...writeSettings(target), resumable: false });
  options.onBytes?.(bytes.length);
}

/**
 * Sends part after part; the last one only when the md5 of all is right, for without it nothing is written. After each, the note
 * says how far the server is: what was sent since then is sent once more, and the server ignores what it has.
 */
async function sendInSession(file: File, target: GcsTarget): Promise<void> {
  const { source, options } = target;
  const session = await openSession(file, target);
  const hash = createHash('md5');
  const buffer = Buffer.allocUnsafe(GCS_PART_BYTES);
  const local = await openFile(source.path);
  try {
    let hashed = 0;
    let present = session.sentBytes;
    let furthest = present;
    let idle = 0;
    for (let at = 0; at < source.sizeBytes; ) {
      options.signal?.throwIfAborted();
      const wanted = Math.min(GCS_PART_BYTES, source.sizeBytes - at);
      const part = buffer.subarray(0, await fillBuffer(local, buffer.subarray(0, wanted), at));
      const end = at + part.length;
      if (part.length < wanted) throw changed(source, `${source.sizeBytes} bytes`, `${end}`);
      const isLast = end === source.sizeBytes;
      if (end > hashed) {
        hash.update(part.subarray(hashed - at));
        hashed = end;
        if (isLast) assertWhole(source, hash.digest('hex'));
      }
      if (end > present) {
        // The server may have taken a part of it, or have lost more.
        present = await sendPart(file, target, session, { part, at, isLast });
        idle = present > furthest ? 0 : idle + 1;
        furthest = Math.max(furthest, present);
        const reason = 'it keeps nothing of what is sent';
        if (idle >= MAX_IDLE) throw appError('REMOTE_UNREACHABLE', { url: target.url, reason });
      }
      const reached = Math.min(end, present);
      options.onBytes?.(reached - at);
      at = reached;
    }
    session.forget();
  } catch (error) {
    if (isAppError(error) && error.code === 'REMOTE_OBJECT_CORRUPT') session.forget();
    throw error;
  } finally {
    session.leave();
    await local.close();
  }
}

interface SessionPart {
  readonly part: Buffer;
  readonly at: number;
  readonly isLast: boolean;
}

/** @returns how many bytes of the file the server has now */
async function sendPart(
  file: File,
  target: GcsTarget,
  session: Session,
  { part, at, isLast }: SessionPart,
): Promise<number> {
  const { options, url } = target;
  const stream = file.createWriteStream({
    ...writeSettings(target),
    resumable: true,
    uri: session.address,
    offset: at,
    chunkSize: GCS_PART_BYTES,
    isPartialUpload: !isLast,
  });
  session.note(at, 'sending');
  let reached = at + part.length;
  stream.on('response', ({ status, headers }: { status?: number; headers?: { range?: string } }) => {
    const [, last] = /-(\d+)$/.exec(headers?.range ?? '') ?? [];
    if (status === 308) reached = last === undefined ? 0 : Math.min(reached, Number(last) + 1);
  });
  try {
    await pipeline(Readable.from([part]), stream, {
      ...(options.signal !== undefined && { signal: options.signal }),
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    const status = gcsStatusOf(error);
    if (status === 412) session.forget();
    if (status === 308) {
      // The last part was not taken, or only the beginning of it.
      if (reached === at + part.length) reached = at;
      session.note(reached, 'waiting');
      return reached;
    }
    if (status !== 404 && status !== 410 && !(error instanceof RangeError)) throw error;
    session.forget(); // it has ended: after a week, or because another has used it
    const reason = 'the interrupted upload can no longer be continued';
    throw appError('REMOTE_UNREACHABLE', { url, reason }, { cause: error });
  }
  session.note(reached, 'waiting');
  return reached;
}

function assertWhole(source: ObjectSource, md5: string): void {
  if (md5 !== source.md5) throw changed(source, `md5 ${source.md5}`, `md5 ${md5}`);
}

function writeSettings({ source, options }: GcsTarget) {
  return {
    metadata: {
      md5Hash: Buffer.from(source.md5, 'hex').toString('base64'), // the service refuses other bytes
      contentType: 'application/octet-stream',
      contentLength: source.sizeBytes,
    },
    ...(options.replaces !== true && { preconditionOpts: { ifGenerationMatch: 0 } }),
    validation: false,
  };
}

interface Session {
  readonly address: string;
  /** What the server had when the session was last noted. */
  readonly sentBytes: number;
  note(sentBytes: number, state: 'sending' | 'waiting'): void;
  /** It is over. */
  forget(): void;
  /** Another upload may go on with it, unless it was forgotten. */
  leave(): void;
}

/** The session that an earlier upload has noted, or a new one. Only one process has it at a time. */
async function openSession(file: File, target: GcsTarget): Promise<Session> {
  const { uploadsFolder, source, url, key, options } = target;
  const create = async (): Promise<string> => {
    const [address] = await file.createResumableUpload({ ...writeSettings(target) });
    return address;
  };
  if (uploadsFolder === undefined || options.replaces === true)
    return { address: await create(), sentBytes: 0, note: () => {}, forget: () => {}, leave: () => {} };
  makeFolder(uploadsFolder);
  const id = hashSha256(`${url}\n${key}\n${source.md5}`).slice(0, 32);
  const { path } = takePartialFile(join(uploadsFolder, id));
  // One write of one line: after a kill it has the old content or the new, or is not understood and begins anew.
  const write = (address: string, sentBytes: number, state: 'sending' | 'waiting'): void =>
    writeFileSync(path, `${address} ${String(sentBytes).padStart(15, '0')} ${state}\n`, { mode: 0o600 });
  try {
    const earlier = readNote(path, target.ignoresRepeats);
    const address = earlier?.address ?? (await create());
    const sentBytes = earlier?.sentBytes ?? 0;
    write(address, sentBytes, 'waiting');
    return {
      address,
      sentBytes,
      note: (sent, state) => write(address, sent, state),
      forget: () => rmSync(path, { force: true }),
      leave: () => leavePartialFile(path),
    };
  } catch (error) {
    leavePartialFile(path);
    throw error;
  }
}

/** Null if there is none that can be continued. */
function readNote(
  path: string,
  ignoresRepeats: boolean,
): { readonly address: string; readonly sentBytes: number } | null {
  if (!existsSync(path)) return null;
  const [, address, sentBytes, state] =
    /^(https?:\S+) (\d{15}) (sending|waiting)\n$/.exec(readFileSync(path, 'utf8')) ?? [];
  if (address === undefined || (state === 'sending' && !ignoresRepeats)) return null;
  return { address, sentBytes: Number(sentBytes) };
}

function changed({ path }: ObjectSource, expected: string, got: string): Error {
  return appError('REMOTE_OBJECT_CORRUPT', { name: path, expected, got });
}
