// The parts of one training: configuration, inputs, learner, run and stores; and how the learner is created from them.
import { availableParallelism } from 'node:os';
import type { Device } from '../../engine/runtime/session/index.ts';
import type { TrainingProfile } from '../../engine/runtime/training/index.ts';
import { canonicalJson, hashSha256, invariant } from '../../foundation/core/index.ts';
import type { Run } from '../../foundation/records/index.ts';
import type { RunFiles, RunWriter } from '../../keeping/runs/index.ts';
import { planModel } from '../../learning/models/index.ts';
import type { Learner, OptimizerOptions } from '../../learning/train/index.ts';
import { createLearner, type LearnerModel, resolveClassWeights } from '../../learning/train/index.ts';
import type { TrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { buildFineTuning } from './fine-tuning.ts';
import type { StopRequests } from './stop-requests.ts';
import type { TrainingInputs } from './training-inputs.ts';
import type { TrainingProfiler } from './training-profiler.ts';
import type { TrialHooks } from './trial-hooks.ts';

export interface TrainingJob {
  readonly config: TrainConfig;
  /** The configuration as text, with the origin of each value. */
  readonly configYaml: string;
  /** What a resume has changed of it; empty: nothing. */
  readonly changed: Readonly<Record<string, unknown>>;
  readonly inputs: TrainingInputs;
  readonly learner: Learner;
  readonly run: Run;
  /** Holds the run's lease. */
  readonly writer: RunWriter;
  readonly files: RunFiles;
  readonly device: Device;
  /** Its signal is that of `stops`. */
  readonly context: WorkflowContext;
  readonly stops: StopRequests;
  readonly profiler: TrainingProfiler;
  /** null: the training is no trial of a sweep. */
  readonly trial: TrialHooks | null;
  /** False for a run that is trained again: its model is not registered. */
  readonly registers: boolean;
  /** The training ends once this step and what is due at it are done; null: it goes on to its end. */
  readonly lastStep: number | null;
}

/**
 * Creates the learner that the configuration asks for. If the encoder is frozen, articles are encoded first.
 * @throws SPLIT_EMPTY, CLASS_WEIGHTS_INVALID, and what createLearner throws
 */
export async function createConfiguredLearner(
  config: TrainConfig,
  inputs: TrainingInputs,
  {
    device,
    threads,
    profile,
  }: { readonly device: Device; readonly threads: number; readonly profile?: TrainingProfile | undefined },
  { home, progress, say, warn, signal }: WorkflowContext,
): Promise<Learner> {
  const { train } = config;
  const { classNames } = inputs.manifest;
  const options = {
    seed: config.seed,
    classNames,
    classWeights: resolveClassWeights(train.class_weights, inputs.train.labels, classNames),
    labelSmoothing: train.label_smoothing,
    clipNorm: train.clip_norm,
    optimizer: optimizerOptions(config.optimizer),
    threads,
    distillation: inputs.teacher?.distillation ?? null,
    device,
    ...(profile === undefined ? {} : { profile }),
  };
  const ways = buildFineTuning(train);
  const splits = [inputs.train, inputs.validation];
  const features = train.feature_cache
    ? { cacheFolder: home.cache, splits, progress, say, warn, signal }
    : null;
  return createLearner(buildLearnerModel(config.model, inputs), options, inputs.encoder, ways, features);
}

/**
 * Threads of the steps: the configured number or one for each core. A resumed run keeps its number, wherever it goes on,
 * because another number changes the order in which some sums are taken and with it the last bits of the weights.
 */
export function resolveTrainingThreads(
  { threads }: Pick<TrainConfig, 'threads'>,
  resumed: Pick<Run, 'threads'> | null,
): number {
  return resumed?.threads ?? (threads === 0 ? availableParallelism() : threads);
}

/** The plan of the configured model, with the checkpoint that it starts from. */
function buildLearnerModel(model: TrainConfig['model'], { pretrained }: TrainingInputs): LearnerModel {
  const plan = planModel(model);
  if (plan.start !== 'checkpoint') return plan;
  invariant(pretrained !== null, 'a pretrained model was opened');
  const { checkpoint, origin } = pretrained;
  const { dropout, head } = plan.config;
  return { start: 'checkpoint', checkpoint, dropout, head, base: origin.name };
}

/** Hash of everything that decides what is learned. A checkpoint is only resumed under the same hash. */
export function digestTraining(
  config: TrainConfig,
  { manifest, encoder, pretrained, teacher }: TrainingInputs,
): string {
  const { seed, model, optimizer, schedule, train } = config;
  const facts = {
    seed,
    model,
    optimizer,
    schedule,
    train,
    datasetVersion: manifest.id,
    encoder: encoder.digest,
    ...(pretrained === null ? {} : { pretrained: pretrained.origin.sha256 }),
    ...(teacher === null ? {} : { teacher: teacher.digest }),
  };
  return hashSha256(canonicalJson(facts));
}

function optimizerOptions(optimizer: TrainConfig['optimizer']): OptimizerOptions {
  const { weight_decay: weightDecay } = optimizer;
  if (optimizer.kind === 'sgd') return { kind: 'sgd', momentum: optimizer.momentum, weightDecay };
  const { kind, beta1, beta2, epsilon } = optimizer;
  return { kind, beta1, beta2, epsilon, weightDecay };
}
