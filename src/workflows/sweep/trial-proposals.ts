// Proposes the trials of a sweep: new ones from the history, and the best ones again with other seeds. What is proposed
// follows from the seed and the history alone, so that a sweep that was killed goes on as it would have.
import { availableParallelism } from 'node:os';
import { isAppError } from '../../foundation/core/index.ts';
import type { Sweep, Trial } from '../../foundation/records/index.ts';
import type { SweepStore, TrialTask } from '../../keeping/sweeps/index.ts';
import { createSampler, type Sampler } from '../../learning/search/index.ts';
import { loadTrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { listProposed, rankTrials } from '../sweep-analysis/index.ts';
import { observe } from './trial-history.ts';
import { listOverrides } from './trial-overrides.ts';

/** added: a trial; changed: another process was faster, look again; none: nothing is left to try. */
export type Proposal = 'added' | 'changed' | 'none';

export interface Proposer {
  /** Adds the next trial of the search. */
  propose(trials: readonly Trial[]): Promise<Proposal>;
  /** Adds the next repetition of one of the best. */
  repeat(trials: readonly Trial[], repeat: Sweep['definition']['repeat']): Promise<Proposal>;
}

/** @param threads  of each trial, unless its overrides set them; null: each process decides */
export function createProposer(sweep: Sweep, threads: number | null, context: WorkflowContext): Proposer {
  const { definition, id } = sweep;
  const { method, space, seed, spelling, overrides } = definition;
  const { sweeps } = context.stores;
  let sampler: Sampler | null = null;
  const hasThreads = [...overrides, ...Object.keys(space)].some((text) => /^\+*threads(?:=|$)/.test(text));

  const addTrial = async (
    trials: readonly Trial[],
    trial: Pick<Trial, 'parameters' | 'repeats' | 'seed'>,
  ): Promise<Proposal> => {
    const own = [
      ...listOverrides(space, spelling, trial.parameters),
      ...(trial.seed === null ? [] : [`seed=${trial.seed}`]),
      ...(threads === null || hasThreads ? [] : [`threads=${threads}`]),
    ];
    const built = buildTask([...overrides, ...own], context);
    const task = 'task' in built ? built.task : { config: {}, yaml: '' };
    const added = await sweeps.addTrial(id, { ...trial, task }, trials.length);
    if (added !== null && 'failure' in built) await recordFailure(sweeps, added, id, built.failure);
    return added === null ? 'changed' : 'added';
  };

  return {
    propose: async (trials) => {
      sampler ??= createSampler({ method, space, seed });
      const parameters = sampler.propose(listProposed(trials).map((trial) => observe(trial, definition)));
      return parameters === null
        ? 'none'
        : addTrial(trials, { parameters: { ...parameters }, repeats: null, seed: null });
    },
    repeat: async (trials, { best, seeds }) => {
      const baseSeed = readSeed(overrides, context);
      for (const { number, parameters } of rankTrials(trials, definition).slice(0, best)) {
        const used = new Set(trials.filter(({ repeats }) => repeats === number).map((trial) => trial.seed));
        const next = Array.from({ length: seeds }, (_, i) => baseSeed + 1 + i).find(
          (value) => !used.has(value),
        );
        if (next !== undefined) return addTrial(trials, { parameters, repeats: number, seed: next });
      }
      return 'none';
    },
  };
}

/** How many threads each of several trials on one machine gets. */
export function divideThreads(threads: number, parallel: number): number {
  return Math.max(1, Math.floor((threads === 0 ? availableParallelism() : threads) / parallel));
}

function readSeed(overrides: readonly string[], context: WorkflowContext): number {
  return loadTrainConfig(overrides, context).config.seed;
}

type BuiltTask = { readonly task: TrialTask } | { readonly failure: NonNullable<Trial['failure']> };

/** Values that do not go together make a trial that has failed, not a sweep that has. */
function buildTask(overrides: readonly string[], context: WorkflowContext): BuiltTask {
  try {
    const { config, toYaml } = loadTrainConfig(overrides, context);
    return { task: { config: { ...config }, yaml: toYaml() } };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { failure: { code: error.code, message: error.message } };
  }
}

async function recordFailure(
  sweeps: SweepStore,
  { number }: Trial,
  id: string,
  failure: NonNullable<Trial['failure']>,
): Promise<void> {
  const lease = await sweeps.claimTrial(id, number);
  await lease?.commit({ state: 'failed', value: null, failure });
}
