// Checks of what a home holds: every record can be read, and nothing half-written lies about.
import { createReadStream, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { findLeftovers, isAppError, type Leftover, listFolder } from '../../foundation/core/index.ts';
import {
  apiKeyEventRecord,
  checkpointRecord,
  datasetManifestRecord,
  defaultModelRecord,
  deletedVersionRecord,
  evaluationReportRecord,
  feedbackRecord,
  type Home,
  modelFolderRecord,
  modelVersionRecord,
  parseRecord,
  predictionReceiptRecord,
  type RecordType,
  returnedCanariesRecord,
  runAnnotationRecord,
  runLogLineRecord,
  runMeasurementRecord,
  runRecord,
  stageEventRecord,
} from '../../foundation/records/index.ts';
import { findRegistryLeftovers, type ModelRegistry } from '../../keeping/registry/index.ts';
import type { DamagedRun, RunStore } from '../../keeping/runs/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { findRepositoryLeftovers } from '../versioning/index.ts';
import type { LeftoversCheck, RecordsCheck, UnreadableRecord } from './check.ts';
import { findOwnRepository } from './own-repository.ts';

/** More are only counted. */
const MAX_SHOWN = 20;

interface RecordFiles {
  readonly type: RecordType<unknown>;
  /** Path below `root`; a part `*` stands for any name, a part with a pattern for the names that match. */
  readonly path: readonly (string | RegExp)[];
  /** True if each line is a record. */
  readonly isLog: boolean;
}

const file = (type: RecordType<unknown>, ...path: (string | RegExp)[]): RecordFiles => ({
  type,
  path,
  isLog: false,
});
const log = (type: RecordType<unknown>, ...path: (string | RegExp)[]): RecordFiles => ({
  type,
  path,
  isLog: true,
});

const RUN = /^run-\d{8}-\d{6}-[0-9a-z]{4}$/;
const NUMBER = /^[1-9]\d*$/;
const NAME = /^[a-z0-9][a-z0-9-]*$/;
const JSON_FILE = /\.json$/;

const IN_RUNS = [
  file(runRecord, RUN, 'run.json'),
  log(runLogLineRecord, RUN, 'events.jsonl'),
  log(runMeasurementRecord, RUN, 'measurements.jsonl'),
  log(runAnnotationRecord, RUN, 'annotations.jsonl'),
  file(evaluationReportRecord, RUN, /^evaluation(-\d+)?\.json$/),
  file(checkpointRecord, RUN, 'checkpoints', /^step-\d+$/, 'checkpoint.json'),
  file(modelFolderRecord, RUN, 'model', 'veracity.json'),
];
const IN_MODELS = [
  file(modelVersionRecord, NAME, NUMBER, 'version.json'),
  file(modelFolderRecord, NAME, NUMBER, 'veracity.json'),
  log(stageEventRecord, NAME, 'events.jsonl'),
  log(deletedVersionRecord, NAME, 'deleted.jsonl'),
  file(evaluationReportRecord, NAME, 'evaluations', NUMBER, JSON_FILE),
  log(defaultModelRecord, 'default.jsonl'),
];
const IN_DATASETS = [file(datasetManifestRecord, /^ds-[0-9a-f]{12}$/, 'manifest.json')];
const IN_PREDICTIONS = [log(predictionReceiptRecord, /^[0-9a-z]{9}-[0-9a-z]{8}\.jsonl$/)];
const IN_HOME = [
  log(feedbackRecord, 'feedback.jsonl'),
  log(apiKeyEventRecord, 'keys.jsonl'),
  file(returnedCanariesRecord, 'canaries.json'),
];

/**
 * Reads every record of the home and of the store of runs; of the registry also the digests of the versions' records.
 * @param runs  null: there is no database yet, or it cannot be opened
 */
export async function checkRecords(
  home: Home,
  registry: ModelRegistry,
  runs: RunStore | null,
): Promise<RecordsCheck> {
  const unreadable: UnreadableRecord[] = [];
  let read = 0;
  const roots = [
    [home.runs, IN_RUNS],
    [home.models, IN_MODELS],
    [home.datasets, IN_DATASETS],
    [home.predictions, IN_PREDICTIONS],
    [home.root, IN_HOME],
  ] as const;
  for (const [root, kinds] of roots) {
    for (const kind of kinds) {
      for (const path of findFiles(root, kind.path)) {
        for await (const error of readFile(kind, path)) {
          read++;
          if (error !== null) unreadable.push({ path: relative(home.root, path), ...error });
        }
      }
    }
  }
  for (const { id, error } of runs === null ? [] : await listUnreadableRuns(runs, () => read++))
    if (!unreadable.some(({ path }) => path.includes(id)))
      unreadable.push({ path: id, code: error.code, message: error.message });
  for (const { reference, error } of (await registry.list()).damaged)
    if (error.code === 'MODEL_DIGEST_MISMATCH')
      unreadable.push({ path: reference, code: error.code, message: error.message });
  const status = unreadable.length === 0 ? 'ok' : 'warn';
  return {
    kind: 'records',
    status,
    read,
    count: unreadable.length,
    unreadable: unreadable.slice(0, MAX_SHOWN),
  };
}

/** Loads the parts of every run. @param onRead  called for each run */
async function listUnreadableRuns(runs: RunStore, onRead: () => void): Promise<DamagedRun[]> {
  const { runs: listed, damaged } = await runs.list();
  const found = [...damaged];
  for (const { id } of listed) {
    onRead();
    try {
      await runs.load(id);
      await runs.loadEvents(id);
      await runs.loadEvaluations(id);
      await runs.listArtifacts(id);
    } catch (error) {
      if (!isAppError(error)) throw error;
      found.push({ id, error });
    }
  }
  return found;
}

/** Looks for what killed processes left half-written. */
export function checkLeftovers(context: WorkflowContext): LeftoversCheck {
  const found = findAllLeftovers(context);
  const groups = (['runs', 'models', 'data'] as const).filter((group) => found[group].length > 0);
  const all = groups.flatMap((group) => found[group]);
  return {
    kind: 'leftovers',
    status: all.length === 0 ? 'ok' : 'warn',
    count: all.length,
    sizeBytes: all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    groups,
  };
}

/** By the group of commands whose `gc` removes them. */
export function findAllLeftovers(
  context: WorkflowContext,
): Readonly<Record<'runs' | 'models' | 'data', readonly Leftover[]>> {
  const { home, clock } = context;
  const nowMs = Date.parse(clock.nowIso());
  const isElsewhere = (path: string): boolean => path === home.runs || path === home.models;
  const repository = findOwnRepository(context);
  return {
    runs: findLeftovers(home.runs, { nowMs }),
    models: findRegistryLeftovers(home, nowMs),
    data: [
      ...findLeftovers(home.root, { nowMs, isSkipped: isElsewhere }),
      ...(repository === null ? [] : findRepositoryLeftovers(repository, context)),
    ],
  };
}

function findFiles(folder: string, [first, ...rest]: readonly (string | RegExp)[]): string[] {
  if (first === undefined) return [];
  return listFolder(folder)
    .filter((name) => (typeof first === 'string' ? name === first : first.test(name)))
    .map((name) => join(folder, name))
    .flatMap((path) => (rest.length === 0 ? [path] : findFiles(path, rest)));
}

type RecordError = Pick<UnreadableRecord, 'code' | 'message'>;

/** Yields null for each record that can be read. An incomplete last line of a log is no record. */
async function* readFile({ type, isLog }: RecordFiles, path: string): AsyncGenerator<RecordError | null> {
  if (!isLog) {
    yield tryParse(type, readFileSync(path, 'utf8'), path);
    return;
  }
  const stream = createReadStream(path, 'utf8');
  let isWhole = true;
  stream.on('data', (chunk) => {
    isWhole = chunk.at(-1) === '\n';
  });
  let number = 0;
  let last: string | undefined;
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (last !== undefined) yield tryParse(type, last, `${path}:${number}`);
    last = line;
    number++;
  }
  if (last !== undefined && isWhole) yield tryParse(type, last, `${path}:${number}`);
}

function tryParse(type: RecordType<unknown>, text: string, path: string): RecordError | null {
  try {
    parseRecord(type, text, path);
    return null;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { code: error.code, message: error.message };
  }
}
