// Plans the removal of runs: those that are named, or what no longer serves a purpose.
import { existsSync } from 'node:fs';
import { appError, findLeftovers, measureFolder } from '../../foundation/core/index.ts';
import type { RunSummary } from '../../keeping/runs/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { buildLeftoverRemoval, type Removal, type RemovalPlan, type RemovalReason } from './removal.ts';
import { assertUnused, loadUses } from './uses.ts';

/**
 * Plans the deletion of the named runs with all their files.
 * @param options.force  also those that registered models come from
 * @throws RUN_NOT_FOUND, RUN_ACTIVE, STORAGE_IN_USE
 */
export async function planRunDeletion(
  ids: readonly string[],
  { force }: { readonly force: boolean },
  context: WorkflowContext,
): Promise<RemovalPlan> {
  const { runs } = context.stores;
  const uses = await loadUses(context);
  const listed = (await runs.list()).runs;
  const active = new Set(listed.filter(({ status }) => status === 'running').map(({ id }) => id));
  const removals: Removal[] = [];
  for (const id of new Set(ids)) {
    await runs.files(id); // it must be there
    if (active.has(id)) throw appError('RUN_ACTIVE', { run: id, holder: 'another process' });
    assertUnused(id, uses, force);
    removals.push(await buildRunRemoval(id, 'named', context));
  }
  return { removals, notes: [] };
}

/**
 * Plans the removal of half-written files and of the checkpoints of finished runs.
 * @param options.keep  also of every run that has ended, except the newest `keep` and those that registered models come
 *   from; null: all runs stay
 */
export async function planRunCleanup(
  { keep }: { readonly keep: number | null },
  context: WorkflowContext,
): Promise<RemovalPlan> {
  const { stores, home } = context;
  const { runs } = await stores.runs.list();
  const uses = await loadUses(context);
  const old =
    keep === null ? [] : runs.slice(keep).filter((run) => isDeletable(run) && uses.of(run.id).length === 0);
  const removals: Removal[] = [];
  for (const { id } of old) removals.push(await buildRunRemoval(id, 'old', context));
  for (const run of runs) {
    if (run.status !== 'finished' || old.includes(run)) continue;
    const { checkpoints } = await stores.runs.files(run.id);
    if (!existsSync(checkpoints)) continue;
    removals.push({
      kind: 'checkpoints',
      name: run.id,
      reason: 'finished',
      sizeBytes: measureFolder(checkpoints),
      remove: () => stores.runs.deleteCheckpoints(run.id),
    });
  }
  const nowMs = Date.parse(context.clock.nowIso());
  const removed = await Promise.all(old.map(async ({ id }) => (await stores.runs.files(id)).folder));
  const leftovers = findLeftovers(home.runs, { nowMs, isSkipped: (path) => removed.includes(path) });
  return { removals: [...removals, ...leftovers.map(buildLeftoverRemoval)], notes: [] };
}

function isDeletable({ status }: RunSummary): boolean {
  return status !== 'running';
}

async function buildRunRemoval(
  id: string,
  reason: RemovalReason,
  { stores }: WorkflowContext,
): Promise<Removal> {
  const { folder } = await stores.runs.files(id);
  return {
    kind: 'run',
    name: id,
    reason,
    sizeBytes: measureFolder(folder),
    remove: () => stores.runs.delete(id),
  };
}
