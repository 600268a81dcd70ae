// Uploads a file to S3: a small one in one request, a large one in parts. The parts of an interrupted upload stay at the
// server, and the next upload of the same key continues it, also one of another machine: the part size follows from the size
// of the file, and a part is taken over only if its md5 is that of the same part of the file.
import { createHash } from 'node:crypto';
import type * as S3 from '@aws-sdk/client-s3';
import { appError, isAppError } from '../../foundation/core/index.ts';
import { fillBuffer, openFile } from './object-source.ts';
import type { PartBuffers } from './part-buffers.ts';
import type { ObjectSource, ObjectWriteOptions } from './remote.ts';
import { s3CodeOf, s3StatusOf } from './s3-errors.ts';

/** Also the largest file that is sent in one request. */
export const PART_BYTES = 8 * 1024 * 1024;
/** S3 takes no more. */
const MAX_PARTS = 10_000;

export interface S3Place {
  readonly url: string;
  readonly client: S3.S3Client;
  readonly commands: typeof S3;
  readonly bucket: string;
  readonly buffers: PartBuffers;
  /** False once the server has said that it does not know If-None-Match. */
  knowsConditions: boolean;
}

/** Where an upload goes: the whole key in the bucket. */
export interface S3Target {
  readonly key: string;
  readonly source: ObjectSource;
  readonly options: ObjectWriteOptions;
}

interface UploadedPart {
  readonly PartNumber: number;
  readonly ETag: string;
}

/** An upload in parts that is not completed. */
interface OpenUpload {
  readonly uploadId: string;
  /** Those that the server has, by number. */
  readonly parts: ReadonlyMap<number, { readonly etag: string; readonly sizeBytes: number }>;
}

export type UploadOutcome = 'exists' | { readonly etag: string | undefined; readonly expectedEtag: string };

/** Sends a file that fits into one part. */
export async function uploadWhole(
  place: S3Place,
  { key, source, options }: S3Target,
): Promise<UploadOutcome> {
  const { client, commands, bucket, buffers } = place;
  const buffer = await buffers.take(PART_BYTES);
  try {
    const body = buffer.subarray(0, await readExactly(source, buffer));
    const md5 = createHash('md5').update(body).digest();
    if (md5.toString('hex') !== source.md5)
      throw changed(source, `md5 ${source.md5}`, `md5 ${md5.toString('hex')}`);
    return await sendOnce(place, options, async (condition) => {
      const command = new commands.PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentMD5: md5.toString('base64'),
        ...condition,
      });
      const { ETag } = await client.send(command, sendOptions(options));
      options.onBytes?.(body.length);
      return { etag: ETag, expectedEtag: source.md5 };
    });
  } finally {
    buffers.release(buffer);
  }
}

/**
 * Sends a larger file, or what is missing of it at the server. Another process may take part in the same upload and complete it;
 * only an upload that began here is ever aborted here.
 */
export async function uploadInParts(place: S3Place, target: S3Target): Promise<UploadOutcome> {
  const { options } = target;
  let sent = 0;
  const onBytes = (bytes: number): void => {
    sent += bytes;
    options.onBytes?.(bytes);
  };
  const counted = { ...target, options: { ...options, onBytes } };
  let found = await findUpload(place, target);
  for (let isSecond = false; ; isSecond = true) {
    const upload = found ?? { uploadId: await createUpload(place, target), parts: new Map() };
    const abortOwn = async (): Promise<void> => {
      if (found === null) await abortUpload(place, target, upload.uploadId);
    };
    try {
      const outcome = await finishUpload(place, counted, upload);
      if (outcome === 'exists') await abortOwn();
      return outcome;
    } catch (error) {
      const isCorrupt = isAppError(error) && error.code === 'REMOTE_OBJECT_CORRUPT';
      if (isCorrupt || isUploadGone(error)) await abortOwn();
      if (!isUploadGone(error)) throw error;
      if (options.replaces !== true && (await isThere(place, target))) return 'exists';
      onBytes(-sent);
      const reason = 'the upload was removed by another';
      if (isSecond) throw appError('REMOTE_UNREACHABLE', { url: place.url, reason }, { cause: error });
      found = null;
    }
  }
}

async function finishUpload(
  place: S3Place,
  target: S3Target,
  { uploadId, parts: present }: OpenUpload,
): Promise<UploadOutcome> {
  const { client, commands, bucket } = place;
  const { key, options } = target;
  const parts = await sendParts(place, target, uploadId, present);
  return sendOnce(place, options, async (condition) => {
    const command = new commands.CompleteMultipartUploadCommand({
      Bucket: bucket,
      Key: key,
      UploadId: uploadId,
      MultipartUpload: { Parts: parts },
      ...condition,
    });
    const { ETag } = await client.send(command, sendOptions(options));
    const digests = parts.map((part) => Buffer.from(part.ETag.replaceAll('"', ''), 'hex'));
    const expected = createHash('md5').update(Buffer.concat(digests)).digest('hex');
    return { etag: ETag, expectedEtag: `${expected}-${parts.length}` };
  });
}

/** Another process has completed or ended the same upload, or a rule of the bucket has. */
function isUploadGone(error: unknown): boolean {
  return s3CodeOf(error) === 'NoSuchUpload' || s3CodeOf(error) === 'InvalidPart';
}

async function isThere({ client, commands, bucket }: S3Place, { key, options }: S3Target): Promise<boolean> {
  try {
    await client.send(new commands.HeadObjectCommand({ Bucket: bucket, Key: key }), sendOptions(options));
    return true;
  } catch (error) {
    if (s3StatusOf(error) === 404) return false;
    throw error;
  }
}

/** The size of the parts of a file; the same on every machine. */
export function partBytesOf(sizeBytes: number): number {
  const least = Math.ceil(sizeBytes / MAX_PARTS);
  return least <= PART_BYTES ? PART_BYTES : Math.ceil(least / PART_BYTES) * PART_BYTES;
}

/** Sends with If-None-Match, unless the server does not know it: then the caller has looked for the object before. */
async function sendOnce<T>(
  place: S3Place,
  { replaces = false }: ObjectWriteOptions,
  send: (condition: { readonly IfNoneMatch?: string }) => Promise<T>,
): Promise<T | 'exists'> {
  const isConditional = !replaces && place.knowsConditions;
  try {
    return await send(isConditional ? { IfNoneMatch: '*' } : {});
  } catch (error) {
    if (!isConditional) throw error;
    const status = s3StatusOf(error);
    if (status === 412) return 'exists';
    if (status === 409) {
      const reason = 'another process writes the same object';
      throw appError('REMOTE_UNREACHABLE', { url: place.url, reason }, { cause: error });
    }
    if (status !== 501 && s3CodeOf(error) !== 'NotImplemented') throw error;
    place.knowsConditions = false;
    return await send({});
  }
}

async function createUpload(
  { client, commands, bucket }: S3Place,
  { key, options }: S3Target,
): Promise<string> {
  const command = new commands.CreateMultipartUploadCommand({ Bucket: bucket, Key: key });
  const { UploadId } = await client.send(command, sendOptions(options));
  return UploadId!;
}

/** The newest unfinished upload of the key, with its parts; null if there is none, or if the server does not tell. */
async function findUpload(place: S3Place, { key, options }: S3Target): Promise<OpenUpload | null> {
  const { client, commands, bucket } = place;
  try {
    const listing = await client.send(
      new commands.ListMultipartUploadsCommand({ Bucket: bucket, Prefix: key }),
      sendOptions(options),
    );
    const uploads = (listing.Uploads ?? []).filter(
      ({ Key, UploadId }) => Key === key && UploadId !== undefined,
    );
    uploads.sort((a, b) => Number(b.Initiated ?? 0) - Number(a.Initiated ?? 0));
    const uploadId = uploads[0]?.UploadId;
    if (uploadId === undefined) return null;
    const parts = new Map<number, { etag: string; sizeBytes: number }>();
    for (let marker: string | undefined; ; ) {
      const page = await client.send(
        new commands.ListPartsCommand({
          Bucket: bucket,
          Key: key,
          UploadId: uploadId,
          ...(marker !== undefined && { PartNumberMarker: marker }),
        }),
        sendOptions(options),
      );
      for (const { PartNumber, ETag = '', Size = 0 } of page.Parts ?? [])
        parts.set(PartNumber ?? 0, { etag: ETag.replaceAll('"', ''), sizeBytes: Size });
      if (page.IsTruncated !== true) return { uploadId, parts };
      marker = page.NextPartNumberMarker;
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    // Without the right to list uploads, or on a server that cannot, every upload begins anew.
    const status = s3StatusOf(error);
    if (status === 403 || status === 404 || status === 405 || status === 501 || status === 400) return null;
    throw error;
  }
}

/** Reads the file once, from its beginning, and sends the parts that are not there; several at once. */
async function sendParts(
  place: S3Place,
  target: S3Target,
  uploadId: string,
  present: OpenUpload['parts'],
): Promise<UploadedPart[]> {
  const { buffers } = place;
  const { source, options } = target;
  const partBytes = partBytesOf(source.sizeBytes);
  const whole = createHash('md5');
  const parts: UploadedPart[] = [];
  const sending = new Set<Promise<void>>();
  let failure: unknown;
  const file = await openFile(source.path);
  try {
    for (let at = 0, number = 1; at < source.sizeBytes && failure === undefined; at += partBytes, number++) {
      options.signal?.throwIfAborted();
      const buffer = await buffers.take(partBytes);
      const wanted = Math.min(partBytes, source.sizeBytes - at);
      const body = buffer.subarray(0, wanted);
      const filled = await fillBuffer(file, body, at);
      if (filled < wanted) {
        buffers.release(buffer);
        throw changed(source, `${source.sizeBytes} bytes`, `${at + filled}`);
      }
      whole.update(body);
      const md5 = createHash('md5').update(body).digest();
      const found = present.get(number);
      if (found?.sizeBytes === wanted && found.etag === md5.toString('hex')) {
        parts.push({ PartNumber: number, ETag: found.etag });
        options.onBytes?.(wanted);
        buffers.release(buffer);
        continue;
      }
      const sent = sendPart(place, target, uploadId, { number, body, md5 })
        .then((part) => void parts.push(part))
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => {
          buffers.release(buffer);
          sending.delete(sent);
        });
      sending.add(sent);
    }
  } finally {
    await file.close();
    await Promise.all(sending);
  }
  if (failure !== undefined) throw failure;
  const md5 = whole.digest('hex');
  if (md5 !== source.md5) throw changed(source, `md5 ${source.md5}`, `md5 ${md5}`);
  return parts.sort((a, b) => a.PartNumber - b.PartNumber);
}

async function sendPart(
  { client, commands, bucket }: S3Place,
  { key, options }: S3Target,
  uploadId: string,
  { number, body, md5 }: { readonly number: number; readonly body: Buffer; readonly md5: Buffer },
): Promise<UploadedPart> {
  const command = new commands.UploadPartCommand({
    Bucket: bucket,
    Key: key,
    UploadId: uploadId,
    PartNumber: number,
    Body: body,
    ContentMD5: md5.toString('base64'),
  });
  const { ETag } = await client.send(command, sendOptions(options));
  options.onBytes?.(body.length);
  return { PartNumber: number, ETag: (ETag ?? md5.toString('hex')).replaceAll('"', '') };
}

/** Removes the parts; a failure leaves them to the rules of the bucket. */
async function abortUpload(
  { client, commands, bucket }: S3Place,
  { key }: S3Target,
  uploadId: string,
): Promise<void> {
  try {
    await client.send(
      new commands.AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId }),
    );
  } catch (error) {
    if (s3StatusOf(error) === undefined) throw error;
  }
}

async function readExactly(source: ObjectSource, buffer: Buffer): Promise<number> {
  const file = await openFile(source.path);
  try {
    const { size } = await file.stat();
    if (size !== source.sizeBytes) throw changed(source, `${source.sizeBytes} bytes`, `${size}`);
    return await fillBuffer(file, buffer.subarray(0, size), 0);
  } finally {
    await file.close();
  }
}

function changed({ path }: ObjectSource, expected: string, got: string): Error {
  return appError('REMOTE_OBJECT_CORRUPT', { name: path, expected, got });
}

function sendOptions({ signal }: ObjectWriteOptions): { readonly abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
