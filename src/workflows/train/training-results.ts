// The work after the last step of a training: the best checkpoint is exported as a model folder, evaluated as it will be
// served, and registered.
import { existsSync } from 'node:fs';
import { canonicalJson, formatDuration, formatMegabytes, hashSha256 } from '../../foundation/core/index.ts';
import { type EvaluationReport, type Metrics, saveKeptExamples } from '../../foundation/records/index.ts';
import { measureOutOfDistributionLimits } from '../../judging/out-of-distribution/index.ts';
import type { RegisteredModel } from '../../keeping/registry/index.ts';
import { nameTestMetrics, sumActiveSeconds } from '../../keeping/runs/index.ts';
import { resolveColumns, resolveReading } from '../../learning/data/index.ts';
import { exportTrainedModel, openCheckpoints } from '../../learning/train/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { nameData } from '../evaluate/index.ts';
import { buildDatasetWarningAnswer } from '../prepare/index.ts';
import { loadRunConfiguration } from '../runs/index.ts';
import { buildPresentation } from './model-presentation.ts';
import { keepArtifacts, writeReports } from './run-artifacts.ts';
import { nameModel } from './training-checks.ts';
import { evaluateTrainedModel } from './training-evaluation.ts';
import type { TrainingJob } from './training-job.ts';
import type { TrainingEnd } from './training-steps.ts';

/** What `train --json` prints. */
export interface TrainingResult {
  readonly runId: string;
  readonly datasetVersion: string;
  /** name@version; the run's id where nothing is registered. */
  readonly modelVersion: string;
  readonly steps: number;
  readonly seconds: number;
  readonly validation: Metrics;
  readonly test: Metrics;
  /** The model's folder. */
  readonly path: string;
  /** About the dataset, as texts and as facts. */
  readonly warnings: readonly string[];
  readonly warningFacts: ReturnType<typeof buildDatasetWarningAnswer>['warningFacts'];
}

export interface FinishedTraining {
  readonly result: TrainingResult;
  /** The test split first, then other collections. */
  readonly evaluations: readonly EvaluationReport[];
}

/**
 * Finishes a run whose training has ended. If it is interrupted, it starts again from the export.
 * @throws EXPORT_MISMATCH, CHECKPOINT_CORRUPT, DISK_FULL; the signal's reason when it is aborted
 */
export async function finishTraining(
  job: TrainingJob,
  { steps, epoch, articlesSeen, reason, bestStep, peakMemoryBytes }: TrainingEnd,
): Promise<FinishedTraining> {
  const { inputs, run, writer, context } = job;
  const { say, clock, signal } = context;
  say(
    `${reason === 'early-stopping' ? 'stopped early' : 'trained'}: ${steps} steps, best at step ${bestStep}`,
  );
  const { profiler } = job;
  const validation = await profiler.measure('export', () => exportBest(job, bestStep));
  const evaluations = await profiler.measure('final evaluation', () => evaluateTrainedModel(job));
  signal.throwIfAborted();
  writeReports(job.files.folder, evaluations);
  await keepArtifacts(job);
  const registered = job.registers
    ? await profiler.measure('register', () => register(job, evaluations))
    : null;
  if (registered !== null) say(`registered ${registered.reference} in ${registered.location}`);
  const test = evaluations[0]?.metrics ?? validation;
  const seconds = sumActiveSeconds(await context.stores.runs.loadEvents(run.id), clock.nowIso());
  const metrics = { validation, test };
  writer.record({ step: steps, epoch, articles: articlesSeen, values: nameTestMetrics(test) });
  const registeredAs = registered?.reference ?? null;
  await profiler.finish({ runId: run.id, folder: job.files.folder, learner: job.learner, writer });
  await writer.append({
    type: 'finished',
    ...{ steps, seconds, modelVersion: registeredAs, metrics, peakMemoryBytes },
  });
  const memory = formatMegabytes(peakMemoryBytes);
  say(`run ${run.id} finished after ${formatDuration(seconds)}, peak memory ${memory}`);
  const datasetVersion = inputs.manifest.id;
  const modelVersion = registeredAs ?? run.id;
  const path = registered?.location ?? job.files.model;
  return {
    result: {
      ...{ runId: run.id, datasetVersion, modelVersion, steps, seconds, validation, test, path },
      ...buildDatasetWarningAnswer(inputs.manifest.warnings),
    },
    evaluations,
  };
}

/**
 * Registers the model of a finished run that was a trial, unless it is registered already.
 * @returns null if its folder is not on this machine
 * @throws RUN_NOT_FOUND and what registering throws
 */
export async function registerRun(runId: string, context: WorkflowContext): Promise<RegisteredModel | null> {
  const { runs, registry, datasets } = context.stores;
  const { model: folder } = await runs.files(runId);
  if (!existsSync(folder)) return null;
  const run = await runs.load(runId);
  const config = await loadRunConfiguration(runs, runId);
  const name = nameModel(config, await datasets.load(run.datasetVersion));
  const { models } = await registry.list({ name });
  const earlier = models.find((model) => model.info.runId === runId);
  return earlier ?? registry.register({ name, folder, run, evaluations: await runs.loadEvaluations(runId) });
}

/** Registers the run's model, unless an earlier process did so and died before it could record it. */
async function register(
  { config, inputs, files, run, context }: TrainingJob,
  evaluations: readonly EvaluationReport[],
): Promise<RegisteredModel> {
  const { registry } = context.stores;
  const name = nameModel(config, inputs.manifest);
  const { models } = await registry.list({ name });
  const earlier = models.find((model) => model.info.runId === run.id);
  return earlier ?? registry.register({ name, folder: files.model, run, evaluations });
}

/** Writes the model folder of the best step. @returns calibrated metrics on validation */
async function exportBest(job: TrainingJob, bestStep: number): Promise<Metrics> {
  const { config, inputs, learner, run, files, context } = job;
  const { manifest } = inputs;
  const { examples, ...presentation } = await buildPresentation(job);
  const bar = context.progress('calibrate', inputs.validation.labels.length, 'articles');
  const { info, validation } = await exportTrainedModel({
    folder: files.model,
    description: {
      createdAt: context.clock.nowIso(),
      parents: [run.id, ...run.parents],
      model: config.model.kind,
      runId: run.id,
      datasetVersion: manifest.id,
      configurationDigest: hashSha256(canonicalJson(run.config)),
      pretrained: run.pretrained,
      acceptedLeaks: run.acceptedLeaks,
      datasetName: nameData(manifest),
      synthetic: manifest.synthetic,
      columns: resolveColumns(config.data),
      reading: resolveReading(config.data),
      ...presentation,
      classNames: manifest.classNames,
      cleaning: { strip: config.data.strip },
    },
    learner,
    encoder: inputs.encoder,
    train: inputs.train,
    validation: inputs.validation,
    checkpoints: openCheckpoints(files.checkpoints),
    bestStep,
    batchSize: config.train.batch_size,
    maxTokens: config.train.max_tokens,
    abstainPrecision: config.evaluate.abstain,
    addFiles: (folder) => {
      if (examples.length === 0) return;
      const createdAt = context.clock.nowIso();
      saveKeptExamples(folder, { createdAt, parents: [run.id, ...run.parents], examples: [...examples] });
    },
    measureOutOfDistributionLimits: (folder) =>
      measureOutOfDistributionLimits({
        folder,
        family: learner.family,
        classNames: manifest.classNames,
        train: inputs.train,
        validation: inputs.validation,
        readTrain: () => context.stores.datasets.readSplit(manifest, 'train'),
        readValidation: () => context.stores.datasets.readSplit(manifest, 'validation'),
        keepIndex: config.register_index,
        threads: config.threads,
        signal: context.signal,
      }),
    signal: context.signal,
    onProgress: (articles) => bar.update(articles),
  }).finally(bar.stop);
  const { articles, maxLogitDifference } = info.exportCheck;
  const difference = maxLogitDifference.toExponential(1);
  context.say(
    `exported ${files.model}; the ONNX file matches training within ${difference} on ${articles} articles`,
  );
  const { abstain } = info.calibration;
  if (abstain?.reached === false) {
    const best = (100 * abstain.precision).toFixed(1);
    context.warn(
      `evaluate.abstain=${abstain.wanted} was not reached on validation; the best precision is ${best}%`,
      { code: 'ABSTAIN_OUT_OF_REACH', wanted: abstain.wanted, precision: abstain.precision },
    );
  }
  return validation;
}
