// The room's door.
export { type Collection, type CollectionOptions, readCollection } from './collection.ts';
export { datasetExists, loadManifest, readSplit } from './dataset-store.ts';
export type { ColumnMap, DataContext, DataOptions } from './options.ts';
export { type PreparedDataset, type PrepareRequest, prepareDataset } from './prepare.ts';
export { samplePath } from './source-files.ts';
