// The studio in a thread of its own, which starts with the first call.
import { WorkerChannel } from '../../foundation/threads/index.ts';
import type { Studio } from '../../serving/studio/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { resumeTraining } from './resumed-training.ts';
import { STUDIO_WORKER, type StudioWorkerMethods, type ThreadMethods } from './studio-contract.ts';

export function openStudio({
  home,
  workingDirectory,
  stores,
}: Pick<WorkflowContext, 'home' | 'workingDirectory' | 'stores'>): Studio {
  let thread: WorkerChannel<StudioWorkerMethods> | null = null;
  const start = (): WorkerChannel<StudioWorkerMethods> => {
    const started = new WorkerChannel(STUDIO_WORKER);
    started.onEnd(() => {
      thread = null; // the next call starts another one
    });
    started.call('open', { home, workingDirectory }).catch(() => undefined); // the call after it reports a failure
    return started;
  };
  const forward = <K extends keyof ThreadMethods>(method: K): ThreadMethods[K] => {
    const call = (...args: readonly unknown[]): Promise<unknown> => {
      thread ??= start();
      return thread.call('call', { method, arguments: args });
    };
    return call as ThreadMethods[K];
  };
  return {
    listRuns: forward('listRuns'),
    showRun: forward('showRun'),
    loadCurves: forward('loadCurves'),
    loadLog: forward('loadLog'),
    compareRuns: forward('compareRuns'),
    tagRun: forward('tagRun'),
    setNote: forward('setNote'),
    stopRun: forward('stopRun'),
    deleteRun: forward('deleteRun'),
    changesSince: forward('changesSince'),
    findRuns: forward('findRuns'),
    listSweeps: forward('listSweeps'),
    showSweep: forward('showSweep'),
    measureImportance: forward('measureImportance'),
    compareTrials: forward('compareTrials'),
    listRegistry: forward('listRegistry'),
    showName: forward('showName'),
    promote: forward('promote'),
    rollback: forward('rollback'),
    traceLineage: forward('traceLineage'),
    resumeRun: (id) => resumeTraining(id, { runs: stores.runs, home, workingDirectory }),
    close: async () => {
      await thread?.close();
    },
  };
}
