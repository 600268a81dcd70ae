// The room's door: what other rooms may use.
export { type ListedDataset, listDatasets, planDataCleanup, planDatasetDeletion } from './data-removals.ts';
export { planModelCleanup, planModelDeletion } from './model-removals.ts';
export {
  buildLeftoverRemoval,
  executeRemovals,
  type Removal,
  type RemovalPlan,
  sumRemovals,
} from './removal.ts';
export { planRunCleanup, planRunDeletion } from './run-removals.ts';
export { planSweepDeletion } from './sweep-removals.ts';
