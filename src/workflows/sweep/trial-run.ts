// Runs one trial in this process, from its lease to its result. The training is one like any other; after each evaluation its
// metric goes to the store, and whether the trial goes on is decided from what all trials have reported there so far. So no
// process has to coordinate them.
import { setTimeout as sleep } from 'node:timers/promises';
import { appError, isAppError } from '../../foundation/core/index.ts';
import type { Sweep, Trial } from '../../foundation/records/index.ts';
import type { TrialLease } from '../../keeping/sweeps/index.ts';
import { createPruner, type Pruner } from '../../learning/search/index.ts';
import { type TrainConfig, trainConfigSchema } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { runTraining, type TrainingRequest, type TrialHooks } from '../train/index.ts';
import { observe } from './trial-history.ts';
import { readTestMetric, readValidationMetric } from './trial-value.ts';

/** committed: it has a result. returned: it was stopped and is free again. lost: another process has it. */
export type TrialEnd = 'committed' | 'returned' | 'lost';

/** How long a run that another process has just left may still be held. */
const RUN_HELD_MS = 60_000;
/** Failures of the machine, not of the settings: the trial is given back. */
const MACHINE_FAILURES = /^(?:DISK_FULL|SYSTEM_REFUSED|DATABASE_|QUEUE_)/;

/**
 * Trains, or resumes, and commits the result.
 * @throws a failure of the machine or the database, after the trial was given back
 */
export async function runTrial(lease: TrialLease, context: WorkflowContext): Promise<TrialEnd> {
  const { sweeps } = context.stores;
  const sweep = await sweeps.load(lease.sweepId);
  const own = new AbortController();
  const signal = AbortSignal.any([context.signal, own.signal]);
  const heartbeat = setInterval(
    () => {
      lease.renew().catch((error: unknown) => {
        // Another failure than a lost lease is tried again; if it lasts, the lease expires.
        if (isLost(error)) own.abort(error);
      });
    },
    (sweep.definition.leaseSeconds * 1000) / 4,
  );
  try {
    return await work(lease, sweep, own, { ...context, signal });
  } catch (error) {
    if (isLost(error) || isLost(own.signal.reason)) return 'lost';
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

async function work(
  lease: TrialLease,
  sweep: Sweep,
  own: AbortController,
  context: WorkflowContext,
): Promise<TrialEnd> {
  const { sweeps } = context.stores;
  const trial = await sweeps.loadTrial(lease.sweepId, lease.number);
  let runId = trial.runId;
  const hooks = buildHooks(lease, sweep, own, context, (id) => {
    runId = id;
  });
  try {
    const outcome = await whenFree(async () => {
      // Looked at before each try: the process that still holds the run may end it.
      const resumed = runId === null ? null : await findResumable(runId, context);
      if (resumed === 'finished') return resumed;
      return runTraining(await buildRequest(lease, resumed, hooks, context), context);
    }, context.signal);
    if (outcome === 'finished') return await commitFinished(runId!, lease, sweep, context);
    if (outcome.status === 'finished')
      return await commitFinished(outcome.result.runId, lease, sweep, context);
    if (!context.signal.aborted) return await commitStopped(outcome.runId, lease, sweep, context); // by a request for its run
  } catch (error) {
    if (isLost(error)) throw error;
    if (hasCode(error, 'RESUME_FINISHED')) return await commitFinished(runId!, lease, sweep, context);
    if (hasCode(error, 'RUN_ACTIVE')) {
      context.warn(`trial ${lease.number}: another process works on ${runId}; it is tried again later`);
      await lease.giveBack();
      return 'returned';
    }
    if (!context.signal.aborted) return await commitFailure(error, lease);
  }
  if (own.signal.aborted) {
    if (isLost(own.signal.reason)) return 'lost';
    return commitStopped(runId, lease, sweep, context);
  }
  await lease.giveBack();
  return 'returned';
}

function buildHooks(
  lease: TrialLease,
  sweep: Sweep,
  own: AbortController,
  { stores: { sweeps } }: WorkflowContext,
  onRun: (runId: string) => void,
): TrialHooks {
  const { definition } = sweep;
  const pruner = buildPruner(definition.earlyStopping);
  return {
    sweepId: sweep.id,
    datasetVersion: definition.datasetVersion,
    onRun: async (runId) => {
      onRun(runId);
      await lease.setRun(runId);
    },
    onEvaluation: async (evaluation) => {
      const value = readValidationMetric(definition.metric.name, evaluation);
      if (value === null || !Number.isFinite(value)) return;
      await lease.report({ trainStep: evaluation.step, value });
      if (pruner === null) return;
      const trials = await sweeps.listTrials(sweep.id);
      const isSelf = ({ number }: Trial): boolean => number === lease.number;
      const self = trials.find(isSelf)!;
      const last = definition.earlyStopping?.maxEvaluations ?? null;
      if (last !== null && self.reports.length >= last) return; // it is at its end anyway
      const others = trials.filter((other) => !isSelf(other) && other.repeats === null);
      if (self.repeats !== null) return;
      if (
        pruner.shouldStop(
          observe(self, definition),
          others.map((other) => observe(other, definition)),
        )
      )
        own.abort(appError('STOPPED', { by: 'the sweep, because it fell behind other trials' }));
    },
  };
}

function buildPruner(earlyStopping: Sweep['definition']['earlyStopping']): Pruner | null {
  return earlyStopping === null ? null : createPruner(earlyStopping);
}

/** Whether an earlier attempt's run can be resumed; null: it is gone, and a new one begins. */
async function findResumable(
  runId: string,
  { stores: { runs } }: WorkflowContext,
): Promise<'finished' | string | null> {
  try {
    return (await runs.status(runId)) === 'finished' ? 'finished' : runId;
  } catch (error) {
    if (hasCode(error, 'RUN_NOT_FOUND')) return null;
    throw error;
  }
}

async function buildRequest(
  lease: TrialLease,
  resume: string | null,
  trial: TrialHooks,
  { stores: { sweeps } }: WorkflowContext,
): Promise<TrainingRequest> {
  const task = await sweeps.loadTask(lease.sweepId, lease.number);
  const config: TrainConfig = trainConfigSchema.parse(task.config);
  return { config: { ...config, resume }, trial, toYaml: () => task.yaml };
}

/** A run whose process was frozen or lost is held until its own lease expires. */
async function whenFree<T>(start: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const untilMs = Date.now() + RUN_HELD_MS;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (!hasCode(error, 'RUN_ACTIVE') || Date.now() > untilMs) throw error;
      await sleep(500, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

async function commitStopped(
  runId: string | null,
  lease: TrialLease,
  sweep: Sweep,
  context: WorkflowContext,
): Promise<TrialEnd> {
  await lease.commit({ state: 'stopped', value: await readValue(runId, sweep, context) });
  return 'committed';
}

async function commitFinished(
  runId: string,
  lease: TrialLease,
  sweep: Sweep,
  context: WorkflowContext,
): Promise<TrialEnd> {
  const value = await readValue(runId, sweep, context);
  if (value === null) {
    const failure = {
      code: 'SWEEP_INVALID',
      message: `the training has no finite ${sweep.definition.metric.name}`,
    };
    await lease.commit({ state: 'failed', value: null, failure });
  } else await lease.commit({ state: 'finished', value });
  return 'committed';
}

/**
 * Settings that fail once fail again, so the failure is the trial's result.
 * @throws a failure of the machine or the database, after the trial was given back
 */
async function commitFailure(error: unknown, lease: TrialLease): Promise<TrialEnd> {
  const known = isAppError(error);
  if (known && MACHINE_FAILURES.test(error.code)) {
    await lease.giveBack().catch(() => {}); // a database that is away: its lease expires
    throw error;
  }
  const failure = known
    ? { code: error.code, message: error.message }
    : { code: 'INTERNAL_BUG', message: 'an unexpected failure' };
  await lease.commit({ state: 'failed', value: null, failure });
  return 'committed';
}

/** The metric of the checkpoint that the model is made from: the best by validation loss. */
async function readValue(
  runId: string | null,
  { definition }: Sweep,
  { stores: { runs } }: WorkflowContext,
): Promise<number | null> {
  if (runId === null) return null;
  const { name } = definition.metric;
  const onTest = readTestMetric(name, await runs.loadEvaluations(runId));
  if (onTest !== null) return onTest;
  const evaluations = (await runs.loadEvents(runId)).filter((event) => event.type === 'eval');
  const [best] = evaluations.sort((a, b) => a.calibratedLoss - b.calibratedLoss);
  const value = best === undefined ? null : readValidationMetric(name, best);
  return value !== null && Number.isFinite(value) ? value : null;
}

function isLost(error: unknown): boolean {
  return hasCode(error, 'TRIAL_LEASE_LOST') || hasCode(error, 'RUN_LEASE_LOST');
}

function hasCode(error: unknown, code: string): boolean {
  return isAppError(error) && error.code === code;
}
