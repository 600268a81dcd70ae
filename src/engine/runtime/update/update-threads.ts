// Clipping and update of all parameters, in several threads where that pays. Each parameter belongs to one thread for
// good; the calling thread takes a share too. The result does not depend on how many threads there are.
import { availableParallelism } from 'node:os';
import { WorkerChannel } from '../../../foundation/threads/index.ts';
import type { OptimizerOptions, UpdateOptions } from '../../optim/index.ts';
import { createParameterUpdater, type ParameterUpdater } from '../../optim/index.ts';
import type { TrainedParameter, TrainedParameters, UpdateShare } from './trained-parameter.ts';
import { type KeptArrays, listMovedBuffers, type MovedArrays, UPDATE_WORKER } from './update-contract.ts';

export interface UpdateThreads extends Pick<ParameterUpdater, 'add'> {
  /**
   * Updates all parameters.
   * @param choose  told the norm of all gradients together; where it throws, nothing is updated
   */
  update(choose: (gradientNorm: number) => (parameter: TrainedParameter) => UpdateOptions): Promise<void>;
  dispose(): Promise<void>;
}

/** Below this many elements an update takes less than telling another thread of it. */
const SMALLEST_SHARE = 500_000;
/** Few processors' memory feeds more; each thread costs some megabytes. */
const MOST_THREADS = 8;

/**
 * How many threads update so many elements.
 * @param threads  at most; 0 = as many as cores
 */
export function countUpdateThreads(elements: number, threads: number): number {
  const allowed = Math.min(threads === 0 ? availableParallelism() : threads, MOST_THREADS);
  return Math.max(1, Math.min(allowed, Math.floor(elements / SMALLEST_SHARE)));
}

/** Starts the threads beside the calling one. @throws ENGINE_FAILED */
export async function createUpdateThreads(
  optimizer: OptimizerOptions,
  { all, shares }: TrainedParameters,
): Promise<UpdateThreads> {
  const [{ memory, parameters: own }, ...others] = shares as readonly [UpdateShare, ...UpdateShare[]];
  const updater = createParameterUpdater(optimizer, memory);
  const helpers = await Promise.all(others.map((share) => startHelper(optimizer, share)));
  return {
    add: updater.add,
    update: async (choose) => {
      const asked = helpers.map((helper) => helper.sumSquares());
      const sums = new Map(own.map((parameter) => [parameter, updater.sumSquares(readGradient(parameter))]));
      for (const answer of await Promise.all(asked))
        for (const [parameter, sum] of answer) sums.set(parameter, sum);
      let total = 0;
      for (const parameter of all) total += sums.get(parameter)!; // in an order that threads do not change
      let optionsOf: (parameter: TrainedParameter) => UpdateOptions;
      try {
        optionsOf = choose(Math.sqrt(total));
      } catch (error) {
        await Promise.all(helpers.map((helper) => helper.giveBack()));
        throw error;
      }
      const updated = helpers.map((helper) => helper.update(optionsOf));
      for (const parameter of own) {
        const { tensor, state, reached, width } = parameter;
        updater.update(
          { weights: tensor.data, gradient: readGradient(parameter), state, reached, width },
          optionsOf(parameter),
        );
      }
      await Promise.all(updated);
    },
    dispose: async () => {
      await Promise.all(helpers.map((helper) => helper.close()));
    },
  };
}

interface Helper {
  sumSquares(): Promise<readonly (readonly [TrainedParameter, number])[]>;
  update(optionsOf: (parameter: TrainedParameter) => UpdateOptions): Promise<void>;
  giveBack(): Promise<void>;
  close(): Promise<void>;
}

async function startHelper(
  optimizer: OptimizerOptions,
  { memory: { memory }, parameters: share }: UpdateShare,
): Promise<Helper> {
  const channel = new WorkerChannel(UPDATE_WORKER);
  const kept = share.map(({ state, reached, width }): KeptArrays => {
    const places = state.map((array) =>
      array.buffer === memory.buffer ? { address: array.byteOffset, length: array.length } : array,
    );
    return { state: places, reached, width };
  });
  try {
    await channel.call('create', { optimizer, memory, kept });
  } catch (error) {
    await channel.close();
    throw error;
  }
  const takeBack = (arrays: readonly MovedArrays[]): void => {
    for (const [i, { weights, gradient }] of arrays.entries()) {
      const parameter = share[i]!;
      parameter.tensor.data = weights;
      if ('dense' in parameter.gradient && !('rows' in gradient)) parameter.gradient.dense.data = gradient;
    }
  };
  return {
    sumSquares: async () => {
      const moved = share.map(
        (parameter): MovedArrays => ({
          weights: parameter.tensor.data,
          gradient: readGradient(parameter),
        }),
      );
      const sums = await channel.call('sumSquares', moved, moved.flatMap(listMovedBuffers));
      return share.map((parameter, i) => [parameter, sums[i]!] as const);
    },
    update: async (optionsOf) => takeBack(await channel.call('update', share.map(optionsOf))),
    giveBack: async () => takeBack(await channel.call('giveBack')),
    close: () => channel.close(),
  };
}

function readGradient({ gradient }: TrainedParameter): MovedArrays['gradient'] {
  return 'dense' in gradient ? gradient.dense.data : gradient.rows.read();
}
