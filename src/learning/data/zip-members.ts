// Reads the members of a zip archive as streams. Nothing is written under a name of the archive, links are left out, and a member
// that grows far beyond its packed size is refused. yauzl reads the directory, sizes and names; the checksum is compared here.
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { appError, isAppError } from '../../foundation/core/index.ts';

/** The largest ratio of unpacked to packed bytes; of text, 10 is usual. */
const MAX_RATIO = 250;
/** So many bytes may come out at any ratio. */
const FREE_BYTES = 64 * 1024 * 1024;
const MAX_MEMBERS = 10_000;

/** Counts what goes into and comes out of unpacking. @returns whether the ratio is that of an archive made to fill a disk */
export function isBomb(packedBytes: number, unpackedBytes: number): boolean {
  return unpackedBytes > FREE_BYTES && unpackedBytes > MAX_RATIO * packedBytes;
}

/** The error of an archive that unpacks to far more than its size. */
export function refuseBomb(path: string, packedBytes: number, unpackedBytes: number): Error {
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  return appError('DATA_FILE_INVALID', {
    path,
    expected: `at most ${MAX_RATIO} times the packed size`,
    got: `${megabytes(unpackedBytes)} or more from ${megabytes(packedBytes)}`,
    remedy: 'If the file is yours, unpack it and give the file inside.',
  });
}

export interface ZipMember {
  /** As the archive spells it, with slashes. */
  readonly name: string;
  readonly sizeBytes: number;
  /** The bytes; they can be read once. @throws DATA_FILE_INVALID */
  open(): AsyncGenerator<Buffer>;
}

export interface OpenedZip {
  /** The files, in the order of the archive, without folders, links and what operating systems add. */
  readonly members: readonly ZipMember[];
  close(): void;
}

/**
 * Opens an archive. It has to be closed.
 * @param name  the name of the archive in messages
 * @throws DATA_FILE_INVALID
 */
export async function openZip(path: string, name: string): Promise<OpenedZip> {
  let zip: ZipFile;
  try {
    zip = await openPromise(path, { lazyEntries: true, autoClose: false, strictFileNames: true });
  } catch (error) {
    throw damaged(name, error);
  }
  try {
    if (zip.entryCount > MAX_MEMBERS)
      throw appError('DATA_FILE_INVALID', {
        path: name,
        expected: `an archive of at most ${MAX_MEMBERS} files`,
        got: `${zip.entryCount}`,
        remedy: 'Unpack it and give the files inside.',
      });
    const entries = (await listEntries(zip, name)).filter(isFile);
    const packedBytes = entries.reduce((sum, entry) => sum + entry.compressedSize, 0);
    const unpackedBytes = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
    // Members that share their packed bytes are summed up here.
    if (isBomb(Math.min(packedBytes, zip.fileSize), unpackedBytes))
      throw refuseBomb(name, zip.fileSize, unpackedBytes);
    const members = entries.map((entry) => ({
      name: entry.fileName,
      sizeBytes: entry.uncompressedSize,
      open: () => readEntry(zip, entry, `${name}/${entry.fileName}`),
    }));
    return { members, close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function listEntries(zip: ZipFile, name: string): Promise<Entry[]> {
  try {
    return await new Promise<Entry[]>((resolve, reject) => {
      const entries: Entry[] = [];
      zip.on('error', reject);
      zip.on('end', () => resolve(entries));
      zip.on('entry', (entry: Entry) => {
        entries.push(entry);
        zip.readEntry();
      });
      zip.readEntry();
    });
  } catch (error) {
    throw damaged(name, error);
  }
}

const LINK = 0o120000;

/** False for folders, symbolic links, and files that macOS and Windows add. */
function isFile({ fileName, externalFileAttributes }: Entry): boolean {
  if (fileName.endsWith('/') || ((externalFileAttributes >>> 16) & 0o170000) === LINK) return false;
  return !/(^|\/)(__MACOSX\/|\.|Thumbs\.db$|desktop\.ini$)/.test(fileName);
}

async function* readEntry(zip: ZipFile, entry: Entry, path: string): AsyncGenerator<Buffer> {
  const refuse = (got: string, remedy: string): Error =>
    appError('DATA_FILE_INVALID', {
      path,
      expected: 'a member of a zip archive that can be read',
      got,
      remedy,
    });
  if (entry.isEncrypted())
    throw refuse('an encrypted one', 'Unpack the archive with its password, and give the file inside.');
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
    throw refuse(
      `compression method ${entry.compressionMethod}`,
      'Unpack the archive, or make it again with deflate.',
    );
  let checksum = 0;
  let unpackedBytes = 0;
  try {
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      checksum = crc32(chunk as Buffer, checksum);
      unpackedBytes += (chunk as Buffer).byteLength;
      if (isBomb(entry.compressedSize, unpackedBytes))
        throw refuseBomb(path, entry.compressedSize, unpackedBytes);
      yield chunk as Buffer;
    }
  } catch (error) {
    throw isAppError(error) ? error : damaged(path, error);
  }
  if (checksum !== entry.crc32) throw damaged(path, new Error('its checksum differs'));
}

/** The error of an archive that cannot be read; yauzl's messages name offsets and names of members, never their content. */
function damaged(path: string, cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  const isPath = /relative path|absolute path|invalid characters in fileName/i.test(message);
  const reason = /central directory record|end of file|EOF|unexpected/i.test(message)
    ? 'its end is missing'
    : message.slice(0, 100);
  return appError(
    'DATA_FILE_INVALID',
    {
      path,
      expected: 'a whole zip archive',
      got: isPath ? `one with an unsafe path (${reason})` : `a damaged one (${reason})`,
      remedy: isPath
        ? 'Make the archive again with paths inside of it.'
        : 'Download or copy it again; unzip -t FILE tests it.',
    },
    { cause },
  );
}
