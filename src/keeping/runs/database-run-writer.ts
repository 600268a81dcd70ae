// The writer of a run in a database. Each write is one transaction that begins with its row: if the lease is lost, nothing is
// written. Measurements go in batches, one chunk for each metric (chunk-tail.ts).
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { appError, type Clock, invariant, isAppError } from '../../foundation/core/index.ts';
import type {
  Artifact,
  EvaluationReport,
  Run,
  RunEvent,
  RunLease,
  RunLogLine,
  RunMeasurement,
} from '../../foundation/records/index.ts';
import { evaluationReportRecord, runLogLineRecord } from '../../foundation/records/index.ts';
import type { Database, Statement, Tables } from '../database/index.ts';
import { type ChunkHead, packChunk } from './chunk.ts';
import { type ChunkSource, loadStretches, summarizeStretches } from './chunk-series.ts';
import { ChunkTail } from './chunk-tail.ts';
import { isKeptByResume } from './event-log.ts';
import type { Histogram, MetricSummary, Moment, NewMeasurement, Point } from './measurement.ts';
import { assertMeasuredName } from './measurement-log.ts';
import { summarizePoints } from './metric-summary.ts';
import { RecordingBuffer } from './recording-buffer.ts';
import { type FoundLease, formatLeaseHolder, RENEW_EVERY_MS } from './run-lease.ts';
import {
  buildKeptSummary,
  formatKeptSummary,
  parseKeptSummary,
  type RunRow,
  readRewinds,
} from './run-row.ts';
import type { NewRunEvent, RunWriter } from './run-store.ts';
import type { Rewind } from './visible-points.ts';

interface WriterOptions {
  readonly db: Kysely<Tables>;
  readonly database: Database;
  readonly clock: Clock;
  readonly lease: RunLease;
  readonly owner: string;
  readonly number: number;
  readonly run: Run;
  readonly row: RunRow;
  /** The visible ones. */
  readonly events: readonly RunEvent[];
  leaseEnd(): number | RawBuilder<number>;
  nextChange(): RawBuilder<number>;
  sourceOf(metric: string): ChunkSource;
  loadHeads(metric: string): Promise<ChunkHead[]>;
  loadLease(): Promise<FoundLease | null>;
}

type Recorded =
  | (Moment & {
      readonly kind: 'metrics';
      readonly attempt: number;
      readonly timeMs: number;
      readonly values: Values;
    })
  | Exclude<RunMeasurement, { kind: 'metrics' }>;
type Values = Readonly<Record<string, number>>;

/** Rows of one insert; SQLite allows 32,766 parameters. */
const MOST_ROWS = 500;

export class DatabaseRunWriter implements RunWriter {
  readonly runId: string;
  readonly #options: WriterOptions;
  readonly #buffer: RecordingBuffer<Recorded>;
  readonly #timer: NodeJS.Timeout;
  #queue: Promise<unknown> = Promise.resolve();
  #ended = false;
  #events: readonly RunEvent[];
  #rewinds: readonly Rewind[];
  #attempt: number;
  #nextEvent: number;
  #nextChunk: number;
  /** Of the visible points. */
  #metrics: ReadonlyMap<string, MetricSummary>;
  #stale: ReadonlySet<string>;
  #tails: ReadonlyMap<string, ChunkTail> = new Map();

  /** Completes what an earlier writer has left, and begins. */
  static async start(options: WriterOptions): Promise<RunWriter> {
    const writer = new DatabaseRunWriter(options);
    if (writer.#stale.size > 0) await writer.#enqueue(() => writer.#refreshStale());
    return writer;
  }

  private constructor(options: WriterOptions) {
    const { run, row, events } = options;
    const kept = parseKeptSummary(row.summary);
    this.runId = run.id;
    this.#options = options;
    this.#events = events;
    this.#rewinds = readRewinds(row);
    this.#attempt = this.#rewinds.length + 1;
    this.#nextEvent = row.next_event;
    this.#nextChunk = row.next_chunk;
    this.#metrics = new Map(kept.metrics.map((metric) => [metric.name, metric]));
    this.#stale = new Set(kept.stale);
    this.#buffer = new RecordingBuffer((items) => this.#enqueue(() => this.#writeRecorded(items)));
    this.#timer = setInterval(() => this.#renewQuietly(), RENEW_EVERY_MS);
    this.#timer.unref();
  }

  record({ step, epoch, articles, timeMs, values }: NewMeasurement): void {
    for (const name of Object.keys(values)) assertMeasuredName(name);
    const at = this.#stampMoment({ step, epoch, articles });
    this.#buffer.add({ ...at, timeMs: timeMs ?? at.timeMs, kind: 'metrics', values: { ...values } });
  }

  recordText(name: string, at: Moment, text: string): void {
    assertMeasuredName(name);
    this.#buffer.add({ schemaVersion: 1, ...this.#stampMoment(at), kind: 'text', name, text });
  }

  recordHistogram(name: string, at: Moment, { edges, counts }: Histogram): void {
    assertMeasuredName(name);
    const stamped = { schemaVersion: 1, ...this.#stampMoment(at) } as const;
    this.#buffer.add({ ...stamped, kind: 'histogram', name, edges: [...edges], counts: [...counts] });
  }

  async flush(): Promise<void> {
    await this.#buffer.flush();
    await this.#enqueue(() => this.#write({}, []));
  }

  async append(event: NewRunEvent): Promise<void> {
    const stamped = { schemaVersion: 1, createdAt: this.#options.clock.nowIso(), ...event } as RunEvent;
    await this.#buffer.flush();
    await this.#enqueue(async () => {
      const events = [...this.#events, stamped];
      const status = statusOf(event);
      const columns = { summary: this.#formatSummary(events), next_event: this.#nextEvent + 1 };
      await this.#write({ ...columns, ...(status === null ? {} : { status }) }, [this.#insertLine(stamped)]);
      this.#events = events;
      this.#nextEvent++;
    });
  }

  async addArtifact(artifact: Artifact): Promise<void> {
    const { db, number: run } = this.#options;
    const text = JSON.stringify(artifact);
    await this.#buffer.flush();
    const position = db
      .selectFrom('artifacts')
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .where('run', '=', run);
    const query = db
      .insertInto('artifacts')
      .values({ run, name: artifact.name, position: sql<number>`(${position})`, artifact: text })
      .onConflict((conflict) => conflict.columns(['run', 'name']).doUpdateSet({ artifact: text }));
    await this.#enqueue(() => this.#write({}, [{ query }]));
  }

  async rewind(step: number): Promise<void> {
    const createdAt = this.#options.clock.nowIso();
    const written = this.#buffer.flush();
    const attempt = ++this.#attempt; // what is recorded from now on belongs to it
    try {
      await written;
      await this.#enqueue(async () => {
        const events = this.#events.filter((event) => isKeptByResume(event, step));
        const rewinds = [...this.#rewinds, { attempt, step }];
        const stale = new Set(this.#metrics.keys());
        const summary = this.#formatSummary(events, this.#metrics, stale);
        await this.#write({ summary, rewinds: JSON.stringify(rewinds), next_event: this.#nextEvent + 1 }, [
          this.#insertLine({ schemaVersion: 1, createdAt, type: 'rewound', step }),
        ]);
        this.#events = events;
        this.#rewinds = rewinds;
        this.#stale = stale;
        this.#tails = new Map();
        this.#nextEvent++;
        await this.#tryRefreshStale();
      });
    } catch (error) {
      if (this.#rewinds.length + 1 < attempt) this.#attempt--;
      throw error;
    }
  }

  async saveEvaluations(reports: readonly EvaluationReport[]): Promise<void> {
    const { db, number: run } = this.#options;
    const rows = reports.map((report, position) => ({
      ...{ run, position },
      report: JSON.stringify(evaluationReportRecord.schema.parse(report)),
    }));
    await this.#buffer.flush();
    await this.#enqueue(() =>
      this.#write({}, [
        { query: db.deleteFrom('evaluations').where('run', '=', run) },
        ...(rows.length === 0 ? [] : [{ query: db.insertInto('evaluations').values(rows) }]),
      ]),
    );
  }

  async renew(): Promise<void> {
    await this.#enqueue(() => this.#fence({}, []));
  }

  async release(): Promise<void> {
    if (this.#ended) return;
    await this.#buffer.flush().catch(() => {}); // a caller who must know has called flush
    if (this.#ended) return;
    const releasedAt = this.#options.clock.nowIso();
    const lease = JSON.stringify({ ...this.#options.lease, releasedAt });
    const last = this.#events.at(-1);
    const status = last === undefined ? null : statusOf(last);
    const columns = {
      lease,
      owner: null,
      status: status === null || status === 'running' ? 'interrupted' : status,
    };
    await this.#enqueue(() => this.#write(columns, [])).catch(() => {}); // it expires by itself
    this.#end();
  }

  async #writeRecorded(items: readonly Recorded[]): Promise<void> {
    const { db, number: run } = this.#options;
    const series = new Map<string, { metric: string; attempt: number; points: Point[] }>();
    const lines: { run: number; position: number; line: string }[] = [];
    let nextChunk = this.#nextChunk;
    for (const item of items) {
      if (item.kind !== 'metrics') {
        lines.push({ run, position: nextChunk++, line: JSON.stringify(item) });
        continue;
      }
      const { step, epoch, articles, timeMs, attempt } = item;
      for (const [metric, value] of Object.entries(item.values)) {
        const key = `${metric} ${attempt}`;
        let one = series.get(key);
        if (one === undefined) {
          one = { metric, attempt, points: [] };
          series.set(key, one);
        }
        one.points.push({ step, epoch, articles, timeMs, value });
      }
    }
    const tails = new Map(this.#tails);
    const metrics = new Map(this.#metrics);
    const stale = new Set(this.#stale);
    const heads: Tables['chunks'][] = [];
    const data: Tables['chunk_data'][] = [];
    const removed: { chunk: number; metric: string }[] = [];
    for (const [key, { metric, attempt, points }] of series) {
      const change = (tails.get(key) ?? ChunkTail.empty).add(points, () => nextChunk++);
      tails.set(key, change.tail);
      for (const chunk of change.removed) removed.push({ chunk, metric });
      for (const added of change.added) {
        const packed = packChunk(added.points);
        heads.push({
          ...{ run, metric, attempt, chunk: added.chunk, count: packed.count },
          ...{ first_step: packed.firstStep, last_step: packed.lastStep },
          ...{ extremes: packed.extremes, summary: packed.summary },
        });
        data.push({ run, chunk: added.chunk, data: packed.data });
      }
      const summary = extendSummary(metric, metrics.get(metric), points);
      if (summary === null) stale.add(metric);
      else metrics.set(metric, summary);
    }
    const statements: Statement[] = [
      ...inParts(removed).flatMap((part) => {
        const chunks = part.map(({ chunk }) => chunk);
        const names = [...new Set(part.map(({ metric }) => metric))];
        return [
          {
            query: db
              .deleteFrom('chunks')
              .where('run', '=', run)
              .where('metric', 'in', names)
              .where('chunk', 'in', chunks),
          },
          { query: db.deleteFrom('chunk_data').where('run', '=', run).where('chunk', 'in', chunks) },
        ];
      }),
      ...inParts(heads).map((part) => ({ query: db.insertInto('chunks').values(part) })),
      ...inParts(data).map((part) => ({ query: db.insertInto('chunk_data').values(part) })),
      ...inParts(lines).map((part) => ({ query: db.insertInto('recordings').values(part) })),
    ];
    const summary = this.#formatSummary(this.#events, metrics, stale);
    await this.#write({ summary, next_chunk: nextChunk }, statements, false);
    this.#nextChunk = nextChunk;
    this.#tails = tails;
    this.#metrics = metrics;
    this.#stale = stale;
    if (stale.size > 0) await this.#tryRefreshStale();
  }

  /** What it serves is written already: a failure must not lead to writing it again. The next write tries again. */
  async #tryRefreshStale(): Promise<void> {
    await this.#refreshStale().catch(() => {});
  }

  /** Computes the summaries of metrics whose points came out of order, or were hidden by a resume, from the points. */
  async #refreshStale(): Promise<void> {
    const { sourceOf, loadHeads } = this.#options;
    const metrics = new Map(this.#metrics);
    for (const name of this.#stale) {
      const stretches = await loadStretches(await loadHeads(name), this.#rewinds, sourceOf(name));
      const summary = summarizeStretches(name, stretches);
      if (summary === null) metrics.delete(name);
      else metrics.set(name, summary);
    }
    await this.#write({ summary: this.#formatSummary(this.#events, metrics, new Set()) }, [], false);
    this.#metrics = metrics;
    this.#stale = new Set();
  }

  #formatSummary(
    events: readonly RunEvent[],
    metrics: ReadonlyMap<string, MetricSummary> = this.#metrics,
    stale: ReadonlySet<string> = this.#stale,
  ): string {
    return formatKeptSummary(buildKeptSummary(this.#options.run, events, [...metrics.values()], [...stale]));
  }

  #insertLine(line: RunLogLine): Statement {
    const text = JSON.stringify(runLogLineRecord.schema.parse(line));
    const row = { run: this.#options.number, position: this.#nextEvent, line: text };
    return { query: this.#options.db.insertInto('run_events').values(row) };
  }

  /** Writes, and tells whoever watches. */
  #write(columns: Columns, statements: readonly Statement[], durable = true): Promise<void> {
    return this.#fence({ ...columns, changed: this.#options.nextChange() }, statements, durable);
  }

  /** Writes if this process still has the lease, which it extends. @throws RUN_LEASE_LOST */
  async #fence(columns: Columns, statements: readonly Statement[], durable = true): Promise<void> {
    const { db, database, owner, leaseEnd } = this.#options;
    const query = db
      .updateTable('runs')
      .set({
        ...columns,
        ...('owner' in columns ? {} : { lease_expires_ms: leaseEnd() }),
      })
      .where('id', '=', this.runId)
      .where('owner', '=', owner);
    const isHeld =
      !this.#ended && (await database.writeAll([{ query, expectedRows: 1 }, ...statements], { durable }));
    if (isHeld) return;
    this.#end();
    throw appError('RUN_LEASE_LOST', {
      run: this.runId,
      holder: formatLeaseHolder(await this.#options.loadLease()),
    });
  }

  /** Calls take effect in the order in which they were made. */
  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }

  #renewQuietly(): void {
    this.renew().catch((error: unknown) => {
      // Another failure than a lost lease is tried again; if it lasts, the lease expires and may be taken over.
      if (isAppError(error) && error.code === 'RUN_LEASE_LOST') this.#end();
    });
  }

  #end(): void {
    this.#ended = true;
    clearInterval(this.#timer);
  }

  #stampMoment({ step, epoch, articles }: Moment) {
    invariant(Number.isSafeInteger(step) && step >= 0, 'a step is a whole number from 0', { step });
    const timeMs = Date.parse(this.#options.clock.nowIso());
    return { attempt: this.#attempt, step, epoch, articles, timeMs };
  }
}

type Columns = Partial<
  Pick<RunRow, 'summary' | 'next_event' | 'next_chunk' | 'rewinds' | 'lease' | 'owner' | 'status'>
> & { readonly changed?: RawBuilder<number> };

/** The status that an event gives the run. */
function statusOf(event: { readonly type: RunEvent['type'] }): string | null {
  if (event.type === 'started') return 'running';
  return event.type === 'finished' || event.type === 'stopped' || event.type === 'failed' ? event.type : null;
}

/** The summary with later points; null where they are not later, and the points must be looked at. */
function extendSummary(
  name: string,
  before: MetricSummary | undefined,
  points: readonly Point[],
): MetricSummary | null {
  let last = before?.lastStep ?? -1;
  for (const { step } of points) {
    if (step <= last) return null;
    last = step;
  }
  const added = summarizePoints(name, points);
  if (before === undefined) return added;
  const isLower = added.min < before.min || Number.isNaN(before.min);
  const isHigher = added.max > before.max || Number.isNaN(before.max);
  return {
    ...added,
    count: before.count + added.count,
    first: before.first,
    firstStep: before.firstStep,
    ...(isLower ? {} : { min: before.min, minStep: before.minStep }),
    ...(isHigher ? {} : { max: before.max, maxStep: before.maxStep }),
  };
}

function inParts<T>(items: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start < items.length; start += MOST_ROWS)
    parts.push(items.slice(start, start + MOST_ROWS));
  return parts;
}
