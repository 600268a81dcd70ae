// Who uses a run or a dataset version: deleting it would leave runs and models that cannot be traced to their data.
import { appError } from '../../foundation/core/index.ts';
import type { WorkflowContext } from '../context/index.ts';

export interface Uses {
  /** References of the model versions and ids of the runs that come from the run or dataset version of this id. */
  of(id: string): readonly string[];
}

export async function loadUses({ stores }: WorkflowContext): Promise<Uses> {
  const { runs } = await stores.runs.list();
  const { models } = await stores.registry.list();
  const users = [
    ...models.map(({ reference, record }) => ({ name: reference, parents: record.parents })),
    ...runs.map(({ id, datasetVersion }) => ({ name: id, parents: [datasetVersion] })),
  ];
  return { of: (id) => users.filter(({ parents }) => parents.includes(id)).map(({ name }) => name) };
}

/** @throws STORAGE_IN_USE unless nothing uses it, or force is set */
export function assertUnused(id: string, uses: Uses, force: boolean): void {
  const users = uses.of(id);
  if (users.length === 0 || force) return;
  const more = users.length > 3 ? ` and ${users.length - 3} more` : '';
  throw appError('STORAGE_IN_USE', { id, users: `${users.slice(0, 3).join(', ')}${more}` });
}
