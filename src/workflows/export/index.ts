// The room's door: what other rooms may use.
export { measureFolder } from './folder-size.ts';
export { type ExportRequest, type ExportResult, exportModel } from './model-export.ts';
