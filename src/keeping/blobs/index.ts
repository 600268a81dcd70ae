// The room's door: what other rooms may use.
export type { BlobName, BlobStore, StoredBlob } from './blob-store.ts';
export { createFileBlobStore } from './file-blob-store.ts';
