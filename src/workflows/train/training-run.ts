// The record of a training: a new run or a resumed one, and which events of the loop it keeps.
import { relative } from 'node:path';
import { appError, isAppError } from '../../foundation/core/index.ts';
import { countHistogram, spreadWholeEdges } from '../../foundation/metrics/index.ts';
import { formatOriginId, type Run } from '../../foundation/records/index.ts';
import {
  type Moment,
  type NewRun,
  nameValidationMetrics,
  type RunFiles,
  type RunStore,
  type RunWriter,
} from '../../keeping/runs/index.ts';
import type { TrainEvent } from '../../learning/train/index.ts';
import type { TokenizedSplit } from '../../text/tokenize/index.ts';
import { copyPaths, type TrainConfig } from '../configuration/index.ts';
import { loadRunConfiguration } from '../runs/index.ts';
import { recordCode } from './recorded-code.ts';
import { recordEnvironment, recordMachine, recordVersions } from './recorded-machine.ts';

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

/** What a training is made of, and the model that it learns from. */
export type TrainingFacts = Pick<
  Run,
  'datasetVersion' | 'acceptedLeaks' | 'pretrained' | 'teacher' | 'encoderDigest' | 'device' | 'threads'
>;

/**
 * The head of a new run: what it takes to have the run again.
 * @param more  what the request knows of its making
 */
export async function buildNewRun(
  config: TrainConfig,
  facts: TrainingFacts,
  workingDirectory: string,
  more: {
    readonly origins?: Readonly<Record<string, string>> | undefined;
    readonly command?: readonly string[] | undefined;
    readonly reproduces?: string | undefined;
  } = {},
): Promise<NewRun> {
  const { datasetVersion, pretrained, teacher } = facts;
  const { origins, command, reproduces } = more;
  return {
    parents: [
      datasetVersion,
      ...(pretrained === undefined ? [] : [formatOriginId(pretrained)]),
      ...(teacher === undefined ? [] : [teacher.reference]),
      ...(reproduces === undefined ? [] : [reproduces]),
    ],
    ...(reproduces === undefined ? {} : { reproduces }),
    model: config.model.kind,
    ...facts,
    config: { ...config },
    ...(origins === undefined ? {} : { origins: { ...origins } }),
    ...(command === undefined ? {} : { command: [...command] }),
    versions: recordVersions(),
    ...(await recordCode(workingDirectory)),
    environment: await recordEnvironment(),
    machine: recordMachine(),
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
    const { loss, learningRate, gradientNorm, tokens, stepMs, dataWaitMs } = event;
    writer.record({
      ...momentOf(event),
      values: {
        train_loss: loss,
        learning_rate: learningRate,
        ...(gradientNorm === null ? {} : { gradient_norm: gradientNorm }),
        train_tokens: tokens,
        step_ms: stepMs,
        data_wait_ms: dataWaitMs,
      },
    });
  } else if (event.type === 'eval') {
    const { articlesSeen: _, labelProbabilities, ...kept } = event;
    writer.record({ ...momentOf(event), values: nameValidationMetrics(kept) });
    writer.recordHistogram('val_probability_of_label', momentOf(event), labelProbabilities);
    await writer.append(kept);
  } else if (event.type === 'checkpoint') {
    await writer.append({ ...event, path: relative(folder, event.path) });
  }
}

/** Where the training is at a step or an evaluation. */
export function momentOf(event: Extract<TrainEvent, { type: 'step' | 'eval' }>): Moment {
  return { step: event.step, epoch: event.epoch, articles: event.articlesSeen };
}

/** Records what is known before the first step: the configuration, warnings about the data, the length of the articles. */
export function keepStart(
  writer: RunWriter,
  { configYaml, warnings, train }: { configYaml: string; warnings: readonly string[]; train: TokenizedSplit },
): void {
  const start = { step: 0, epoch: 0, articles: 0 };
  writer.recordText('configuration', start, configYaml);
  if (warnings.length > 0) writer.recordText('data_warnings', start, warnings.join('\n'));
  const lengths = Array.from(train.labels, (_, i) => train.offsets[i + 1]! - train.offsets[i]!);
  writer.recordHistogram(
    'train_article_tokens',
    start,
    countHistogram(lengths, spreadWholeEdges(lengths, 30)),
  );
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
