// Runs on files: runs/<id>/{run.json, config.yaml, events.jsonl, lease-<n>.json, checkpoints/, model/, evaluation.json}.
// The head is written once; whatever happens is appended, and the status follows from the events and the lease.
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../foundation/core/index.ts';
import {
  appError,
  createFolderAtomic,
  cutTornLine,
  findLeftovers,
  isAppError,
  isProcessAlive,
  listFolder,
  removeFolder,
  writeFileAtomic,
} from '../../foundation/core/index.ts';
import {
  type EvaluationReport,
  evaluationReportRecord,
  type Home,
  loadRecord,
  type Run,
  type RunEvent,
  type RunStatus,
  runRecord,
  saveRecord,
} from '../../foundation/records/index.ts';
import { appendEvent, loadEvents, truncateEvents } from './event-log.ts';
import { findLease, HeldLease, isLeaseHeld } from './run-lease.ts';
import type { DamagedRun, NewRun, NewRunEvent, RunFiles, RunList, RunStore, RunWriter } from './run-store.ts';
import { deriveStatus, type RunSummary, summarizeRun } from './run-summary.ts';

const EVALUATION = /^evaluation(?:-(\d+))?\.json$/;
const RUN_ID = /^run-\d{8}-\d{6}-[0-9a-z]{4}$/;

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
      const stamped: Run = { schemaVersion: 1, id: newRunId(createdAt), createdAt, ...run };
      const folder = join(this.#root, stamped.id);
      if (existsSync(folder)) continue;
      const isOurs = await createFolderAtomic(folder, async (temporary) => {
        saveRecord(runRecord, join(temporary, 'run.json'), stamped);
        writeFileAtomic(join(temporary, 'config.yaml'), configYaml);
        writeFileAtomic(join(temporary, 'events.jsonl'), '');
      });
      if (isOurs) return stamped;
    }
  }

  async claim(id: string): Promise<RunWriter> {
    const folder = this.#folderOf(id);
    this.#assertNoEarlyWriter(id, folder);
    const lease = HeldLease.take(folder, id, this.#clock);
    // Whoever wrote before has lost the lease, so what it left half-written is of no use to anybody.
    for (const { path } of findLeftovers(folder, { nowMs: Number.POSITIVE_INFINITY }))
      rmSync(path, { recursive: true, force: true });
    return new FileRunWriter(id, folder, lease, this.#clock);
  }

  async load(id: string): Promise<Run> {
    return loadRecord(runRecord, join(this.#folderOf(id), 'run.json'));
  }

  async loadEvents(id: string): Promise<RunEvent[]> {
    return loadEvents(eventsPath(this.#folderOf(id)));
  }

  async status(id: string): Promise<RunStatus> {
    return this.#deriveStatus(id, await this.loadEvents(id));
  }

  async summarize(id: string): Promise<RunSummary> {
    const events = await this.loadEvents(id);
    return summarizeRun(await this.load(id), events, this.#deriveStatus(id, events));
  }

  async list(): Promise<RunList> {
    const runs: RunSummary[] = [];
    const damaged: DamagedRun[] = [];
    for (const id of listFolder(this.#root)) {
      if (!RUN_ID.test(id) || !existsSync(join(this.#root, id, 'run.json'))) continue;
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
      checkpoints,
      model,
      evaluation: join(folder, 'evaluation.json'),
    };
  }

  #folderOf(id: string): string {
    const folder = join(this.#root, id);
    if (!RUN_ID.test(id) || !existsSync(join(folder, 'run.json')))
      throw appError('RUN_NOT_FOUND', { run: id, folder: this.#root });
    return folder;
  }

  /** Runs of early versions have no lease; their last `started` event names a process. @throws RUN_ACTIVE */
  #assertNoEarlyWriter(id: string, folder: string): void {
    if (findLease(folder) !== null) return;
    const events = loadEvents(eventsPath(folder));
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
  /** False before the first append and after one that failed: the last line may be torn. */
  #isWhole = false;

  constructor(runId: string, folder: string, lease: HeldLease, clock: Clock) {
    this.runId = runId;
    this.#folder = folder;
    this.#lease = lease;
    this.#clock = clock;
  }

  async append(event: NewRunEvent): Promise<void> {
    this.#lease.assertHeld();
    const stamped = { schemaVersion: 1, createdAt: this.#clock.nowIso(), ...event } as RunEvent;
    if (!this.#isWhole) cutTornLine(eventsPath(this.#folder));
    this.#isWhole = false;
    appendEvent(eventsPath(this.#folder), stamped);
    this.#isWhole = true;
  }

  async truncateEvents(step: number): Promise<void> {
    this.#lease.assertHeld();
    truncateEvents(eventsPath(this.#folder), step);
  }

  async saveEvaluations(reports: readonly EvaluationReport[]): Promise<void> {
    this.#lease.assertHeld();
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
    this.#lease.release();
  }
}

function eventsPath(folder: string): string {
  return join(folder, 'events.jsonl');
}

/** run-YYYYMMDD-HHMMSS-xxxx; the random last part tells apart the runs of one second. */
function newRunId(createdAt: string): string {
  const [date = '', time = ''] = createdAt.slice(0, 19).split('T');
  const random = randomBytes(4).readUInt32BE().toString(36).padStart(4, '0').slice(-4);
  return `run-${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${random}`;
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
