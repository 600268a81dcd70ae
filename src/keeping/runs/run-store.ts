// The run store on files: runs/<id>/{run.json, config.yaml, events.jsonl, checkpoints/, model/, evaluation.json}.
// A run's head is written once; all that happens to it is appended, and its status is read from what was appended.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../foundation/core/index.ts';
import {
  type AppError,
  appError,
  createFolderAtomic,
  cutTornLine,
  errorCodeOf,
  hash32,
  isAppError,
  writeFileAtomic,
} from '../../foundation/core/index.ts';
import type { Home } from '../../foundation/records/index.ts';
import {
  type EvaluationReport,
  evaluationReportRecord,
  loadRecord,
  type Run,
  type RunEvent,
  type RunStatus,
  runRecord,
  saveRecord,
} from '../../foundation/records/index.ts';
import { appendEvent, loadEvents, truncateEvents } from './event-log.ts';
import { isProcessAlive } from './process-alive.ts';
import { deriveStatus, type RunSummary, summarizeRun } from './run-summary.ts';

export type { RunSummary };

/** What a run is created from; the store adds id, time and schema version. */
export type NewRun = Omit<Run, 'schemaVersion' | 'id' | 'createdAt'>;

type WithoutStamp<E> = E extends RunEvent ? Omit<E, 'schemaVersion' | 'createdAt'> : never;
/** An event as it is handed in; the store adds time and schema version. */
export type NewRunEvent = WithoutStamp<RunEvent>;

/** Absolute paths of one run. */
export interface RunPaths {
  readonly folder: string;
  readonly config: string;
  readonly events: string;
  readonly checkpoints: string;
  readonly model: string;
  /** The report on the test split; those on other collections lie beside it, numbered. */
  readonly evaluation: string;
}

export interface RunStore {
  /** Creates the run's folder with its head and resolved configuration (YAML text). @throws DISK_FULL */
  create(run: NewRun, configYaml: string): Promise<Run>;
  /** @throws DISK_FULL */
  append(id: string, event: NewRunEvent): void;
  /** @throws RUN_NOT_FOUND, RECORD_INVALID */
  load(id: string): Run;
  /** @throws RUN_NOT_FOUND, RECORD_INVALID */
  loadEvents(id: string): RunEvent[];
  /** `running` only while the process that trains it is alive. @throws RUN_NOT_FOUND */
  status(id: string): RunStatus;
  /** @throws RUN_NOT_FOUND */
  summarize(id: string): RunSummary;
  /** All runs that can be read, newest first; `onDamaged` is told of the others. */
  list(onDamaged?: (id: string, error: AppError) => void): RunSummary[];
  /** Forgets what came after the checkpoint at `step`; see event-log.ts. @throws RUN_NOT_FOUND */
  truncateEvents(id: string, step: number): void;
  /** Replaces the run's evaluation reports: the test split first, then other collections. @throws DISK_FULL */
  saveEvaluations(id: string, reports: readonly EvaluationReport[]): void;
  /** In the order they were saved; none before the run has finished. @throws RUN_NOT_FOUND, RECORD_INVALID */
  loadEvaluations(id: string): EvaluationReport[];
  /** @throws RUN_NOT_FOUND */
  paths(id: string): RunPaths;
}

const EVALUATION = /^evaluation(?:-(\d+))?\.json$/;
const RUN_ID = /^run-\d{8}-\d{6}-[0-9a-z]{4}$/;

/** Opens the store of `home`; creates nothing until a run is. */
export function createRunStore(home: Pick<Home, 'runs'>, clock: Clock): RunStore {
  const repaired = new Set<string>();

  const folderOf = (id: string): string => {
    const folder = join(home.runs, id);
    if (!RUN_ID.test(id) || !existsSync(join(folder, 'run.json'))) {
      throw appError('RUN_NOT_FOUND', { run: id, folder: home.runs });
    }
    return folder;
  };
  const paths = (id: string): RunPaths => {
    const folder = folderOf(id);
    return {
      folder,
      config: join(folder, 'config.yaml'),
      events: join(folder, 'events.jsonl'),
      checkpoints: join(folder, 'checkpoints'),
      model: join(folder, 'model'),
      evaluation: join(folder, 'evaluation.json'),
    };
  };
  const load = (id: string): Run => loadRecord(runRecord, join(folderOf(id), 'run.json'));
  const eventsOf = (id: string): RunEvent[] => loadEvents(paths(id).events);
  const status = (id: string): RunStatus => deriveStatus(eventsOf(id), isProcessAlive);
  const summarize = (id: string): RunSummary => {
    const events = eventsOf(id);
    return summarizeRun(load(id), events, deriveStatus(events, isProcessAlive));
  };

  return {
    async create(run, configYaml) {
      const createdAt = clock.nowIso();
      const stamped: Run = { schemaVersion: 1, id: freeRunId(home.runs, createdAt), createdAt, ...run };
      await createFolderAtomic(join(home.runs, stamped.id), async (temporary) => {
        saveRecord(runRecord, join(temporary, 'run.json'), stamped);
        writeFileAtomic(join(temporary, 'config.yaml'), configYaml);
        writeFileAtomic(join(temporary, 'events.jsonl'), '');
      });
      return stamped;
    },
    append(id, event) {
      const path = paths(id).events;
      if (!repaired.has(id)) cutTornLine(path);
      repaired.add(id);
      appendEvent(path, { schemaVersion: 1, createdAt: clock.nowIso(), ...event } as RunEvent);
    },
    load,
    loadEvents: eventsOf,
    status,
    summarize,
    list(onDamaged) {
      const ids = listFolder(home.runs).filter(
        (name) => RUN_ID.test(name) && existsSync(join(home.runs, name, 'run.json')),
      );
      return ids
        .flatMap((id) => {
          try {
            return [summarize(id)];
          } catch (error) {
            if (!isAppError(error)) throw error;
            onDamaged?.(id, error);
            return [];
          }
        })
        .sort((a, b) =>
          a.createdAt === b.createdAt ? (a.id < b.id ? 1 : -1) : a.createdAt < b.createdAt ? 1 : -1,
        );
    },
    saveEvaluations(id, reports) {
      const { folder } = paths(id);
      for (const name of listEvaluations(folder)) rmSync(join(folder, name));
      for (const [i, report] of reports.entries()) {
        const name = i === 0 ? 'evaluation.json' : `evaluation-${i + 1}.json`;
        saveRecord(evaluationReportRecord, join(folder, name), report);
      }
    },
    loadEvaluations(id) {
      const { folder } = paths(id);
      return listEvaluations(folder).map((name) => loadRecord(evaluationReportRecord, join(folder, name)));
    },
    truncateEvents: (id, step) => truncateEvents(paths(id).events, step),
    paths,
  };
}

/** run-YYYYMMDD-HHMMSS-xxxx; the last part tells apart runs of one second, also those of several processes. */
function freeRunId(folder: string, createdAt: string): string {
  const [date = '', time = ''] = createdAt.slice(0, 19).split('T');
  const prefix = `run-${date.replaceAll('-', '')}-${time.replaceAll(':', '')}`;
  for (let attempt = 0; ; attempt++) {
    const mixed = hash32(hash32(process.pid) ^ Math.imul(attempt + 1, 0x9e3779b9));
    const id = `${prefix}-${mixed.toString(36).slice(-4).padStart(4, '0')}`;
    if (!existsSync(join(folder, id))) return id;
  }
}

/** evaluation.json, evaluation-2.json, … in this order. */
function listEvaluations(folder: string): string[] {
  const numberOf = (name: string): number => Number(EVALUATION.exec(name)?.[1] ?? 1);
  return listFolder(folder)
    .filter((name) => EVALUATION.test(name))
    .sort((a, b) => numberOf(a) - numberOf(b));
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
