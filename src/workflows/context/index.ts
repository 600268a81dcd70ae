// The room's door: what other rooms may use.
export { createFileStores, type Stores } from './stores.ts';
export type { WorkflowContext } from './workflow-context.ts';
