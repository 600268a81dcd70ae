// The room's door: what other rooms may use.
export type { WorkflowContext } from './workflow-context.ts';
