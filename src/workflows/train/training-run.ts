// The record of a training: a new run or a resumed one, and which events of the loop it keeps.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { appError, isAppError, packageRoot } from '../../foundation/core/index.ts';
import type { Run } from '../../foundation/records/index.ts';
import { formatOriginId } from '../../foundation/records/index.ts';
import type { NewRun, RunStore } from '../../keeping/runs/index.ts';
import type { TrainEvent } from '../../learning/train/index.ts';
import { type TrainConfig, trainConfigSchema } from '../configuration/index.ts';

/**
 * Loads the run to resume and the configuration it was started with.
 * @throws RUN_NOT_FOUND, RUN_ACTIVE, RESUME_FINISHED, RECORD_INVALID
 */
export function reopenRun(store: RunStore, id: string): { run: Run; config: TrainConfig } {
  const run = store.load(id);
  const status = store.status(id);
  if (status === 'finished') throw appError('RESUME_FINISHED', { run: id });
  if (status === 'running') {
    const started = store.loadEvents(id).findLast((event) => event.type === 'started');
    throw appError('RUN_ACTIVE', { run: id, process: started?.process });
  }
  const config = trainConfigSchema.safeParse(run.config);
  if (!config.success) {
    const problem = config.error.issues[0];
    throw appError('RECORD_INVALID', {
      path: store.paths(id).folder,
      record: 'configuration',
      version: run.schemaVersion,
      problem: `${problem?.path.join('.')}: ${problem?.message}`,
    });
  }
  return { run, config: config.data };
}

/** The head of a new run: parents, configuration, device, commit and versions. */
export function buildNewRun(
  config: TrainConfig,
  {
    datasetVersion,
    pretrained,
    teacher,
    device,
  }: Pick<Run, 'datasetVersion' | 'pretrained' | 'device'> & { readonly teacher?: string | undefined },
  workingDirectory: string,
): NewRun {
  return {
    parents: [
      datasetVersion,
      ...(pretrained === undefined ? [] : [formatOriginId(pretrained)]),
      ...(teacher === undefined ? [] : [teacher]),
    ],
    model: config.model.kind,
    datasetVersion,
    pretrained,
    config: { ...config },
    device,
    commit: readCommit(workingDirectory),
    versions: {
      veracity: readVersion(join(packageRoot, 'package.json')),
      node: process.versions.node,
      onnxruntime: readVersion(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')),
    },
  };
}

/** Appends an event of the loop to the run's log; of the steps only every `logEvery`th and the last. */
export function keepTrainEvent(store: RunStore, run: Run, event: TrainEvent, logEvery: number): void {
  if (event.type === 'step') {
    const { totalSteps, ...kept } = event;
    if (event.step % logEvery === 0 || event.step === totalSteps) store.append(run.id, kept);
  } else if (event.type === 'eval') {
    store.append(run.id, event);
  } else if (event.type === 'checkpoint') {
    store.append(run.id, { ...event, path: relative(store.paths(run.id).folder, event.path) });
  }
}

/** Appends the reason for which a run failed. */
export function keepFailure(store: RunStore, run: Run, step: number, error: unknown): void {
  const known = isAppError(error);
  store.append(run.id, {
    type: 'failed',
    step,
    code: known ? error.code : 'INTERNAL_BUG',
    message: known ? error.message : 'an unexpected failure',
  });
}

function readCommit(workingDirectory: string): string | null {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: workingDirectory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null; // not a checkout, or git is not installed
  }
}

function readVersion(path: string): string {
  const json: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof json === 'object' && json !== null && 'version' in json ? String(json.version) : 'unknown';
}
