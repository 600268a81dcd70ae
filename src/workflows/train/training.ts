// A training from top to bottom: data and tokens, a run, a learner, the loop, the results. Each step and each written file
// is reported. A run that is stopped or dies can be resumed: `veracity train resume=RUN`.

import { type ChosenDevice, chooseDevice, formatDeviceReason } from '../../engine/runtime/device/index.ts';
import { errorCodeOf, isAppError } from '../../foundation/core/index.ts';
import type { Run } from '../../foundation/records/index.ts';
import type { RunStore } from '../../keeping/runs/index.ts';
import type { Learner } from '../../learning/train/index.ts';
import type { TrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { startTrainingExports } from '../export-run/index.ts';
import { repeatsOnResume } from '../runs/index.ts';
import { keepArtifacts } from './run-artifacts.ts';
import { followStopRequests } from './stop-requests.ts';
import { tolerateFailures } from './tolerant-writer.ts';
import { prepareTrainingInputs, type TrainingInputs } from './training-inputs.ts';
import { createConfiguredLearner, resolveTrainingThreads, type TrainingJob } from './training-job.ts';
import { createTrainingProfiler } from './training-profiler.ts';
import { type FinishedTraining, finishTraining } from './training-results.ts';
import { buildNewRun, keepFailure, pickChanged, reopenRun } from './training-run.ts';
import { runTrainingSteps } from './training-steps.ts';
import type { TrialHooks } from './trial-hooks.ts';

/** A resolved configuration, and its YAML text with the origin of each value, which the run keeps. */
export interface TrainingRequest {
  readonly config: TrainConfig;
  /** Dotted paths that were set beside `resume`; empty for a new run. */
  readonly changed?: readonly string[];
  /** Where each value was set, by dotted path. */
  readonly origins?: Readonly<Record<string, string>>;
  /** The arguments of the program, secrets masked. */
  readonly command?: readonly string[];
  /** Called with the new run before its first step. */
  readonly onRun?: (run: Run) => Promise<void>;
  /** The run that is trained again; its model is not registered. */
  readonly repeats?: {
    /** Its dataset version and pretrained model are used. */
    readonly run: Run;
    /** Where the run ended before it was finished; null: train to the end. */
    readonly lastStep: number | null;
  };
  /** Set for a trial of a sweep. */
  readonly trial?: TrialHooks;
  toYaml(): string;
}

export type TrainingOutcome =
  | ({ readonly status: 'finished' } & FinishedTraining)
  /** The signal was aborted; `resume` is the command that continues the run. */
  | { readonly status: 'stopped'; readonly runId: string; readonly steps: number; readonly resume: string };

/**
 * Trains, evaluates and registers a model, or resumes the run that `config.resume` names.
 * @throws DEVICE_UNAVAILABLE, RUN_NOT_FOUND, RUN_ACTIVE, RESUME_FINISHED, and what preparing, training, exporting and
 *   registering throw; the run is then marked failed
 */
export async function runTraining(
  request: TrainingRequest,
  outer: WorkflowContext,
): Promise<TrainingOutcome> {
  const { runs } = outer.stores;
  const { repeats = null, trial = null } = request;
  const stops = followStopRequests(runs, outer.signal);
  const context = { ...outer, signal: stops.signal };
  const resumed =
    request.config.resume === null ? null : await reopenRun(runs, request.config.resume, request);
  let writer = resumed?.writer ?? null;
  let learner: Learner | null = null;
  let exports: ReturnType<typeof startTrainingExports> | null = null;
  const config = resumed?.config ?? request.config;
  const profiler = await createTrainingProfiler(config.profiler, context);
  try {
    const chosen = await chooseDevice(config.device);
    const given = resumed?.run ?? repeats?.run ?? pinData(trial);
    const inputs = await profiler.measure('prepare data', () =>
      prepareTrainingInputs(config, given, context),
    );
    const threads = resolveTrainingThreads(config, resumed?.run ?? null);
    const placement = { device: chosen.device, threads };
    learner = await profiler.measure('create model', () =>
      createConfiguredLearner(config, inputs, { ...placement, profile: profiler.learnerProfile }, context),
    );
    const run = resumed?.run ?? (await createRun(request, { inputs, learner, ...placement }, context));
    if (resumed === null) await request.onRun?.(run);
    if (trial !== null) await followTrial(trial, run, runs);
    writer = tolerateFailures(writer ?? (await runs.claim(run.id)), context.warn);
    const files = await runs.files(run.id);
    if (repeats === null) context.tellResume?.(formatResume(run.id));
    context.say(`run ${run.id} in ${files.folder}`);
    context.say(formatPlacement(chosen, learner));
    if (resumed !== null) context.say(formatThreads(resumed.run.threads, threads));
    const changed = resumed === null ? {} : pickChanged(config, request.changed ?? []);
    stops.watch(run.id);
    const { device } = chosen;
    const configYaml = request.toYaml();
    exports = startTrainingExports(run.id, config.tracking.exporters, context);
    return await train({
      ...{
        config,
        configYaml,
        changed,
        inputs,
        learner,
        run,
        writer,
        files,
        device,
        context,
        stops,
        profiler,
        trial,
      },
      registers: run.reproduces === undefined && trial === null,
      lastStep: repeats?.lastStep ?? null,
    });
  } finally {
    stops.end();
    await exports?.close();
    await learner?.dispose();
    profiler.discard();
    await writer?.release();
  }
}

function pinData(trial: TrialHooks | null): Pick<Run, 'datasetVersion'> | null {
  return trial?.datasetVersion == null ? null : { datasetVersion: trial.datasetVersion };
}

async function followTrial(trial: TrialHooks, { id }: Run, runs: RunStore): Promise<void> {
  await runs.setTags(id, { add: [`sweep:${trial.sweepId}`] });
  await trial.onRun(id);
}

async function createRun(
  { config, origins, command, repeats, trial, toYaml }: TrainingRequest,
  {
    inputs,
    learner,
    device,
    threads,
  }: Pick<TrainingJob, 'inputs' | 'learner' | 'device'> & { threads: number },
  { stores, workingDirectory }: WorkflowContext,
): Promise<Run> {
  const { manifest, pretrained, encoder } = inputs;
  const facts = {
    datasetVersion: manifest.id,
    pretrained: pretrained?.origin,
    teacher: pickTeacher(inputs),
    acceptedLeaks: inputs.acceptedLeaks ?? undefined,
    encoderDigest: encoder.digest,
    device: learner.placement === undefined ? 'cpu' : device,
    threads,
  };
  const reproduces = repeats?.run.id;
  const head = await buildNewRun(config, facts, workingDirectory, { origins, command, reproduces });
  const parents = trial === undefined ? head.parents : [...head.parents, trial.sweepId];
  return stores.runs.create({ ...head, parents }, toYaml());
}

async function train(job: TrainingJob): Promise<TrainingOutcome> {
  const { config, inputs, learner, run, writer, context } = job;
  const { say, signal } = context;
  let step = 0;
  let isTrained = false;
  const stop = async (): Promise<TrainingOutcome> => {
    await keepArtifacts(job);
    await job.profiler.finish({ runId: run.id, folder: job.files.folder, learner, writer });
    await writer.append({ type: 'stopped', step, reason: formatReason(signal.reason) });
    return { status: 'stopped', runId: run.id, steps: step, resume: formatResume(run.id) };
  };
  try {
    const articles = inputs.train.labels.length.toLocaleString('en');
    say(
      `training ${config.model.kind}: ${learner.parameterCount.toLocaleString('en')} parameters, ${articles} articles`,
    );
    const end = await runTrainingSteps(job, (done) => {
      step = done;
    });
    isTrained = end.reason !== 'stopped';
    if (end.reason === 'stopped') return await stop();
    return { status: 'finished', ...(await finishTraining(job, end)) };
  } catch (error) {
    if (signal.aborted && error === signal.reason) return stop();
    await reportFailure(job, { step, isTrained }, error);
    throw error;
  }
}

function pickTeacher({ teacher }: TrainingInputs): Run['teacher'] {
  return teacher === null ? undefined : { reference: teacher.reference, sha256: teacher.digest };
}

/** Marks the run as failed and says how to resume it, unless it would fail again. */
async function reportFailure(
  { run, writer, context }: TrainingJob,
  { step, isTrained }: { readonly step: number; readonly isTrained: boolean },
  error: unknown,
): Promise<void> {
  if (isAppError(error) && (error.code === 'RUN_LEASE_LOST' || error.code === 'TRIAL_LEASE_LOST')) return; // another process continues the run
  try {
    await keepFailure(writer, step, error);
  } catch (cause) {
    // If a full disk stopped the run, its log cannot be written either; the run then counts as interrupted.
    const code = errorCodeOf(cause);
    context.warn(`the failure of ${run.id} could not be recorded (${code})`, {
      code: 'FAILURE_NOT_RECORDED',
      runId: run.id,
      reason: code,
    });
  }
  if (isAppError(error) && repeatsOnResume(error.code)) return;
  const when = isTrained ? `failed after training (step ${step})` : `failed at step ${step}`;
  const more = isTrained
    ? ' (nothing is trained again; register=NAME and settings of evaluate may be changed there)'
    : '';
  context.say(`${when}; after fixing the cause, resume with: ${formatResume(run.id)}${more}`);
}

/** Says on which device the steps run, what is moved to it, and why it was chosen. */
function formatPlacement({ device, reason }: ChosenDevice, { placement }: Learner): string {
  const words = formatDeviceReason(reason);
  const why = words === '' ? '' : ` (${words})`;
  if (placement !== undefined) return `device: ${placement}${why}`;
  return device === 'cpu' ? `device: cpu${why}` : `device: cpu (this training has no graph for ${device})`;
}

/** Says how many threads a resumed run has, and what follows for its bits. */
function formatThreads(recorded: number | undefined, threads: number): string {
  if (recorded === undefined)
    return `threads: ${threads} (the run did not record its thread count; another count changes the last bits of some models)`;
  return `threads: ${threads}, as before the stop`;
}

function formatResume(runId: string): string {
  return `veracity train resume=${runId}`;
}

/** The reason the signal was aborted with, such as SIGINT or SIGTERM. */
function formatReason(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
