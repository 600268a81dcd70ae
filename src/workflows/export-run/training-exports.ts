// The exports of a run while it is trained: to the destinations that `tracking.exporters` lists.
import { systemClock } from '../../foundation/core/index.ts';
import type { ExportDestination } from '../../foundation/records/index.ts';
import { type LiveExports, startLiveExports } from '../../keeping/exporters/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { resolveDestination } from './export-run.ts';

/** Starts them in the background; they never fail the training. Close them when the run's last event is recorded. */
export function startTrainingExports(
  runId: string,
  exporters: readonly ExportDestination[],
  context: WorkflowContext,
): LiveExports {
  const { stores, warn, say, signal } = context;
  return startLiveExports({
    runs: stores.runs,
    runId,
    destinations: exporters.map((exporter) => resolveDestination(exporter, context)),
    environment: process.env,
    clock: systemClock,
    warn,
    say,
    signal,
  });
}
