// The room's door: what other rooms may use.
export { type CheckpointFolder, type CheckpointRequest, loadCheckpointFolder } from './checkpoint-folder.ts';
export { DEFAULT_ENDPOINT, type HubEnvironment } from './hub-settings.ts';
export { type ModelSource, parseModelSource } from './model-source.ts';
export { downloadUrl, type UrlDownload } from './url-download.ts';
