// The room's door: what other rooms may use.
export { measureFolder } from '../../foundation/core/index.ts';
export { type ExportRequest, type ExportResult, exportModel } from './model-export.ts';
