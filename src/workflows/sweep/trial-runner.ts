// Who runs the trials of a sweep: processes of this machine, or workers that take them from a queue.
import { appError } from '../../foundation/core/index.ts';
import type { Sweep, Trial } from '../../foundation/records/index.ts';
import type { TrialQueue } from '../../keeping/sweeps/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import type { LocalEnd, LocalTrials } from './local-trials.ts';

export interface TrialRunner {
  readonly isLocal: boolean;
  /** All trials, after those without a living process were freed. */
  refresh(): Promise<readonly Trial[]>;
  /** Sees that these trials are run, at most `parallel` at once. */
  start(open: readonly Trial[], parallel: number): Promise<void>;
  /** Until something may have changed. */
  wait(mostMs: number): Promise<void>;
  /** @param stops  the trials that run are stopped: each writes a checkpoint and is free again */
  close(stops: boolean): Promise<void>;
}

/** How often the process of a trial may die: it is tried once more. */
const MOST_DEATHS = 2;
const CLOSE_POLL_MS = 1_000;

/** Runs trials in processes of this machine. */
export function createLocalRunner(sweep: Sweep, local: LocalTrials, context: WorkflowContext): TrialRunner {
  const { sweeps } = context.stores;
  const { id } = sweep;
  let isStopping = false;
  const settle = async (): Promise<void> => {
    for (const end of local.takeEnded()) await settleTrial(end);
  };
  const settleTrial = async ({ number, token, word, how }: LocalEnd): Promise<void> => {
    if (word?.kind === 'ended') return;
    if (word?.kind === 'failed' && word.code === 'DISK_FULL')
      throw appError('DISK_FULL', { path: context.home.root });
    const trial = await sweeps.loadTrial(id, number);
    if (trial.endedAt !== null) return;
    const why = word?.kind === 'failed' ? `${word.code}: ${word.message}` : how;
    try {
      const lease = await sweeps.adoptTrial(id, number, token);
      if (!isStopping && trial.deaths + 1 >= MOST_DEATHS) {
        const { code, message } = appError('TRIAL_DIED', { trial: number, how: why });
        await lease.commit({ state: 'failed', value: null, failure: { code, message } });
        return;
      }
      await lease.giveBack(!isStopping);
      if (!isStopping)
        context.warn(`the process of trial ${number} died (${why}); the trial is tried once more`);
    } catch {
      // It gave the trial back before it died.
    }
  };
  return {
    isLocal: true,
    refresh: async () => {
      await settle();
      await sweeps.freeLostTrials({ sweepId: id, except: local.numbers });
      return sweeps.listTrials(id);
    },
    start: async (open, parallel) => {
      for (const { number, state } of open) {
        if (local.numbers.length >= parallel) return;
        if (state !== 'proposed' || local.numbers.includes(number)) continue;
        const lease = await sweeps.claimTrial(id, number);
        if (lease !== null) local.start({ sweepId: id, number, token: lease.token });
      }
    },
    wait: (mostMs) => local.wait(mostMs, context.signal),
    close: async (stops) => {
      isStopping = stops;
      if (stops) local.stop();
      while (local.numbers.length > 0) {
        await local.wait(CLOSE_POLL_MS);
        await settle();
      }
      await settle();
    },
  };
}

/** Leaves the trials to workers. */
function createQueueRunner(
  sweep: Sweep,
  queue: TrialQueue,
  local: LocalTrials,
  context: WorkflowContext,
): TrialRunner {
  const { sweeps } = context.stores;
  /** Offered by this process; again after each attempt. */
  const offered = new Set<string>();
  return {
    isLocal: false,
    refresh: async () => {
      await putBackLostTrials(queue, context, sweep.id);
      return sweeps.listTrials(sweep.id);
    },
    start: async (open) => {
      for (const { number, state, attempts } of open) {
        const key = `${number}/${attempts}`;
        if (state !== 'proposed' || offered.has(key)) continue;
        await queue.offer({ sweepId: sweep.id, number });
        offered.add(key);
      }
    },
    wait: (mostMs) => local.wait(mostMs, context.signal),
    close: async () => {
      await queue.close();
    },
  };
}

/** Frees the trials of workers that are dead or silent, and offers them again. */
export async function putBackLostTrials(
  queue: TrialQueue,
  { stores: { sweeps }, warn }: WorkflowContext,
  sweepId?: string,
): Promise<void> {
  const lost = await sweeps.freeLostTrials({ ...(sweepId !== undefined && { sweepId }), countsDeath: true });
  for (const { parents, number, worker } of lost) {
    warn(`trial ${number}: its worker (${worker}) does not answer; another one takes it`);
    await queue.putBack({ sweepId: parents[0]!, number }, 'its worker does not answer');
  }
}

/** Opens the runner that the store of sweeps allows: a queue where the database is shared, else this machine. */
export async function openTrialRunner(
  sweep: Sweep,
  local: LocalTrials,
  context: WorkflowContext,
): Promise<TrialRunner> {
  const { trialQueue } = context.stores;
  return trialQueue === null
    ? createLocalRunner(sweep, local, context)
    : createQueueRunner(sweep, trialQueue, local, context);
}
