// A worker: takes trials from the queue of a team's database and runs them in this process, one after the other.
import { appError, isAppError, pause } from '../../foundation/core/index.ts';
import type { SweepDefinition } from '../../foundation/records/index.ts';
import type { QueuedTrial, TrialQueue } from '../../keeping/sweeps/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { createSweepDisplay } from './sweep-display.ts';
import { runTrial } from './trial-run.ts';
import { putBackLostTrials } from './trial-runner.ts';

export interface WorkerOptions {
  /** Ends after so many seconds without a trial; null: never. */
  readonly idleSeconds: number | null;
}

export interface WorkerOutcome {
  /** Trials that got their result here. */
  readonly committed: number;
  /** Trials that were given back, or taken over by another worker. */
  readonly returned: number;
}

const POLL_MS = 1_000;
const LOOK_FOR_LOST_MS = 5_000;
/** A trial whose workers were lost so often has failed: it is the trial that ends them. */
const MOST_LOST_WORKERS = 5;

/**
 * Works until the signal is aborted or the queue was empty for `idleSeconds`.
 * @throws WORKER_DATABASE, WORKER_DATASET, QUEUE_UNAVAILABLE, DISK_FULL
 */
export async function runWorker(
  { idleSeconds }: WorkerOptions,
  context: WorkflowContext,
): Promise<WorkerOutcome> {
  const { stores, signal, clock, say, progress } = context;
  const queue = stores.trialQueue;
  if (queue === null) throw appError('WORKER_DATABASE', { got: 'none' });
  let committed = 0;
  let returned = 0;
  let idleSinceMs = clock.monotonicMs();
  let lookedMs = Number.NEGATIVE_INFINITY;
  let hasAnswered = false;
  let isAway = false;
  say('worker: waiting for trials; Ctrl-C gives the current one back and ends');
  const bar = progress('worker', 0, 'trials');
  try {
    while (!signal.aborted) {
      const nowMs = clock.monotonicMs();
      try {
        if (nowMs - lookedMs > LOOK_FOR_LOST_MS) {
          await putBackLostTrials(queue, context);
          lookedMs = nowMs;
        }
        const trial = await queue.take();
        hasAnswered = true;
        isAway = false;
        if (trial !== null) {
          if (await workOn(trial, queue, context)) committed++;
          else returned++;
          bar.update(committed);
          idleSinceMs = clock.monotonicMs();
          continue;
        }
        if (idleSeconds !== null && nowMs - idleSinceMs > idleSeconds * 1000) break;
      } catch (error) {
        if (!hasAnswered || !isDatabaseAway(error)) throw error;
        if (!isAway) context.warn('worker: the database does not answer; it is asked again');
        isAway = true;
      }
      await pause(POLL_MS, signal);
    }
  } finally {
    bar.stop();
    await queue.close();
  }
  return { committed, returned };
}

/** A server that restarts ends no worker. */
function isDatabaseAway(error: unknown): boolean {
  return isAppError(error) && ['DATABASE_UNREACHABLE', 'QUEUE_UNAVAILABLE'].includes(error.code);
}

/** @returns whether the trial got its result here */
async function workOn(trial: QueuedTrial, queue: TrialQueue, context: WorkflowContext): Promise<boolean> {
  const { sweeps, datasets } = context.stores;
  const definition = await loadDefinition(trial, context);
  if (definition === null) {
    await queue.end(trial);
    return false;
  }
  const { datasetVersion } = definition;
  if (datasetVersion !== null && !(await datasets.has(datasetVersion))) {
    await queue.putBack(trial, 'the dataset version is not on that machine');
    throw appError('WORKER_DATASET', { dataset: datasetVersion, home: context.home.root });
  }
  const lease = await sweeps.claimTrial(trial.sweepId, trial.number);
  if (lease === null) {
    const { endedAt } = await sweeps.loadTrial(trial.sweepId, trial.number);
    if (endedAt !== null) await queue.end(trial);
    return false;
  }
  const { deaths } = await sweeps.loadTrial(trial.sweepId, trial.number);
  if (deaths >= MOST_LOST_WORKERS) {
    const { code, message } = appError('TRIAL_DIED', {
      trial: trial.number,
      how: `${deaths} workers were lost`,
    });
    await lease.commit({ state: 'failed', value: null, failure: { code, message } });
    await queue.end(trial);
    return true;
  }
  context.say(`trial ${trial.number} of ${trial.sweepId}`);
  try {
    const end = await runTrial(lease, context);
    if (end === 'committed') {
      await queue.end(trial);
      createSweepDisplay(definition, [], context).show([await sweeps.loadTrial(trial.sweepId, trial.number)]);
      return true;
    }
    if (end === 'returned') await queue.putBack(trial, 'its worker was stopped');
    else context.warn(`trial ${trial.number}: another worker has taken it over; nothing was written here`);
    return false;
  } catch (error) {
    await queue.putBack(trial, 'its worker failed').catch(() => {}); // its lease expires: then another one takes it
    throw error;
  }
}

/** null: the sweep was deleted. */
async function loadDefinition(
  { sweepId }: QueuedTrial,
  { stores: { sweeps } }: WorkflowContext,
): Promise<SweepDefinition | null> {
  try {
    return (await sweeps.load(sweepId)).definition;
  } catch (error) {
    if (isAppError(error) && error.code === 'SWEEP_NOT_FOUND') return null;
    throw error;
  }
}
