// Runs in a database, SQLite or PostgreSQL: one row for each run, its events as lines, its points in chunks. Checkpoints and
// the exported model stay files in runs/<id>/, beside a copy of the configuration.
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import {
  appError,
  type Clock,
  createDatedId,
  isAppError,
  makeFolder,
  removeFolder,
  removeLeftovers,
  writeFileAtomic,
} from '../../foundation/core/index.ts';
import {
  type Artifact,
  type EvaluationReport,
  evaluationReportRecord,
  type Home,
  parseRecord,
  type Run,
  type RunEvent,
  type RunMeasurement,
  type RunStatus,
  runLogLineRecord,
  runMeasurementRecord,
  runRecord,
} from '../../foundation/records/index.ts';
import type { Database, Tables } from '../database/index.ts';
import { DatabaseRunWriter } from './database-run-writer.ts';
import { foldLog } from './event-log.ts';
import type {
  Curve,
  CurveRequest,
  KeptPoint,
  MetricSummary,
  Point,
  RecordedHistogram,
  RecordedText,
} from './measurement.ts';
import { importFileRuns } from './run-import.ts';
import { buildLease, formatLeaseHolder, isLeaseHeld, LEASE_MS } from './run-lease.ts';
import {
  type ChunkedRun,
  createChunkSource,
  loadChunkHeads,
  loadRunCurve,
  loadRunPoints,
} from './run-points.ts';
import {
  buildKeptSummary,
  buildRunSummary,
  deriveRowStatus,
  formatKeptSummary,
  type ListedRow,
  NEW_ROW,
  parseKeptSummary,
  type RunRow,
  readLease,
  readRewinds,
} from './run-row.ts';
import type {
  ChangedRuns,
  DamagedRun,
  NewRun,
  PointRange,
  RunFiles,
  RunList,
  RunStore,
  RunWriter,
  TagChange,
} from './run-store.ts';
import type { RunSummary } from './run-summary.ts';
import { selectVisibleByName } from './visible-points.ts';

/** Tables with rows of a run. */
const PARTS = [
  'run_events',
  'chunks',
  'chunk_data',
  'recordings',
  'run_tags',
  'artifacts',
  'evaluations',
] as const;

export interface DatabaseRunOptions {
  /** Measures leases by this clock instead of that of the database server; for tests. */
  readonly leaseClock?: Clock;
}

/** Opens the runs of a database; creates nothing before the first use, which imports the runs that `home` has on files. */
export function createDatabaseRunStore(
  database: Database,
  home: Pick<Home, 'runs'>,
  clock: Clock,
  options: DatabaseRunOptions = {},
): RunStore {
  return new DatabaseRunStore(database, home.runs, clock, options);
}

class DatabaseRunStore implements RunStore {
  readonly #database: Database;
  readonly #root: string;
  readonly #clock: Clock;
  /** null: the clock of the server. */
  readonly #leaseClock: Clock | null;
  #opened: Promise<Kysely<Tables>> | null = null;
  /** Runs on files that could not be imported. */
  #damaged: readonly DamagedRun[] = [];

  constructor(database: Database, root: string, clock: Clock, { leaseClock }: DatabaseRunOptions) {
    this.#database = database;
    this.#root = root;
    this.#clock = clock;
    this.#leaseClock = leaseClock ?? (database.kind === 'sqlite' ? clock : null);
  }

  async create(run: NewRun, configYaml: string): Promise<Run> {
    const db = await this.#open();
    const createdAt = this.#clock.nowIso();
    for (;;) {
      const stamped: Run = { schemaVersion: 1, id: createDatedId('run', createdAt), createdAt, ...run };
      const folder = join(this.#root, stamped.id);
      const row = {
        ...{ id: stamped.id, created_at: createdAt, config_yaml: configYaml, host: hostname(), folder },
        head: JSON.stringify(runRecord.schema.parse(stamped)),
        summary: formatKeptSummary(buildKeptSummary(stamped, [], [], [])),
        ...NEW_ROW,
        changed: this.#nextChange(),
      };
      const query = db
        .insertInto('runs')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doNothing());
      if (existsSync(folder)) continue;
      // The file first: where it cannot be written there is no run.
      writeFileAtomic(join(folder, 'config.yaml'), configYaml);
      try {
        if (await this.#database.writeAll([{ query, expectedRows: 1 }])) return stamped;
      } catch (error) {
        removeFolder(folder);
        throw error;
      }
      removeFolder(folder);
    }
  }

  async claim(id: string): Promise<RunWriter> {
    const row = await this.#loadRow(id);
    const nowMs = await this.#nowMs();
    const held = readLease(row);
    if (held !== null && isLeaseHeld(held, nowMs))
      throw appError('RUN_ACTIVE', { run: id, holder: formatLeaseHolder(held) });
    const db = await this.#open();
    const lease = buildLease(id, this.#clock.nowIso(), new Date(nowMs + LEASE_MS).toISOString());
    const { owner } = lease;
    const query = db
      .updateTable('runs')
      .set({
        generation: row.generation + 1,
        ...{ lease: JSON.stringify(lease), owner, stop_requested: 0, status: 'running' },
        lease_expires_ms: this.#leaseEnd(),
        changed: this.#nextChange(),
      })
      .where('id', '=', id)
      .where('generation', '=', row.generation)
      .where('lease_expires_ms', '=', row.lease_expires_ms);
    if (!(await this.#database.writeAll([{ query, expectedRows: 1 }])))
      throw appError('RUN_ACTIVE', {
        run: id,
        holder: formatLeaseHolder(readLease(await this.#loadRow(id))),
      });
    // Whoever wrote before has lost the lease, so what it left half-written is of no use to anybody.
    removeLeftovers((await this.files(id)).folder);
    return DatabaseRunWriter.start({
      ...{ db, database: this.#database, clock: this.#clock, lease, owner, number: row.number },
      leaseEnd: () => this.#leaseEnd(),
      nextChange: () => this.#nextChange(),
      sourceOf: (metric) => createChunkSource(db, row.number, metric),
      loadHeads: (metric) => loadChunkHeads(db, row.number, metric),
      loadLease: async () => {
        const now = await db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
        return now === undefined ? null : readLease(now);
      },
      run: this.#parseHead(row),
      row: await this.#loadRow(id),
      events: await this.loadEvents(id),
    });
  }

  async load(id: string): Promise<Run> {
    return this.#parseHead(await this.#loadRow(id));
  }

  async loadEvents(id: string): Promise<RunEvent[]> {
    const { number } = await this.#loadRow(id);
    const rows = await (await this.#open())
      .selectFrom('run_events')
      .select('line')
      .where('run', '=', number)
      .orderBy('position')
      .execute();
    return foldLog(rows.map(({ line }, i) => parseRecord(runLogLineRecord, line, `${id}, event ${i + 1}`)))
      .events;
  }

  async status(id: string): Promise<RunStatus> {
    const row = await this.#loadRow(id);
    return deriveRowStatus(row, parseKeptSummary(row.summary), await this.#nowMs());
  }

  async summarize(id: string): Promise<RunSummary> {
    const row = await this.#loadRow(id);
    const tags = await (await this.#open())
      .selectFrom('run_tags')
      .select('tag')
      .where('run', '=', row.number)
      .execute();
    return buildRunSummary(row, tags.map(({ tag }) => tag).sort(), await this.#nowMs());
  }

  async list(): Promise<RunList> {
    const db = await this.#open();
    await this.#markDead();
    const rows = await db
      .selectFrom('runs')
      .select(['number', 'id', 'head', 'summary', 'note', 'generation', 'lease', 'lease_expires_ms'])
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .execute();
    const tags = new Map<number, string[]>();
    for (const { run, tag } of await db.selectFrom('run_tags').selectAll().orderBy('tag').execute())
      tags.set(run, [...(tags.get(run) ?? []), tag]);
    const nowMs = await this.#nowMs();
    const runs: RunSummary[] = [];
    const damaged: DamagedRun[] = [...this.#damaged];
    for (const row of rows) {
      const summary = summarizeRow(row, tags.get(row.number) ?? [], nowMs);
      if (isAppError(summary)) damaged.push({ id: row.id, error: summary });
      else runs.push(summary);
    }
    return { runs, damaged };
  }

  async loadEvaluations(id: string): Promise<EvaluationReport[]> {
    const { number } = await this.#loadRow(id);
    const rows = await (await this.#open())
      .selectFrom('evaluations')
      .select('report')
      .where('run', '=', number)
      .orderBy('position')
      .execute();
    return rows.map(({ report }, i) =>
      parseRecord(evaluationReportRecord, report, `${id}, evaluation ${i + 1}`),
    );
  }

  async listMetrics(id: string): Promise<MetricSummary[]> {
    const row = await this.#loadRow(id);
    const { metrics } = parseKeptSummary(row.summary);
    return [...metrics].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async loadPoints(
    id: string,
    name: string,
    options: PointRange & { includeHidden: true },
  ): Promise<KeptPoint[]>;
  async loadPoints(id: string, name: string, options?: PointRange): Promise<Point[]>;
  async loadPoints(id: string, name: string, options: PointRange = {}): Promise<Point[]> {
    return loadRunPoints(await this.#open(), await this.#loadPlace(id), name, options);
  }

  async loadCurve(id: string, name: string, request: CurveRequest): Promise<Curve> {
    return loadRunCurve(await this.#open(), await this.#loadPlace(id), name, request);
  }

  async loadTexts(id: string): Promise<RecordedText[]> {
    const { lines, rewinds } = await this.#loadRecordings(id);
    const texts = lines.flatMap((line) => (line.kind === 'text' ? [line] : []));
    return selectVisibleByName(texts, rewinds).map(({ name, step, epoch, articles, timeMs, text }) => ({
      ...{ name, step, epoch, articles, timeMs, text },
    }));
  }

  async loadHistograms(id: string): Promise<RecordedHistogram[]> {
    const { lines, rewinds } = await this.#loadRecordings(id);
    const histograms = lines.flatMap((line) => (line.kind === 'histogram' ? [line] : []));
    return selectVisibleByName(histograms, rewinds).map(
      ({ name, step, epoch, articles, timeMs, edges, counts }) => ({
        ...{ name, step, epoch, articles, timeMs, edges, counts },
      }),
    );
  }

  async listArtifacts(id: string): Promise<Artifact[]> {
    const { number } = await this.#loadRow(id);
    const rows = await (await this.#open())
      .selectFrom('artifacts')
      .select('artifact')
      .where('run', '=', number)
      .orderBy('position')
      .execute();
    return rows.map(({ artifact }) => JSON.parse(artifact) as Artifact);
  }

  async setTags(id: string, { add = [], remove = [] }: TagChange): Promise<void> {
    const db = await this.#open();
    const { number: run } = await this.#loadRow(id);
    await this.#change(id, {}, [
      ...add.map((tag) =>
        db
          .insertInto('run_tags')
          .values({ run, tag })
          .onConflict((conflict) => conflict.doNothing()),
      ),
      ...remove.map((tag) => db.deleteFrom('run_tags').where('run', '=', run).where('tag', '=', tag)),
    ]);
  }

  async setNote(id: string, text: string | null): Promise<void> {
    await this.#change(id, { note: text });
  }

  async requestStop(id: string): Promise<void> {
    await this.#change(id, { stop_requested: 1 });
  }

  async isStopRequested(id: string): Promise<boolean> {
    return (await this.#loadRow(id)).stop_requested === 1;
  }

  async changesSince(cursor: string | null, id?: string): Promise<ChangedRuns> {
    const db = await this.#open();
    await this.#markDead();
    const isSqlite = this.#database.kind === 'sqlite';
    // PostgreSQL stamps a change with its transaction: those before the oldest that still runs are all visible.
    const next = isSqlite
      ? sql<{ next: number }>`select ${this.#nextChange()} as next`
      : sql<{ next: number }>`select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as next`;
    const now = (await next.execute(db)).rows[0]!.next;
    if (cursor === null) return { cursor: `${now}`, runIds: [] };
    let query = db.selectFrom('runs').select('id').where('changed', '>=', Number(cursor));
    if (id !== undefined) query = query.where('id', '=', id);
    return { cursor: `${now}`, runIds: (await query.execute()).map((row) => row.id) };
  }

  async files(id: string): Promise<RunFiles> {
    await this.#loadRow(id);
    const folder = join(this.#root, id);
    makeFolder(folder);
    return { folder, checkpoints: join(folder, 'checkpoints'), model: join(folder, 'model') };
  }

  async delete(id: string): Promise<void> {
    const { number } = await this.#loadRow(id);
    const writer = await this.claim(id);
    const db = await this.#open();
    await writer.release();
    const trace = db.insertInto('deleted_runs').values({ id, changed: this.#nextChange() });
    const deleted = await this.#database.writeAll([
      { query: trace.onConflict((conflict) => conflict.doNothing()) },
      { query: db.deleteFrom('runs').where('id', '=', id).where('owner', 'is', null), expectedRows: 1 },
      ...PARTS.map((part) => ({ query: db.deleteFrom(part).where('run', '=', number) })),
    ]);
    if (!deleted) throw appError('RUN_ACTIVE', { run: id, holder: 'another process' });
    removeFolder(join(this.#root, id));
  }

  async deleteCheckpoints(id: string): Promise<void> {
    const writer = await this.claim(id);
    try {
      removeFolder((await this.files(id)).checkpoints);
    } finally {
      await writer.release();
    }
  }

  async locations(id: string): Promise<Readonly<Record<string, string>>> {
    const { host, folder: created } = await this.#loadRow(id);
    const { folder, checkpoints, model } = await this.files(id);
    return {
      folder,
      ...(created === folder || host === hostname() ? {} : { created: `${host}:${created}` }),
      config: join(folder, 'config.yaml'),
      database: this.#database.place,
      checkpoints,
      model,
    };
  }

  /** Opens the database, and imports the runs that earlier versions kept on files. */
  #open(): Promise<Kysely<Tables>> {
    this.#opened ??= this.#start().catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  async #start(): Promise<Kysely<Tables>> {
    const db = await this.#database.connect();
    this.#damaged = await importFileRuns({
      ...{ db, database: this.#database, root: this.#root, clock: this.#clock },
      nextChange: () => this.#nextChange(),
    });
    return db;
  }

  /** @throws RUN_NOT_FOUND */
  async #loadRow(id: string): Promise<RunRow> {
    const db = await this.#open();
    const row = await db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw appError('RUN_NOT_FOUND', { run: id, folder: this.#database.place });
    return row;
  }

  #parseHead({ id, head }: Pick<RunRow, 'id' | 'head'>): Run {
    return parseRecord(runRecord, head, `${this.#database.place}, ${id}`);
  }

  /** What finds the points of a run, without its head and its summary, which may be long. @throws RUN_NOT_FOUND */
  async #loadPlace(id: string): Promise<ChunkedRun> {
    const db = await this.#open();
    const query = db.selectFrom('runs').select(['number', 'rewinds']).where('id', '=', id);
    const row = await query.executeTakeFirst();
    if (row === undefined) throw appError('RUN_NOT_FOUND', { run: id, folder: this.#database.place });
    return row;
  }

  async #loadRecordings(id: string) {
    const row = await this.#loadRow(id);
    const rows = await (await this.#open())
      .selectFrom('recordings')
      .select('line')
      .where('run', '=', row.number)
      .orderBy('position')
      .execute();
    const lines: RunMeasurement[] = rows.map(({ line }, i) =>
      parseRecord(runMeasurementRecord, line, `${id}, recording ${i + 1}`),
    );
    return { lines, rewinds: readRewinds(row) };
  }

  async #change(
    id: string,
    columns: { note?: string | null; stop_requested?: number },
    also: Parameters<Database['writeAll']>[0][number]['query'][] = [],
  ): Promise<void> {
    const db = await this.#open();
    const query = db
      .updateTable('runs')
      .set({ ...columns, changed: this.#nextChange() })
      .where('id', '=', id);
    if (await this.#database.writeAll([{ query, expectedRows: 1 }, ...also.map((one) => ({ query: one }))]))
      return;
    throw appError('RUN_NOT_FOUND', { run: id, folder: this.#database.place });
  }

  /** Marks the runs whose process has ended without a last word. */
  async #markDead(): Promise<void> {
    const db = await this.#open();
    const running = await db
      .selectFrom('runs')
      .select(['id', 'generation', 'lease', 'lease_expires_ms', 'summary'])
      .where('status', '=', 'running')
      .execute();
    if (running.length === 0) return;
    const nowMs = await this.#nowMs();
    for (const row of running) {
      const status = deriveRowStatus(row, parseKeptSummary(row.summary), nowMs);
      if (status === 'running') continue;
      const query = db
        .updateTable('runs')
        .set({ status, changed: this.#nextChange() })
        .where('id', '=', row.id)
        .where('generation', '=', row.generation)
        .where('lease_expires_ms', '=', row.lease_expires_ms);
      await this.#database.writeAll([{ query }]);
    }
  }

  async #nowMs(): Promise<number> {
    return this.#leaseClock === null ? this.#database.nowMs() : Date.parse(this.#leaseClock.nowIso());
  }

  /** When a lease ends that is taken or renewed now. */
  #leaseEnd(): number | RawBuilder<number> {
    if (this.#leaseClock !== null) return Date.parse(this.#leaseClock.nowIso()) + LEASE_MS;
    return sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint + ${sql.lit(LEASE_MS)}`;
  }

  /** The value of `changed` after any other. */
  #nextChange(): RawBuilder<number> {
    return this.#database.kind === 'sqlite'
      ? sql<number>`(select coalesce(max(changed), 0) + 1 from
          (select max(changed) as changed from runs union all select max(changed) from deleted_runs))`
      : sql<number>`pg_current_xact_id()::text::bigint`;
  }
}

function summarizeRow(row: ListedRow, tags: readonly string[], nowMs: number) {
  try {
    return buildRunSummary(row, tags, nowMs);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return appError('RECORD_INVALID', { path: row.id, record: 'run', version: 1, problem }, { cause: error });
  }
}
