// The port of blobs: bytes that are named by their md5 and size and never change.
//
// Every implementation guarantees, and test/conformance/blob-store.ts checks:
// - Order: there is none; a blob depends on no other.
// - Durability: once `putBytes` or `putFile` has resolved, the blob survives a kill of the process and a crash of the
//   machine.
// - Crash: a kill during a put leaves the whole blob or none. A damaged blob is found by `verify` and `open`, and
//   replaced by the next put of the same bytes.
// - Two processes: both may put the same bytes at once; one copy is kept. A blob is readable while it is put again.
// - Deletion: `delete` leaves the whole blob or none. Putting bytes that are there already makes the blob as young as a
//   new one, so that a collection of blobs that nothing names can spare those of a writer that is at work.
// - Errors: those named at each method, always as a rejected promise (for `open`, from its first step).

/** Names a blob; the same in every store that holds it. */
export interface BlobName {
  readonly md5: string;
  readonly sizeBytes: number;
}

/** A blob in a store, and when it was last put. */
export interface StoredBlob extends BlobName {
  readonly putMs: number;
}

export interface BlobStore {
  /** All blobs, in no order. */
  list(): Promise<StoredBlob[]>;
  /** Deletes a blob; does nothing if it is not there. */
  delete(blob: BlobName): Promise<void>;
  /** True if the blob is there with its size; its bytes are not read. */
  has(blob: BlobName): Promise<boolean>;
  /** @throws DISK_FULL */
  putBytes(data: Uint8Array | string): Promise<BlobName>;
  /**
   * Adds a local file.
   * @param options.move  the store may take the file itself instead of a copy; it is gone afterwards
   * @throws FILE_NOT_FOUND, DISK_FULL
   */
  putFile(path: string, options?: { readonly move?: boolean }): Promise<BlobName>;
  /** Reads the whole blob and compares size and md5. @throws FILE_NOT_FOUND, FILE_CORRUPT */
  verify(blob: BlobName): Promise<void>;
  /** Verifies the blob, then streams it. @throws FILE_NOT_FOUND, FILE_CORRUPT */
  open(blob: BlobName): AsyncGenerator<Buffer>;
  /** Path of a local, read-only file with the blob's bytes. @throws FILE_NOT_FOUND */
  materialize(blob: BlobName): Promise<string>;
}
