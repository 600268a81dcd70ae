// Trains a run again from its stored configuration and dataset version, as a new run, and compares both. Before that it
// verifies what the run was made of. Nothing is checked out, prepared or registered.

import { stringify } from 'yaml';
import { appError, isAppError } from '../../foundation/core/index.ts';
import type { Run, RunEvent, RunStatus } from '../../foundation/records/index.ts';
import type { TrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { loadRunConfiguration, loadStoredConfiguration, repeatsOnResume } from '../runs/index.ts';
import { runTraining, type TrainingRequest } from '../train/index.ts';
import {
  checkConfiguration,
  checkDataset,
  checkDefaults,
  checkPretrained,
  checkTeacher,
  keepPresentCollections,
} from './input-checks.ts';
import {
  expectsSameBits,
  findLikelyCauses,
  type ReproductionCheck,
  type ReproductionPart,
} from './reproduction-check.ts';
import { checkCode, checkPlacement, checkResumes, checkSurroundings } from './surrounding-checks.ts';
import { compareWithOriginal, type ValueComparison } from './value-comparison.ts';

/**
 * verified: nothing was trained. impossible: something is missing, so nothing was trained. identical: the same to the last
 * bit. within tolerance: near enough on another kind of machine or other kernels. different: neither. stopped: the training
 * was asked to stop.
 */
export type ReproductionOutcome =
  | 'verified'
  | 'impossible'
  | 'identical'
  | 'within tolerance'
  | 'different'
  | 'stopped';

export interface Reproduction {
  readonly run: string;
  readonly status: RunStatus;
  readonly outcome: ReproductionOutcome;
  readonly checks: readonly ReproductionCheck[];
  /** Whether every part that can change a number is as it was, as far as it was recorded. */
  readonly isAsItWas: boolean;
  /** Whether the same bits are expected: nothing that decides them is known to differ. */
  readonly expectsSameBits: boolean;
  /** The run that trained again; null: none was made. */
  readonly reproduction: string | null;
  /** The last step that is compared, where the run ended before it was finished; null: it was finished. */
  readonly lastStep: number | null;
  readonly comparison: ValueComparison | null;
  /** What most likely explains the difference, the likeliest first; empty where there is none. */
  readonly likelyCauses: readonly ReproductionPart[];
}

/** The tag of a run that was made by training the run of this id again. */
export function formatReproductionTag(id: string): string {
  return `reproduces:${id}`;
}

/**
 * Verifies what a run was made of and, unless `checkOnly`, trains it again and compares.
 * @throws RUN_NOT_FOUND, RECORD_INVALID, RUN_NOT_REPRODUCIBLE, and what a training throws
 */
export async function reproduceRun(
  id: string,
  { checkOnly }: { readonly checkOnly: boolean },
  context: WorkflowContext,
): Promise<Reproduction> {
  const { runs } = context.stores;
  const run = await runs.load(id);
  const status = await runs.status(id);
  const events = await runs.loadEvents(id);
  const lastStep = await findLastStep(run, status, events, context);
  const { config, collections } = buildConfiguration(run, await loadRunConfiguration(runs, id), context);
  const checks = await runChecks(run, config, events, context);
  if (collections !== null) checks.push(collections);
  const isPossible = checks.every((check) => check.status !== 'missing');
  const known = {
    ...{ run: id, status, checks, lastStep },
    isAsItWas:
      checks.every((check) => check.role === 'information' || check.status !== 'differs') && isPossible,
    expectsSameBits: expectsSameBits(checks),
  };
  const nothing = { reproduction: null, comparison: null, likelyCauses: [] };
  if (!isPossible) return { ...known, ...nothing, outcome: 'impossible' };
  if (checkOnly) return { ...known, ...nothing, outcome: 'verified' };
  const reproduction = await trainAgain(run, config, lastStep, events, context);
  const comparison = await compareWithOriginal(runs, id, reproduction.id);
  if (reproduction.isStopped)
    return { ...known, ...nothing, reproduction: reproduction.id, outcome: 'stopped' };
  const outcome = decideOutcome(comparison, known.expectsSameBits);
  const likelyCauses = comparison.isIdentical ? [] : findLikelyCauses(checks, comparison.isWithinTolerance);
  return { ...known, reproduction: reproduction.id, comparison, outcome, likelyCauses };
}

function decideOutcome(comparison: ValueComparison, isExact: boolean): ReproductionOutcome {
  if (comparison.isIdentical) return 'identical';
  return !isExact && comparison.isWithinTolerance ? 'within tolerance' : 'different';
}

/**
 * The last step with recorded values, for a run that ended before it was finished.
 * @returns null: the run is trained to its end
 * @throws RUN_NOT_REPRODUCIBLE for a run that still trains or has recorded nothing
 */
async function findLastStep(
  run: Run,
  status: RunStatus,
  events: readonly RunEvent[],
  { stores: { runs } }: WorkflowContext,
): Promise<number | null> {
  const refuse = (got: string): Error =>
    appError('RUN_NOT_REPRODUCIBLE', {
      run: run.id,
      expected: 'a run that has ended, with recorded steps',
      got,
    });
  if (status === 'running') throw refuse('one that still trains');
  if (status === 'finished') return null;
  const steps = (await runs.listMetrics(run.id)).map(({ lastStep }) => lastStep);
  if (steps.length === 0) throw refuse('one without any recorded step');
  const last = events.at(-1);
  // A run that failed by itself, such as by a loss that is not finite, is expected to fail again.
  if (last?.type === 'failed' && repeatsOnResume(last.code)) return null;
  return Math.max(...steps);
}

/** The configuration to train with: that of the run, with its threads and device, without a name in the registry. */
function buildConfiguration(
  run: Run,
  stored: TrainConfig,
  context: WorkflowContext,
): { readonly config: TrainConfig; readonly collections: ReproductionCheck | null } {
  const { config, check } = keepPresentCollections(stored, context);
  return {
    config: {
      ...config,
      threads: run.threads ?? config.threads,
      device: isDevice(run.device) ? run.device : config.device,
      resume: null,
      register: null,
    },
    collections: check,
  };
}

function isDevice(device: string | undefined): device is Exclude<TrainConfig['device'], 'auto'> {
  return device !== undefined && ['cpu', 'webgpu', 'cuda', 'coreml', 'dml'].includes(device);
}

async function runChecks(
  run: Run,
  config: TrainConfig,
  events: readonly RunEvent[],
  context: WorkflowContext,
): Promise<ReproductionCheck[]> {
  const { runs } = context.stores;
  const stored = await loadStoredConfiguration(runs, run.id);
  const read = await loadRunConfiguration(runs, run.id);
  const inputs = [
    await checkDataset(run, context),
    await checkConfiguration(run, stored, read, context),
    await checkPretrained(run, config, context),
    await checkTeacher(run, config, context),
    ...(await checkCode(run, context)),
    ...(await checkSurroundings(run)),
    ...(await checkPlacement(run, config)),
    checkResumes(events),
    checkDefaults(run, stored, context),
  ];
  return inputs.filter((check) => check !== null);
}

/** Trains as a new run. A run that failed by itself may fail in the same way. */
async function trainAgain(
  run: Run,
  config: TrainConfig,
  lastStep: number | null,
  events: readonly RunEvent[],
  context: WorkflowContext,
): Promise<{ readonly id: string; readonly isStopped: boolean }> {
  const { runs } = context.stores;
  let id: string | null = null;
  const request: TrainingRequest = {
    config,
    command: ['runs', 'reproduce', run.id],
    repeats: { run, lastStep },
    onRun: async (created) => {
      id = created.id;
      await runs.setTags(created.id, { add: [formatReproductionTag(run.id)] });
    },
    toYaml: () => `# the configuration of ${run.id}\n${stringify(config)}`,
  };
  try {
    const outcome = await runTraining(request, context);
    if (outcome.status === 'finished') return { id: outcome.result.runId, isStopped: false };
    const steps = (await runs.listMetrics(outcome.runId)).map((metric) => metric.lastStep);
    return { id: outcome.runId, isStopped: lastStep === null || Math.max(0, ...steps) < lastStep };
  } catch (error) {
    const last = events.at(-1);
    const isSameFailure = last?.type === 'failed' && isAppError(error) && error.code === last.code;
    if (id === null || !isSameFailure) throw error;
    return { id, isStopped: false };
  }
}
