// A sweep from its first proposal to its end. This process proposes trials and, on one machine, starts a process for each; with
// a queue, workers anywhere run them. It keeps nothing in memory that matters: everything is in the store, so that it may be
// killed at any moment and resumed.
import { isAppError } from '../../foundation/core/index.ts';
import type { Sweep, SweepDefinition, Trial } from '../../foundation/records/index.ts';
import type { SweepLease, SweepSummary } from '../../keeping/sweeps/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { prepareDatasetVersion } from '../prepare/index.ts';
import { rankTrials } from '../sweep-analysis/index.ts';
import { registerRun } from '../train/index.ts';
import { createLocalTrials } from './local-trials.ts';
import { findBudgetEnd } from './sweep-budget.ts';
import type { SweepRequest } from './sweep-definition.ts';
import { createSweepDisplay } from './sweep-display.ts';
import { formatOverrides } from './trial-overrides.ts';
import { createProposer, divideThreads, type Proposal } from './trial-proposals.ts';
import { openTrialRunner, type TrialRunner } from './trial-runner.ts';

export interface SweepOptions {
  /** Trials at the same time; absent: as the sweep says. */
  readonly parallel?: number;
  /** Tries the best few again with this many other seeds; absent: as the sweep says. */
  readonly repeatSeeds?: number;
}

export interface SweepOutcome {
  readonly status: 'finished' | 'stopped';
  readonly summary: SweepSummary;
  readonly trials: readonly Trial[];
  /** The best finished trial; null: none has finished. */
  readonly best: Trial | null;
  /** NAME@VERSION of its model; null where it is not registered. */
  readonly modelVersion: string | null;
  /** The command that goes on with it; null: it is finished. */
  readonly resume: string | null;
}

const RENEW_MS = 5_000;
const POLL_MS = 1_000;

/** Prepares the data, stores the sweep and runs it. @throws what preparing data throws */
export async function startSweep(
  { definition, notes, base, sharesData }: SweepRequest,
  options: SweepOptions,
  context: WorkflowContext,
): Promise<SweepOutcome> {
  for (const note of notes) context.say(`note: ${note}`);
  // Prepared once for all trials, before any of them starts.
  const prepared = await prepareDatasetVersion(base, context);
  const datasetVersion = sharesData ? prepared.manifest.id : null;
  const sweep = await context.stores.sweeps.create(withOptions({ ...definition, datasetVersion }, options));
  return resumeSweep(sweep.id, {}, context);
}

/**
 * Goes on with a sweep until its budget is used, nothing is left to try, or the signal is aborted.
 * @throws SWEEP_NOT_FOUND, SWEEP_ACTIVE, SWEEP_LEASE_LOST
 */
export async function resumeSweep(
  id: string,
  options: SweepOptions,
  context: WorkflowContext,
): Promise<SweepOutcome> {
  const { sweeps } = context.stores;
  const sweep = await sweeps.load(id);
  const lease = await sweeps.claim(id);
  const resume = `veracity sweep --resume ${id}`;
  context.tellResume?.(resume);
  const lost = new AbortController();
  const heartbeat = keepLease(lease, lost, context);
  const inner = { ...context, signal: AbortSignal.any([context.signal, lost.signal]) };
  try {
    const reason = await runTrials(sweep, options, inner);
    if (lost.signal.aborted) throw lost.signal.reason;
    await heartbeat.stop();
    if (reason === null) {
      await lease.end('stopped', formatReason(context.signal.reason));
      return { ...(await readOutcome(sweep, context)), status: 'stopped', modelVersion: null, resume };
    }
    const outcome = await readOutcome(sweep, context);
    const modelVersion = await registerBest(sweep, outcome.best, context);
    await lease.end('finished', reason);
    context.say(`${id} finished: ${reason}`);
    const { summary } = await readOutcome(sweep, context);
    return { ...outcome, summary, status: 'finished', modelVersion, resume: null };
  } finally {
    await heartbeat.stop();
    await lease.release();
  }
}

/** @returns why the sweep is at its end; null: it was stopped */
async function runTrials(
  sweep: Sweep,
  { parallel = sweep.definition.parallel, repeatSeeds }: SweepOptions,
  context: WorkflowContext,
): Promise<string | null> {
  const { id, definition } = sweep;
  const { stores, say, signal } = context;
  const before = await stores.sweeps.listTrials(id);
  const repeat = { ...definition.repeat, ...(repeatSeeds !== undefined && { seeds: repeatSeeds }) };
  const runner = await openTrialRunner(sweep, createLocalTrials(context), context);
  const proposer = createProposer(sweep, runner.isLocal ? divideThreads(0, parallel) : null, context);
  say(formatStart(sweep, before, parallel, runner));
  const display = createSweepDisplay(
    definition,
    before.filter(({ endedAt }) => endedAt !== null),
    context,
  );
  let searchEnd: string | null = null;
  try {
    for (;;) {
      if (signal.aborted) return null;
      const trials = await runner.refresh();
      display.show(trials);
      const open = trials.filter(({ state }) => state === 'proposed' || state === 'running');
      await runner.start(open, parallel);
      const { seconds } = await stores.sweeps.summarize(id);
      searchEnd ??= findBudgetEnd(definition, trials, seconds);
      let proposal: Proposal = 'none';
      if (open.length < parallel) {
        if (searchEnd === null) {
          proposal = await proposer.propose(trials);
          if (proposal === 'none' && open.length === 0) searchEnd = 'nothing is left to try';
        }
        if (searchEnd !== null && open.every(({ repeats }) => repeats !== null))
          proposal = await proposer.repeat(trials, repeat);
      }
      if (proposal !== 'none') continue;
      if (open.length === 0 && searchEnd !== null) return searchEnd;
      if (open.length > 0) await runner.wait(POLL_MS);
    }
  } catch (error) {
    if (signal.aborted && error === signal.reason) return null;
    throw error;
  } finally {
    await runner.close(signal.aborted);
    display.show(await stores.sweeps.listTrials(id));
    display.stop();
  }
}

/** A new sweep keeps what its command line says, so that it goes on alike when it is resumed. */
function withOptions(
  definition: SweepDefinition,
  { parallel = definition.parallel, repeatSeeds: seeds = definition.repeat.seeds }: SweepOptions,
): SweepDefinition {
  return { ...definition, parallel, repeat: { ...definition.repeat, seeds } };
}

/** Renews the sweep's lease and counts the seconds that it is worked on. */
function keepLease(
  lease: SweepLease,
  lost: AbortController,
  { clock, warn }: WorkflowContext,
): { stop(): Promise<void> } {
  let countedMs = clock.monotonicMs();
  let renewing = Promise.resolve();
  let isStopped = false;
  const renew = async (): Promise<void> => {
    const nowMs = clock.monotonicMs();
    try {
      await lease.renew((nowMs - countedMs) / 1000);
      countedMs = nowMs;
    } catch (error) {
      if (isAppError(error) && error.code === 'SWEEP_LEASE_LOST') lost.abort(error);
      else
        warn(
          `the sweep could not be saved (${isAppError(error) ? error.code : 'unknown reason'}); it is tried again`,
        );
    }
  };
  const timer = setInterval(() => {
    renewing = renewing.then(renew);
  }, RENEW_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      if (isStopped) return;
      isStopped = true;
      await renewing;
      if (!lost.signal.aborted) await renew();
    },
  };
}

async function readOutcome(
  sweep: Sweep,
  { stores: { sweeps } }: WorkflowContext,
): Promise<Pick<SweepOutcome, 'summary' | 'trials' | 'best'>> {
  const trials = await sweeps.listTrials(sweep.id);
  const [best = null] = rankTrials(trials, sweep.definition);
  return { summary: await sweeps.summarize(sweep.id), trials, best };
}

/** Registers the best model, where it lies on this machine. */
async function registerBest(
  { definition }: Sweep,
  best: Trial | null,
  context: WorkflowContext,
): Promise<string | null> {
  if (best?.runId == null) return null;
  const { name } = definition.metric;
  context.say(
    `best: trial ${best.number}, ${name} ${best.value!.toFixed(4)}, ${formatOverrides(best.parameters)}, ${best.runId}`,
  );
  if (!definition.register) return null;
  const registered = await registerRun(best.runId, context);
  if (registered === null) {
    context.warn(
      `the model of ${best.runId} lies on the machine of ${best.worker}, so it is not registered here; copy runs/${best.runId}/model from there`,
      { code: 'MODEL_ELSEWHERE', runId: best.runId },
    );
    return null;
  }
  context.say(`registered ${registered.reference} in ${registered.location}`);
  return registered.reference;
}

function formatStart(
  { id, definition }: Sweep,
  before: readonly Trial[],
  parallel: number,
  { isLocal }: TrialRunner,
): string {
  const { method, metric, space, budget } = definition;
  const known = before.length === 0 ? '' : `, ${before.length} trials so far`;
  const most = budget.trials === null ? '' : `, at most ${budget.trials} trials`;
  const where = isLocal
    ? `${parallel} at once on this machine`
    : `${parallel} at once, run by workers (veracity worker)`;
  return `${id}: ${method} search of ${Object.keys(space).join(', ')}; ${metric.goal} ${metric.name}${most}${known}; ${where}`;
}

function formatReason(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason ?? 'stopped');
}
