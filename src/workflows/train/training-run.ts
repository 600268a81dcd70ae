// The record of a training: a new run or a resumed one, and which events of the loop it keeps.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { appError, isAppError, packageRoot } from '../../foundation/core/index.ts';
import type { Run } from '../../foundation/records/index.ts';
import { formatOriginId } from '../../foundation/records/index.ts';
import {
  evaluationValues,
  type NewRun,
  type RunFiles,
  type RunStore,
  type RunWriter,
} from '../../keeping/runs/index.ts';
import type { TrainEvent } from '../../learning/train/index.ts';
import { copyPaths, type TrainConfig } from '../configuration/index.ts';
import { loadRunConfiguration } from '../runs/index.ts';

/** A run to resume, and the configuration it was started with. */
export interface ReopenedRun {
  readonly run: Run;
  readonly config: TrainConfig;
  readonly writer: RunWriter;
}

/**
 * Takes over the run to resume, with the settings that the request changes. The caller releases the writer.
 * @throws RUN_NOT_FOUND, RUN_ACTIVE, RESUME_FINISHED, RECORD_INVALID
 */
export async function reopenRun(
  runs: RunStore,
  id: string,
  request: { readonly config: TrainConfig; readonly changed?: readonly string[] },
): Promise<ReopenedRun> {
  const run = await runs.load(id);
  if ((await runs.status(id)) === 'finished') throw appError('RESUME_FINISHED', { run: id });
  const config = copyPaths(request.changed ?? [], request.config, await loadRunConfiguration(runs, id));
  return { run, config, writer: await runs.claim(id) };
}

/** The changed settings of a request, as the run's log keeps them. */
export function pickChanged(config: TrainConfig, changed: readonly string[]): Record<string, unknown> {
  const groups = new Set(changed.map((path) => path.split('.')[0]!));
  return Object.fromEntries(Object.entries(config).filter(([key]) => groups.has(key)));
}

/** The head of a new run: parents, configuration, device, threads, commit and versions. */
export function buildNewRun(
  config: TrainConfig,
  {
    datasetVersion,
    pretrained,
    teacher,
    device,
    threads,
  }: Pick<Run, 'datasetVersion' | 'pretrained' | 'device' | 'threads'> & {
    readonly teacher?: string | undefined;
  },
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
    threads,
    commit: readCommit(workingDirectory),
    versions: {
      veracity: readVersion(join(packageRoot, 'package.json')),
      node: process.versions.node,
      onnxruntime: readVersion(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')),
    },
  };
}

/** Records an event of the loop: steps and evaluations as measurements; of the steps every `logEvery`th and the last. */
export async function keepTrainEvent(
  writer: RunWriter,
  { folder }: Pick<RunFiles, 'folder'>,
  event: TrainEvent,
  logEvery: number,
): Promise<void> {
  if (event.type === 'step') {
    if (event.step % logEvery !== 0 && event.step !== event.totalSteps) return;
    const { step, epoch, articlesSeen, loss, learningRate, gradientNorm, tokens, stepMs } = event;
    writer.record({
      ...{ step, epoch, articles: articlesSeen },
      values: {
        train_loss: loss,
        learning_rate: learningRate,
        ...(gradientNorm === null ? {} : { gradient_norm: gradientNorm }),
        train_tokens: tokens,
        step_ms: stepMs,
      },
    });
  } else if (event.type === 'eval') {
    const { articlesSeen, ...kept } = event;
    const { step, epoch } = kept;
    writer.record({ step, epoch, articles: articlesSeen, values: evaluationValues(kept) });
    await writer.append(kept);
  } else if (event.type === 'checkpoint') {
    await writer.append({ ...event, path: relative(folder, event.path) });
  }
}

/** Appends the reason for which a run failed. */
export async function keepFailure(writer: RunWriter, step: number, error: unknown): Promise<void> {
  const known = isAppError(error);
  await writer.append({
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
