// The room's door: what other rooms may use.
export type { DatasetList, DatasetStore } from './dataset-store.ts';
export { createFileDatasetStore } from './file-dataset-store.ts';
