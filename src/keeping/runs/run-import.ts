// Imports the runs that earlier versions kept on files (runs/<id>/run.json and what lies beside it) into a database: each run
// once, whole, in one transaction, so that a kill leaves it imported or not. Its files stay as they are. A run that a process
// of an earlier version still trains is imported the next time.
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Kysely, RawBuilder } from 'kysely';
import {
  type AppError,
  appError,
  asSystemError,
  type Clock,
  isAppError,
  isDatedId,
  listFolder,
  removeFolder,
} from '../../foundation/core/index.ts';
import type { RunMeasurement } from '../../foundation/records/index.ts';
import {
  loadRecord,
  loadRecordLines,
  runAnnotationRecord,
  runRecord,
} from '../../foundation/records/index.ts';
import type { Database, Statement, Tables } from '../database/index.ts';
import { foldAnnotations } from './annotation-log.ts';
import { CHUNK_POINTS, packChunk } from './chunk.ts';
import { loadLines, loadLog } from './event-log.ts';
import { createFileRunStore } from './file-run-store.ts';
import { groupPoints, loadMeasurements } from './measurement-log.ts';
import { summarizePoints } from './metric-summary.ts';
import { findLease } from './run-lease.ts';
import { buildKeptSummary, formatKeptSummary, NEW_ROW } from './run-row.ts';
import type { DamagedRun, RunStore } from './run-store.ts';
import { selectVisible } from './visible-points.ts';

interface ImportOptions {
  readonly db: Kysely<Tables>;
  readonly database: Database;
  /** Folder of the runs. */
  readonly root: string;
  readonly clock: Clock;
  nextChange(): RawBuilder<number>;
}

/** @returns the runs whose files cannot be read; they stay where they are and are tried again the next time */
export async function importFileRuns(options: ImportOptions): Promise<DamagedRun[]> {
  const { db, database, root, clock } = options;
  const ids = listFolder(root).filter((id) => isDatedId('run', id));
  if (ids.length === 0) return [];
  const damaged: DamagedRun[] = [];
  const known = new Set((await db.selectFrom('runs').select('id').execute()).map(({ id }) => id));
  const deleted = new Set((await db.selectFrom('deleted_runs').select('id').execute()).map(({ id }) => id));
  const store = createFileRunStore({ runs: root }, clock);
  for (const id of ids) {
    // Its deletion was killed, or done on another machine.
    if (deleted.has(id)) removeFolder(join(root, id));
    if (known.has(id) || !existsSync(join(root, id, 'run.json'))) continue;
    const statements = await readOrRefuse(id, options, store);
    if (isAppError(statements)) damaged.push({ id, error: statements });
    else if (statements !== null) await database.writeAll(statements); // false: another process has imported it
  }
  return damaged;
}

/** What writes a run; null while a process trains it; why its files cannot be read. */
async function readOrRefuse(
  id: string,
  options: ImportOptions,
  store: RunStore,
): Promise<Statement[] | AppError | null> {
  const path = join(options.root, id);
  try {
    return (await store.status(id)) === 'running' ? null : await readRun(id, options);
  } catch (cause) {
    const error = asSystemError(cause, path, 'read');
    if (isAppError(error)) return error;
    const problem = cause instanceof Error ? cause.message : String(cause);
    return appError('RECORD_INVALID', { path, record: 'run', version: 1, problem }, { cause });
  }
}

async function readRun(id: string, { db, root, nextChange, clock }: ImportOptions): Promise<Statement[]> {
  const folder = join(root, id);
  const run = loadRecord(runRecord, join(folder, 'run.json'));
  const { events, rewinds } = loadLog(join(folder, 'events.jsonl'));
  const measurements = loadMeasurements(join(folder, 'measurements.jsonl'), events);
  const points = groupPoints(measurements);
  const metrics = [...points].flatMap(([name, written]) => {
    const visible = selectVisible(written, rewinds);
    return visible.length === 0 ? [] : [summarizePoints(name, visible)];
  });
  const annotations = foldAnnotations(
    loadRecordLines(runAnnotationRecord, join(folder, 'annotations.jsonl')),
  );
  const store = createFileRunStore({ runs: root }, clock);
  const reports = await store.loadEvaluations(id);
  const lines = loadLines(join(folder, 'events.jsonl'));
  const lease = findLease(folder);
  const configPath = join(folder, 'config.yaml');
  const rest = packMeasurements(measurements);
  const number = db.selectFrom('runs').select('number').where('id', '=', id);
  // The number of the run is known within the transaction only, so each row looks it up.
  const asRun = number as unknown as number;
  const insert = db
    .insertInto('runs')
    .values({
      ...NEW_ROW,
      ...{ id, created_at: run.createdAt, head: JSON.stringify(run), host: hostname(), folder },
      config_yaml: existsSync(configPath) ? readFileSync(configPath, 'utf8') : '',
      changed: nextChange(),
      rewinds: JSON.stringify(rewinds),
      next_event: lines.length,
      next_chunk: rest.nextChunk,
      generation: lease?.generation ?? 0,
      lease: lease?.record == null ? null : JSON.stringify(lease.record),
      lease_expires_ms: lease?.expiresMs ?? 0,
      stop_requested: 0,
      status: await store.status(id),
      note: annotations.note,
      summary: formatKeptSummary(buildKeptSummary(run, events, metrics, [])),
    })
    .onConflict((conflict) => conflict.column('id').doNothing());
  return [
    { query: insert, expectedRows: 1 },
    ...lines.map((line, position) => ({
      query: db.insertInto('run_events').values({ run: asRun, position, line: JSON.stringify(line) }),
    })),
    ...rest.chunks.flatMap(({ metric, attempt, chunk, packed }) => [
      {
        query: db.insertInto('chunks').values({
          ...{ run: asRun, metric, attempt, chunk, count: packed.count },
          ...{ first_step: packed.firstStep, last_step: packed.lastStep },
          ...{ extremes: packed.extremes, summary: packed.summary },
        }),
      },
      { query: db.insertInto('chunk_data').values({ run: asRun, chunk, data: packed.data }) },
    ]),
    ...rest.recordings.map(({ position, line }) => ({
      query: db.insertInto('recordings').values({ run: asRun, position, line: JSON.stringify(line) }),
    })),
    ...annotations.tags.map((tag) => ({ query: db.insertInto('run_tags').values({ run: asRun, tag }) })),
    ...annotations.artifacts.map((artifact, position) => ({
      query: db
        .insertInto('artifacts')
        .values({ run: asRun, name: artifact.name, position, artifact: JSON.stringify(artifact) }),
    })),
    ...reports.map((report, position) => ({
      query: db.insertInto('evaluations').values({ run: asRun, position, report: JSON.stringify(report) }),
    })),
  ];
}

function packMeasurements(measurements: readonly RunMeasurement[]) {
  const chunks: {
    metric: string;
    attempt: number;
    chunk: number;
    packed: ReturnType<typeof packChunk>;
  }[] = [];
  let next = 0;
  for (const [metric, points] of groupPoints(measurements)) {
    const attempts = new Set(points.map(({ attempt }) => attempt));
    for (const attempt of [...attempts].sort((a, b) => a - b)) {
      const own = points.filter((point) => point.attempt === attempt);
      for (let start = 0; start < own.length; start += CHUNK_POINTS)
        chunks.push({
          ...{ metric, attempt, chunk: next++ },
          packed: packChunk(own.slice(start, start + CHUNK_POINTS)),
        });
    }
  }
  const recordings = measurements.flatMap((line) =>
    line.kind === 'metrics' ? [] : [{ position: next++, line }],
  );
  return { chunks, recordings, nextChunk: next };
}
