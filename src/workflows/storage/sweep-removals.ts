// Plans the removal of sweeps: with their trials, and the runs of these where that is asked for.
import { appError } from '../../foundation/core/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import type { Removal, RemovalPlan } from './removal.ts';
import { planRunDeletion } from './run-removals.ts';

/**
 * Plans the deletion of the named sweeps with their trials.
 * @param options.runs  also their runs
 * @param options.force  also runs that registered models come from
 * @throws SWEEP_NOT_FOUND, SWEEP_ACTIVE, and with `runs` what planRunDeletion throws
 */
export async function planSweepDeletion(
  ids: readonly string[],
  { runs: withRuns, force }: { readonly runs: boolean; readonly force: boolean },
  context: WorkflowContext,
): Promise<RemovalPlan> {
  const { sweeps, runs } = context.stores;
  const removals: Removal[] = [];
  const runIds: string[] = [];
  const known = new Set((await runs.list()).runs.map(({ id }) => id));
  for (const id of new Set(ids)) {
    const { status } = await sweeps.summarize(id);
    if (status === 'running') throw appError('SWEEP_ACTIVE', { sweep: id, holder: 'another process' });
    const trials = await sweeps.listTrials(id);
    runIds.push(...trials.flatMap(({ runId }) => (runId !== null && known.has(runId) ? [runId] : [])));
    removals.push({
      kind: 'sweep',
      name: id,
      reason: 'named',
      sizeBytes: Buffer.byteLength(JSON.stringify(trials)),
      remove: () => sweeps.delete(id),
    });
  }
  if (withRuns) {
    const ofRuns = await planRunDeletion(runIds, { force }, context);
    return { removals: [...removals, ...ofRuns.removals], notes: ofRuns.notes };
  }
  const notes = runIds.length === 0 ? [] : [`its runs stay (${runIds.length}); with --runs they go, too`];
  return { removals, notes };
}
