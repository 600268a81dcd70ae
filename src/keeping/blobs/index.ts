// The room's door: what other rooms may use.
export { type BlobName, type BlobStore, createBlobStore } from './blob-store.ts';
