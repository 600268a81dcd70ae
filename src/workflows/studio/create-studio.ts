// The studio of a home: what its routes need, on the stores and workflows of the home.
import { appError, isAppError } from '../../foundation/core/index.ts';
import type { RunSummary } from '../../keeping/runs/index.ts';
import type { ServedChanges, ServedLineage, ServedRun, Studio } from '../../serving/studio/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { type Lineage, traceLineage } from '../lineage/index.ts';
import { promoteModel, rollbackModel } from '../models/index.ts';
import { listRuns } from '../runs/index.ts';
import { describePromotion, listRegistry, showName } from './registry-view.ts';
import { resumeTraining } from './resumed-training.ts';
import { loadCurves } from './run-curves.ts';
import { compareConfigurations, loadRunDetails } from './run-details.ts';
import { buildRunFacts } from './run-facts.ts';
import { loadRunLog } from './run-log.ts';
import { listServedSweeps, showImportance, showPareto, showServedSweep } from './sweep-view.ts';

export function createStudio(context: WorkflowContext): Studio {
  const { runs } = context.stores;
  const factsOf = async (id: string): Promise<ServedRun> => buildRunFacts(await runs.summarize(id));
  return {
    listRuns: async ({ where, config, limit }) => {
      // before the list: what changes meanwhile comes again
      const { cursor } = await runs.changesSince(null);
      const { runs: found, damaged } = await listRuns(context, where === undefined ? {} : { where });
      return {
        runs: found.slice(0, limit).map((summary) => buildRunFacts(summary, config)),
        total: found.length,
        damaged: damaged.map(({ id, damaged: { code, message } }) => ({ id, code, message })),
        cursor,
      };
    },
    showRun: (id) => loadRunDetails(runs, id),
    loadCurves: (query) => loadCurves(runs, query),
    loadLog: (id) => loadRunLog(runs, id),
    compareRuns: (ids) => compareConfigurations(runs, ids),
    tagRun: async (id, change) => {
      await runs.setTags(id, change);
      return factsOf(id);
    },
    setNote: async (id, note) => {
      await runs.setNote(id, note);
      return factsOf(id);
    },
    stopRun: async (id) => {
      const status = await runs.status(id);
      if (status !== 'running') throw appError('RUN_NOT_RUNNING', { run: id, status });
      await runs.requestStop(id);
      return factsOf(id);
    },
    resumeRun: (id) => resumeTraining(id, { runs, ...context }),
    deleteRun: (id) => runs.delete(id),
    changesSince: (since) => findChanges(since, context),
    findRuns: async (ids) => (await loadFacts(ids, context)).runs,
    listSweeps: () => listServedSweeps(context.stores),
    showSweep: (id) => showServedSweep(id, context.stores),
    measureImportance: (id, metric) => showImportance(id, metric, context.stores),
    compareTrials: (id, metrics) => showPareto(id, metrics, context.stores),
    listRegistry: () => listRegistry(context),
    showName: (name) => showName(name, context),
    promote: async (name, { version, ...options }) =>
      describePromotion(await promoteModel(`${name}@${version}`, options, context)),
    rollback: async (name, reason) => describePromotion(await rollbackModel(name, context, { reason })),
    traceLineage: async (id, live) => copyLineage(await traceLineage(id, { live }, context)),
    close: async () => undefined,
  };
}

/** The graph as the route's schema types it. */
function copyLineage({ id, nodes, edges }: Lineage): ServedLineage {
  return { id, nodes: nodes.map((node) => ({ ...node, facts: { ...node.facts } })), edges: [...edges] };
}

/** Without a cursor: the runs that are running now. */
async function findChanges(since: string | undefined, context: WorkflowContext): Promise<ServedChanges> {
  const { runs } = context.stores;
  if (since === undefined) {
    const { cursor } = await runs.changesSince(null);
    const isRunning = ({ status }: RunSummary): boolean => status === 'running';
    const running = (await runs.list()).runs.filter(isRunning);
    return { cursor, runs: running.map((summary) => buildRunFacts(summary)), deleted: [] };
  }
  const { cursor, runIds } = await runs.changesSince(since);
  return { cursor, ...(await loadFacts(runIds, context)) };
}

/** A damaged run is left out: the list names it. */
async function loadFacts(
  ids: readonly string[],
  { stores: { runs } }: WorkflowContext,
): Promise<Omit<ServedChanges, 'cursor'>> {
  const found: ServedRun[] = [];
  const deleted: string[] = [];
  for (const id of new Set(ids)) {
    try {
      found.push(buildRunFacts(await runs.summarize(id)));
    } catch (error) {
      if (!isAppError(error)) throw error;
      if (error.code === 'RUN_NOT_FOUND') deleted.push(id);
    }
  }
  return { runs: found, deleted };
}
