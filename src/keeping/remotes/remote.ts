// The port of remotes: a place outside this machine (or a folder) that holds objects under keys, such as a bucket. Objects
// are named by their content, or are read only.
//
// Every implementation guarantees, and test/conformance/remote.ts checks:
// - Keys are relative to the root of the remote, with `/` between their parts: `files/md5/ab/cdef`. A key that would
//   leave the root is refused.
// - Whole or not at all: a kill at any byte of a `write` leaves no object, or the whole one. `list` and `stat` never show
//   a part of one.
// - Never replaced: `write` leaves an object that is there already as it is and returns 'exists', also when two processes
//   write the same key at once; unless `replaces` is set.
// - Checked: `write` resolves only if the bytes that arrived have the md5 that was said.
// - Errors: those named at each method, always as a rejected promise (for `list`, from its first step). They never show a
//   key, a password or a signed address.
import type { Readable } from 'node:stream';

/** What stands at the beginning of a remote's address. */
export type RemoteKind = 'local' | 's3' | 'gs' | 'https';

export interface RemoteObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** The md5 that the server has computed, as hex digits; null where it has none. */
  readonly md5: string | null;
}

/** A local file whose bytes become an object. */
export interface ObjectSource {
  readonly path: string;
  readonly sizeBytes: number;
  readonly md5: string;
}

export interface ObjectReadOptions {
  /** The first byte that is wanted; 0 unless it is set. */
  readonly startByte?: number | undefined;
  /** Version id of S3, or generation of Google Cloud Storage; the newest unless it is set. */
  readonly version?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ObjectWriteOptions {
  /** Replaces an object that is there: it is known to be damaged. */
  readonly replaces?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of bytes that were sent since the last call; what an earlier try had sent counts too. */
  readonly onBytes?: (bytes: number) => void;
}

export interface Remote {
  readonly kind: RemoteKind;
  /** Its address, without secrets: `s3://bucket/folder`, or the path of a folder. */
  readonly url: string;
  /** True: `write` and `delete` are refused, as over https. */
  readonly isReadOnly: boolean;
  /**
   * All objects whose key begins with `prefix`, in no order.
   * @throws REMOTE_UNSUPPORTED over https
   */
  list(prefix: string, options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<RemoteObject>;
  /** Size of an object; null if it is not there. */
  stat(
    key: string,
    options?: { readonly version?: string | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<RemoteObject | null>;
  /** The bytes of an object from `startByte` on; none if it ends before. @throws REMOTE_OBJECT_MISSING */
  read(key: string, options?: ObjectReadOptions): Promise<Readable>;
  /** @throws REMOTE_READ_ONLY; REMOTE_OBJECT_CORRUPT if the file has other bytes than its md5 says */
  write(key: string, source: ObjectSource, options?: ObjectWriteOptions): Promise<'written' | 'exists'>;
  /** Deletes an object; does nothing if it is not there. @throws REMOTE_READ_ONLY */
  delete(key: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /**
   * How far the server's clock is ahead of this machine's, in milliseconds; null where the remote tells no time. Asks the
   * server.
   */
  measureClock(options?: { readonly signal?: AbortSignal | undefined }): Promise<number | null>;
}

/** What it takes to open a remote; from configs/remote, the command line, or DVC's configuration. */
export interface RemoteSettings {
  /** Its name in the configuration; null if only an address was given. */
  readonly name: string | null;
  /** A folder (absolute), `file://`, `s3://bucket/prefix`, `gs://bucket/prefix` or `https://host/path`. */
  readonly url: string;
  /** Address of a server that speaks S3 or Google Cloud Storage, such as MinIO or an emulator. */
  readonly endpoint?: string;
  readonly region?: string;
  /** Profile of ~/.aws/config. */
  readonly profile?: string;
  /** File with the keys of S3, in the form of ~/.aws/credentials; or of Google Cloud, JSON. */
  readonly credentialsFile?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  /** True: requests are not signed, as to a public bucket. */
  readonly isAnonymous?: boolean;
  /** Project of Google Cloud. */
  readonly project?: string;
  /** User and password of https, and headers with tokens. */
  readonly user?: string;
  readonly password?: string;
  /** Folder of this machine where interrupted uploads are noted, so that a later one continues them; none: they begin anew. */
  readonly uploadsFolder?: string | undefined;
}
