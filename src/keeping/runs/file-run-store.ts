// Runs on files: runs/<id>/{run.json, config.yaml, events.jsonl, measurements.jsonl, annotations.jsonl, lease-<n>.json,
// checkpoints/, model/, evaluation.json}. The head is written once; whatever happens is appended, and the status follows
// from the events and the lease.
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../foundation/core/index.ts';
import {
  appError,
  createDatedId,
  createFolderAtomic,
  cutTornLine,
  isAppError,
  isDatedId,
  isProcessAlive,
  listFolder,
  removeFolder,
  removeLeftovers,
  writeFileAtomic,
} from '../../foundation/core/index.ts';
import {
  type Artifact,
  appendRecordLine,
  type EvaluationReport,
  evaluationReportRecord,
  type Home,
  loadRecord,
  loadRecordLines,
  type Run,
  type RunAnnotation,
  type RunEvent,
  type RunMeasurement,
  type RunStatus,
  runAnnotationRecord,
  runRecord,
  saveRecord,
} from '../../foundation/records/index.ts';
import { type Annotations, foldAnnotations } from './annotation-log.ts';
import { buildCurve } from './curve.ts';
import { appendEvent, loadLog } from './event-log.ts';
import type {
  Curve,
  CurveRequest,
  Histogram,
  KeptPoint,
  MetricSummary,
  Moment,
  NewMeasurement,
  Point,
  RecordedHistogram,
  RecordedText,
} from './measurement.ts';
import {
  appendMeasurements,
  assertMeasuredName,
  encodeNumber,
  groupPoints,
  loadMeasurements,
  type WrittenPoint,
} from './measurement-log.ts';
import { summarizePoints } from './metric-summary.ts';
import { RecordingBuffer } from './recording-buffer.ts';
import { findLease, HeldLease, isLeaseHeld } from './run-lease.ts';
import type {
  ChangedRuns,
  DamagedRun,
  NewRun,
  NewRunEvent,
  PointRange,
  RunFiles,
  RunList,
  RunStore,
  RunWriter,
  TagChange,
} from './run-store.ts';
import { deriveStatus, type RunSummary, summarizeRun } from './run-summary.ts';
import { markHidden, type Rewind, selectVisible, selectVisibleByName } from './visible-points.ts';

const EVALUATION = /^evaluation(?:-(\d+))?\.json$/;

/** Opens the runs of `home`; creates nothing before the first run. */
export function createFileRunStore(home: Pick<Home, 'runs'>, clock: Clock): RunStore {
  return new FileRunStore(home.runs, clock);
}

/** File calls block, so that the writes of one call are never interleaved with those of another. */
class FileRunStore implements RunStore {
  readonly #root: string;
  readonly #clock: Clock;

  constructor(root: string, clock: Clock) {
    this.#root = root;
    this.#clock = clock;
  }

  async create(run: NewRun, configYaml: string): Promise<Run> {
    const createdAt = this.#clock.nowIso();
    for (;;) {
      const stamped: Run = { schemaVersion: 1, id: createDatedId('run', createdAt), createdAt, ...run };
      const folder = join(this.#root, stamped.id);
      if (existsSync(folder)) continue;
      const isOurs = await createFolderAtomic(folder, async (temporary) => {
        saveRecord(runRecord, join(temporary, 'run.json'), stamped);
        writeFileAtomic(join(temporary, 'config.yaml'), configYaml);
        writeFileAtomic(eventsPath(temporary), '');
        writeFileAtomic(measurementsPath(temporary), '');
      });
      if (isOurs) return stamped;
    }
  }

  async claim(id: string): Promise<RunWriter> {
    const folder = this.#folderOf(id);
    this.#assertNoEarlyWriter(id, folder);
    const lease = HeldLease.take(folder, id, this.#clock);
    // Whoever wrote before has lost the lease, so what it left half-written is of no use to anybody.
    removeLeftovers(folder);
    if (this.#loadAnnotations(id).isStopRequested) this.#annotate(id, { type: 'claimed' });
    return new FileRunWriter(id, folder, lease, this.#clock);
  }

  async load(id: string): Promise<Run> {
    return loadRecord(runRecord, join(this.#folderOf(id), 'run.json'));
  }

  async loadEvents(id: string): Promise<RunEvent[]> {
    return loadLog(eventsPath(this.#folderOf(id))).events;
  }

  async status(id: string): Promise<RunStatus> {
    return this.#deriveStatus(id, await this.loadEvents(id));
  }

  async summarize(id: string): Promise<RunSummary> {
    const events = await this.loadEvents(id);
    return summarizeRun({
      run: await this.load(id),
      events,
      status: this.#deriveStatus(id, events),
      annotations: this.#loadAnnotations(id),
      metrics: await this.listMetrics(id),
      machine: findLease(this.#folderOf(id))?.record?.host ?? null,
    });
  }

  async list(): Promise<RunList> {
    const runs: RunSummary[] = [];
    const damaged: DamagedRun[] = [];
    for (const id of listFolder(this.#root)) {
      if (!isDatedId('run', id) || !existsSync(join(this.#root, id, 'run.json'))) continue;
      try {
        runs.push(await this.summarize(id));
      } catch (error) {
        if (!isAppError(error)) throw error;
        damaged.push({ id, error });
      }
    }
    return { runs: runs.sort(compareNewestFirst), damaged };
  }

  async loadEvaluations(id: string): Promise<EvaluationReport[]> {
    const folder = this.#folderOf(id);
    return listEvaluations(folder).map((name) => loadRecord(evaluationReportRecord, join(folder, name)));
  }

  async listMetrics(id: string): Promise<MetricSummary[]> {
    const { measurements, rewinds } = this.#loadMeasured(id);
    return [...groupPoints(measurements)]
      .map(([name, points]) => ({ name, points: selectVisible(points, rewinds) }))
      .filter(({ points }) => points.length > 0)
      .map(({ name, points }) => summarizePoints(name, points))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async loadPoints(
    id: string,
    name: string,
    options: PointRange & { includeHidden: true },
  ): Promise<KeptPoint[]>;
  async loadPoints(id: string, name: string, options?: PointRange): Promise<Point[]>;
  async loadPoints(id: string, name: string, options: PointRange = {}): Promise<Point[]> {
    const { measurements, rewinds } = this.#loadMeasured(id);
    const { fromStep = 0, includeHidden = false } = options;
    const points = markHidden(groupPoints(measurements).get(name) ?? [], rewinds);
    const inRange = points.filter(({ point }) => point.step >= fromStep);
    if (includeHidden) return inRange.map(({ point, hidden }): KeptPoint => ({ ...point, hidden }));
    return inRange.flatMap(({ point, hidden }) => (hidden ? [] : [withoutAttempt(point)]));
  }

  async loadCurve(id: string, name: string, request: CurveRequest): Promise<Curve> {
    return buildCurve(await this.loadPoints(id, name), request);
  }

  async loadTexts(id: string): Promise<RecordedText[]> {
    const { measurements, rewinds } = this.#loadMeasured(id);
    const lines = measurements.flatMap((line) => (line.kind === 'text' ? [line] : []));
    return selectVisibleByName(lines, rewinds).map(({ name, step, epoch, articles, timeMs, text }) => ({
      ...{ name, step, epoch, articles, timeMs, text },
    }));
  }

  async loadHistograms(id: string): Promise<RecordedHistogram[]> {
    const { measurements, rewinds } = this.#loadMeasured(id);
    const lines = measurements.flatMap((line) => (line.kind === 'histogram' ? [line] : []));
    return selectVisibleByName(lines, rewinds).map(
      ({ name, step, epoch, articles, timeMs, edges, counts }) => ({
        ...{ name, step, epoch, articles, timeMs, edges, counts },
      }),
    );
  }

  async listArtifacts(id: string): Promise<Artifact[]> {
    return [...this.#loadAnnotations(id).artifacts];
  }

  async setTags(id: string, { add = [], remove = [] }: TagChange): Promise<void> {
    this.#annotate(id, { type: 'tags', add: [...add], remove: [...remove] });
  }

  async setNote(id: string, text: string | null): Promise<void> {
    this.#annotate(id, { type: 'note', text });
  }

  async requestStop(id: string): Promise<void> {
    this.#annotate(id, { type: 'stop-requested' });
  }

  async isStopRequested(id: string): Promise<boolean> {
    return this.#loadAnnotations(id).isStopRequested;
  }

  /** The cursor is a time of the file system. Files that changed just now are reported again: its times are coarse. */
  async changesSince(cursor: string | null, id?: string): Promise<ChangedRuns> {
    const sinceMs = Number(cursor ?? 0);
    let newestMs = sinceMs;
    const runIds: string[] = [];
    for (const run of id === undefined ? listFolder(this.#root) : [id]) {
      if (!isDatedId('run', run)) continue;
      const changedMs = findLastChange(join(this.#root, run));
      newestMs = Math.max(newestMs, changedMs);
      if (cursor !== null && changedMs > sinceMs) runIds.push(run);
    }
    return { cursor: `${Math.min(newestMs, Math.max(sinceMs, Date.now() - FILE_TIME_MS))}`, runIds };
  }

  async files(id: string): Promise<RunFiles> {
    const folder = this.#folderOf(id);
    return { folder, checkpoints: join(folder, 'checkpoints'), model: join(folder, 'model') };
  }

  async delete(id: string): Promise<void> {
    const writer = await this.claim(id);
    await writer.release(); // its renewal must not write into a folder that is gone
    removeFolder(this.#folderOf(id));
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
    const { folder, checkpoints, model } = await this.files(id);
    return {
      folder,
      config: join(folder, 'config.yaml'),
      events: eventsPath(folder),
      measurements: measurementsPath(folder),
      checkpoints,
      model,
      evaluation: join(folder, 'evaluation.json'),
    };
  }

  #loadMeasured(id: string): { measurements: RunMeasurement[]; rewinds: Rewind[] } {
    const folder = this.#folderOf(id);
    const { events, rewinds } = loadLog(eventsPath(folder));
    return { measurements: loadMeasurements(measurementsPath(folder), events), rewinds };
  }

  #loadAnnotations(id: string): Annotations {
    return foldAnnotations(loadRecordLines(runAnnotationRecord, annotationsPath(this.#folderOf(id))));
  }

  #annotate(id: string, annotation: NewAnnotation): void {
    appendAnnotation(this.#folderOf(id), this.#clock, annotation);
  }

  #folderOf(id: string): string {
    const folder = join(this.#root, id);
    if (!isDatedId('run', id) || !existsSync(join(folder, 'run.json')))
      throw appError('RUN_NOT_FOUND', { run: id, folder: this.#root });
    return folder;
  }

  /** Runs of early versions have no lease; their last `started` event names a process. @throws RUN_ACTIVE */
  #assertNoEarlyWriter(id: string, folder: string): void {
    if (findLease(folder) !== null) return;
    const { events } = loadLog(eventsPath(folder));
    if (deriveStatus(events, isProcessAlive) !== 'running') return;
    const started = events.findLast((event) => event.type === 'started');
    throw appError('RUN_ACTIVE', { run: id, holder: `process ${started?.process}` });
  }

  #deriveStatus(id: string, events: readonly RunEvent[]): RunStatus {
    const lease = findLease(this.#folderOf(id));
    if (lease === null) return deriveStatus(events, isProcessAlive);
    const isHeld = isLeaseHeld(lease, Date.parse(this.#clock.nowIso()));
    const status = deriveStatus(events, () => isHeld);
    const last = events.at(-1);
    // A process that holds the lease but has not logged anything yet prepares the run's data.
    const isSilent = last === undefined || last.createdAt < (lease.record?.createdAt ?? '');
    return isHeld && isSilent && status !== 'finished' ? 'running' : status;
  }
}

class FileRunWriter implements RunWriter {
  readonly runId: string;
  readonly #folder: string;
  readonly #lease: HeldLease;
  readonly #clock: Clock;
  readonly #buffer: RecordingBuffer<RunMeasurement>;
  /** The files whose last line is known to be whole: not before the first append, nor after one that failed. */
  readonly #whole = new Set<string>();
  #attempt: number;

  constructor(runId: string, folder: string, lease: HeldLease, clock: Clock) {
    this.runId = runId;
    this.#folder = folder;
    this.#lease = lease;
    this.#clock = clock;
    this.#attempt = loadLog(eventsPath(folder)).rewinds.length + 1;
    this.#buffer = new RecordingBuffer(async (lines) => this.#writeMeasurements(lines));
  }

  record({ step, epoch, articles, timeMs, values }: NewMeasurement): void {
    for (const name of Object.keys(values)) assertMeasuredName(name);
    const encoded = Object.entries(values).map(([name, value]) => [name, encodeNumber(value)] as const);
    const at = {
      ...this.#stampMoment({ step, epoch, articles }),
      ...(timeMs === undefined ? {} : { timeMs }),
    };
    this.#buffer.add({ ...at, kind: 'metrics', values: Object.fromEntries(encoded) });
  }

  recordText(name: string, at: Moment, text: string): void {
    assertMeasuredName(name);
    this.#buffer.add({ ...this.#stampMoment(at), kind: 'text', name, text });
  }

  recordHistogram(name: string, at: Moment, { edges, counts }: Histogram): void {
    assertMeasuredName(name);
    const stamped = this.#stampMoment(at);
    this.#buffer.add({ ...stamped, kind: 'histogram', name, edges: [...edges], counts: [...counts] });
  }

  async flush(): Promise<void> {
    await this.#buffer.flush();
    this.#lease.assertHeld();
  }

  async append(event: NewRunEvent): Promise<void> {
    const createdAt = this.#clock.nowIso();
    await this.flush();
    this.#appendWhole(eventsPath(this.#folder), (path) =>
      appendEvent(path, { schemaVersion: 1, createdAt, ...event } as RunEvent),
    );
  }

  async addArtifact(artifact: Artifact): Promise<void> {
    await this.flush();
    appendAnnotation(this.#folder, this.#clock, { type: 'artifact', artifact });
  }

  async rewind(step: number): Promise<void> {
    const createdAt = this.#clock.nowIso();
    const written = this.flush();
    this.#attempt++; // what is recorded from now on belongs to it
    try {
      await written;
      this.#appendWhole(eventsPath(this.#folder), (path) =>
        appendEvent(path, { schemaVersion: 1, createdAt, type: 'rewound', step }),
      );
    } catch (error) {
      this.#attempt--;
      throw error;
    }
  }

  async saveEvaluations(reports: readonly EvaluationReport[]): Promise<void> {
    await this.flush();
    for (const name of listEvaluations(this.#folder)) rmSync(join(this.#folder, name));
    for (const [i, report] of reports.entries()) {
      const name = i === 0 ? 'evaluation.json' : `evaluation-${i + 1}.json`;
      saveRecord(evaluationReportRecord, join(this.#folder, name), report);
    }
  }

  async renew(): Promise<void> {
    this.#lease.renew();
  }

  async release(): Promise<void> {
    await this.#buffer.flush().catch(() => {}); // a caller who must know has called flush
    this.#lease.release();
  }

  #writeMeasurements(lines: readonly RunMeasurement[]): void {
    this.#lease.assertHeld();
    const path = measurementsPath(this.#folder);
    const isEarly = !existsSync(path);
    const early = isEarly ? loadMeasurements(path, loadLog(eventsPath(this.#folder)).events) : [];
    this.#appendWhole(path, () => appendMeasurements(path, [...early, ...lines]));
  }

  /** Appends to a file of lines; a torn last line, which a kill or a full disk has left, is cut off before. */
  #appendWhole(path: string, append: (path: string) => void): void {
    if (!this.#whole.has(path)) cutTornLine(path);
    this.#whole.delete(path);
    append(path);
    this.#whole.add(path);
  }

  #stampMoment({ step, epoch, articles }: Moment) {
    const timeMs = Date.parse(this.#clock.nowIso());
    return { schemaVersion: 1, attempt: this.#attempt, step, epoch, articles, timeMs } as const;
  }
}

type NewAnnotation = RunAnnotation extends infer A
  ? A extends RunAnnotation
    ? Omit<A, 'schemaVersion' | 'createdAt'>
    : never
  : never;

/** @throws DISK_FULL */
function appendAnnotation(folder: string, clock: Clock, annotation: NewAnnotation): void {
  const path = annotationsPath(folder);
  cutTornLine(path);
  const stamped = { schemaVersion: 1, createdAt: clock.nowIso(), ...annotation } as RunAnnotation;
  appendRecordLine(runAnnotationRecord, path, stamped, { flushed: true });
}

function withoutAttempt({ step, epoch, articles, timeMs, value }: WrittenPoint): Point {
  return { step, epoch, articles, timeMs, value };
}

/** Two changes within this time may have the same time in the file system. */
const FILE_TIME_MS = 20;

/** Milliseconds since 1970; 0 if there is no such run. */
function findLastChange(folder: string): number {
  const paths = [folder, eventsPath(folder), measurementsPath(folder), annotationsPath(folder)];
  return Math.max(...paths.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}

function measurementsPath(folder: string): string {
  return join(folder, 'measurements.jsonl');
}

function annotationsPath(folder: string): string {
  return join(folder, 'annotations.jsonl');
}

function eventsPath(folder: string): string {
  return join(folder, 'events.jsonl');
}

function compareNewestFirst(a: RunSummary, b: RunSummary): number {
  if (a.createdAt === b.createdAt) return a.id < b.id ? 1 : -1;
  return a.createdAt < b.createdAt ? 1 : -1;
}

/** evaluation.json, evaluation-2.json, … in this order. */
function listEvaluations(folder: string): string[] {
  const numberOf = (name: string): number => Number(EVALUATION.exec(name)?.[1] ?? 1);
  return listFolder(folder)
    .filter((name) => EVALUATION.test(name))
    .sort((a, b) => numberOf(a) - numberOf(b));
}
