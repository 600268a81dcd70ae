// Exports a run to an experiment tracker after the fact: what the tracker does not have yet.
import { invariant, resolveUserPath, systemClock } from '../../foundation/core/index.ts';
import { type ExportDestination, exportDestinationSchema } from '../../foundation/records/index.ts';
import {
  exportRunOnce,
  formatDestination,
  listRunExports,
  type SentChanges,
} from '../../keeping/exporters/index.ts';
import { loadTrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';

export interface RunExportRequest {
  readonly runId: string;
  readonly to: ExportDestination['to'];
  /** Address of a server. Absent: where the run was exported while it was trained, else as in configs/tracking. */
  readonly url?: string;
  /** A folder, as the user typed it. */
  readonly out?: string;
  /** Experiment or project. */
  readonly group?: string;
}

export interface ExportedRunResult extends Omit<SentChanges, 'record'> {
  readonly runId: string;
  readonly destination: ExportDestination;
  /** The destination for people. */
  readonly place: string;
  readonly status: SentChanges['record']['status'];
}

/** @throws RUN_NOT_FOUND, and what exporting throws */
export async function exportRun(
  request: RunExportRequest,
  context: WorkflowContext,
): Promise<ExportedRunResult> {
  const { runs } = context.stores;
  const destination = resolveDestination(await chooseDestination(request, context), context);
  const { record, ...sent } = await exportRunOnce({
    runs,
    runId: request.runId,
    destination,
    environment: process.env,
    clock: systemClock,
    signal: context.signal,
  });
  const { runId } = request;
  return { runId, destination, place: formatDestination(destination), status: record.status, ...sent };
}

/** Makes folders absolute: another command may run elsewhere. */
export function resolveDestination(
  destination: ExportDestination,
  { workingDirectory }: Pick<WorkflowContext, 'workingDirectory'>,
): ExportDestination {
  return 'folder' in destination
    ? { ...destination, folder: resolveUserPath(workingDirectory, destination.folder) }
    : destination;
}

async function chooseDestination(
  { runId, to, url, out, group }: RunExportRequest,
  context: WorkflowContext,
): Promise<ExportDestination> {
  if (url === undefined && out === undefined && group === undefined) {
    const { folder } = await context.stores.runs.files(runId);
    const earlier = listRunExports(folder)
      .filter(({ destination }) => destination.to === to)
      .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    if (earlier[0] !== undefined) return earlier[0].destination;
  }
  const { exporters } = loadTrainConfig([`tracking=${to}`], context).config.tracking;
  const usual = exporters.find((exporter) => exporter.to === to);
  invariant(usual !== undefined, `configs/tracking/${to}.yaml has an exporter to ${to}`);
  switch (usual.to) {
    case 'mlflow':
      return exportDestinationSchema.parse({
        ...usual,
        url: url ?? usual.url,
        experiment: group ?? usual.experiment,
      });
    case 'wandb':
      return { ...usual, folder: out ?? usual.folder, project: group ?? usual.project };
    case 'tensorboard':
      return { ...usual, folder: out ?? usual.folder };
  }
}
