// The room's door.
export { type BlobName, type BlobStore, createBlobStore } from './blob-store.ts';
