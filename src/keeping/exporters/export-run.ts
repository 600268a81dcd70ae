// Exports one run to one destination, once: what is new since the last export there. The same function serves while the run
// goes on, after it has ended, and after a kill.
import { type Clock, errorCodeOf, isAppError } from '../../foundation/core/index.ts';
import type { ExportDestination, RunExport } from '../../foundation/records/index.ts';
import type { RunStore } from '../runs/index.ts';
import { createExportTarget, type ExporterSurroundings } from './create-target.ts';
import { openExportCursor } from './export-cursor.ts';
import type { ExportChanges, ExportTarget, TargetState } from './export-target.ts';
import { collectChanges, isRewound, type RunReading, readRun } from './run-changes.ts';

export interface RunExportTask extends ExporterSurroundings {
  readonly runs: RunStore;
  readonly runId: string;
  readonly destination: ExportDestination;
  readonly clock: Clock;
}

/** What one export has sent. */
export interface SentChanges {
  readonly points: number;
  readonly texts: number;
  readonly histograms: number;
  readonly artifacts: number;
  /** True: the destination held points that are no longer those of the run; its copy was made anew. */
  readonly replaced: boolean;
  readonly record: RunExport;
}

/**
 * @throws RUN_NOT_FOUND, RUN_EXPORT_ACTIVE, TRACKER_UNREACHABLE, TRACKER_REFUSED, TRACKER_HOST_REFUSED, DISK_FULL,
 *   SYSTEM_REFUSED; a failure to send is recorded and shown by `runs show`
 */
export async function exportRunOnce(request: RunExportTask): Promise<SentChanges> {
  const { runs, runId, destination, clock } = request;
  const { folder } = await runs.files(runId);
  const cursor = openExportCursor(folder, destination);
  cursor.lock(runId);
  try {
    const record = cursor.load();
    try {
      const sent = await sendChanges(request, record);
      if (sent.record !== record) cursor.save(sent.record);
      return sent;
    } catch (error) {
      if (request.signal?.aborted !== true || isAppError(error))
        cursor.save({
          ...(record ?? emptyRecord(request)),
          createdAt: clock.nowIso(),
          failure: { at: clock.nowIso(), ...describeFailure(error) },
        });
      throw error;
    }
  } finally {
    cursor.unlock();
  }
}

async function sendChanges(request: RunExportTask, record: RunExport | null): Promise<SentChanges> {
  const { runs, runId, destination, clock } = request;
  const target = createExportTarget(destination, request);
  const reading = await readRun(runs, runId);
  const start = await findStart(target, reading, record);
  let collected = await collectChanges(runs, reading, start.record);
  let { state, replaced } = start;
  const isKept = state !== null && !collected.isRewound && (await target.continues(state, collected.changes));
  if (isKept && !collected.isAny && record !== null)
    return { ...countChanges(null), record: record.failure === null ? record : { ...record, failure: null } };
  if (state !== null && !isKept) {
    replaced = state;
    state = null;
    collected = await collectChanges(runs, reading, null);
  }
  // A copy that an earlier, killed export began in place of the old one is continued.
  if (replaced !== null) state = (await target.find(runId, replaced))?.state ?? null;
  const next = await target.send(collected.changes, state, replaced);
  const stamp = { schemaVersion: 1 as const, createdAt: clock.nowIso(), parents: [runId], destination };
  return {
    ...countChanges(collected.changes),
    replaced: replaced !== null,
    record: { ...stamp, ...collected.next, state: { ...next }, failure: null },
  };
}

interface Start {
  readonly record: RunExport | null;
  state: TargetState | null;
  replaced: TargetState | null;
}

/** Where to go on: after the last export; without its cursor, where the target itself says how far it is. */
async function findStart(
  target: ExportTarget,
  { run, events }: RunReading,
  record: RunExport | null,
): Promise<Start> {
  if (record !== null && record.state !== null) return { record, state: record.state, replaced: null };
  const found = await target.find(run.id, null);
  if (found === null) return { record: null, state: null, replaced: null };
  // All is sent again, which adds only what is missing.
  return isRewound(events, found.reached)
    ? { record: null, state: null, replaced: found.state }
    : { record: null, state: found.state, replaced: null };
}

function countChanges(changes: ExportChanges | null): Omit<SentChanges, 'record'> {
  return {
    points: changes?.series.reduce((sum, { points }) => sum + points.length, 0) ?? 0,
    texts: changes?.texts.length ?? 0,
    histograms: changes?.histograms.length ?? 0,
    artifacts: changes?.newArtifacts.length ?? 0,
    replaced: false,
  };
}

function emptyRecord({ runId, destination, clock }: RunExportTask): RunExport {
  return {
    schemaVersion: 1,
    createdAt: clock.nowIso(),
    parents: [runId],
    destination,
    attempts: 0,
    step: 0,
    metrics: {},
    texts: {},
    histograms: {},
    artifacts: [],
    factsDigest: '',
    status: 'running',
    state: null,
    failure: null,
  };
}

function describeFailure(error: unknown): { code: string; message: string } {
  if (isAppError(error)) return { code: error.code, message: error.message };
  return { code: 'INTERNAL_BUG', message: `an unexpected failure (${errorCodeOf(error)})` };
}
