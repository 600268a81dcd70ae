// The room's door: what other rooms may use.
export { createStores, type Stores } from './stores.ts';
export type { WorkflowContext } from './workflow-context.ts';
