// Clipping and update of all parameters, in several threads where that pays. Each parameter stays with one
// thread; the calling thread has a share as well. The result does not depend on the number of threads.
import { availableParallelism } from 'node:os';
import { WorkerChannel } from '../../../foundation/threads/index.ts';
import type { OptimizerOptions, UpdateOptions } from '../../optim/index.ts';
import { createParameterUpdater, type ParameterUpdater } from '../../optim/index.ts';
import type { TrainedParameter, TrainedParameters, UpdateShare } from './trained-parameter.ts';
import {
  type KeptArrays,
  listMovedBuffers,
  type MovedArrays,
  UPDATE_WORKER,
  type UpdateMethods,
} from './update-contract.ts';

/** Below this many elements an update takes less time than a message to another thread. */
const SMALLEST_SHARE = 500_000;
/** Memory bandwidth rarely serves more; each thread costs some megabytes. */
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
  const [own, ...others] = shares as readonly [UpdateShare, ...UpdateShare[]];
  const threads = await Promise.all(others.map((share) => startUpdateThread(optimizer, share)));
  return new UpdateThreads(all, own.parameters, createParameterUpdater(optimizer, own.memory), threads);
}

/** The update of each parameter. */
export type ChooseUpdate = (parameter: TrainedParameter) => UpdateOptions;

export class UpdateThreads {
  readonly #all: readonly TrainedParameter[];
  /** Parameters that the calling thread updates. */
  readonly #own: readonly TrainedParameter[];
  readonly #updater: ParameterUpdater;
  readonly #threads: readonly UpdateThread[];

  constructor(
    all: readonly TrainedParameter[],
    own: readonly TrainedParameter[],
    updater: ParameterUpdater,
    threads: readonly UpdateThread[],
  ) {
    this.#all = all;
    this.#own = own;
    this.#updater = updater;
    this.#threads = threads;
  }

  /** target += values, on the calling thread */
  add(target: Float32Array, values: Float32Array): void {
    this.#updater.add(target, values);
  }

  /**
   * Updates all parameters.
   * @param choose  is given the norm of all gradients together; where it throws, nothing is updated
   */
  async update(choose: (gradientNorm: number) => ChooseUpdate): Promise<void> {
    const gradientNorm = Math.sqrt(await this.#sumSquares());
    let chosen: ChooseUpdate;
    try {
      chosen = choose(gradientNorm);
    } catch (error) {
      await Promise.all(this.#threads.map((thread) => thread.giveBack()));
      throw error;
    }
    const updated = this.#threads.map((thread) => thread.update(chosen));
    for (const parameter of this.#own) {
      const { tensor, state, reached, width } = parameter;
      const arrays = { weights: tensor.data, gradient: readGradient(parameter), state, reached, width };
      this.#updater.update(arrays, chosen(parameter));
    }
    await Promise.all(updated);
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  /** The norm of all gradients together. */
  async #sumSquares(): Promise<number> {
    const asked = this.#threads.map((thread) => thread.sumSquares());
    const sums = new Map(
      this.#own.map((parameter) => [parameter, this.#updater.sumSquares(readGradient(parameter))]),
    );
    for (const answer of await Promise.all(asked))
      for (const [parameter, sum] of answer) sums.set(parameter, sum);
    let total = 0;
    for (const parameter of this.#all) total += sums.get(parameter)!; // in an order that threads do not change
    return total;
  }
}

async function startUpdateThread(
  optimizer: OptimizerOptions,
  { memory: { memory }, parameters }: UpdateShare,
): Promise<UpdateThread> {
  const kept = parameters.map(({ state, reached, width }): KeptArrays => {
    const places = state.map((array) =>
      array.buffer === memory.buffer ? { address: array.byteOffset, length: array.length } : array,
    );
    return { state: places, reached, width };
  });
  const channel = new WorkerChannel(UPDATE_WORKER);
  try {
    await channel.call('create', { optimizer, memory, kept });
  } catch (error) {
    await channel.close();
    throw error;
  }
  return new UpdateThread(channel, parameters);
}

/** Another thread with its share of the parameters. From `sumSquares` until they come back it holds their arrays. */
class UpdateThread {
  readonly #channel: WorkerChannel<UpdateMethods>;
  readonly #share: readonly TrainedParameter[];

  constructor(channel: WorkerChannel<UpdateMethods>, share: readonly TrainedParameter[]) {
    this.#channel = channel;
    this.#share = share;
  }

  /** Moves the share's arrays to the thread. */
  async sumSquares(): Promise<readonly (readonly [TrainedParameter, number])[]> {
    const moved = this.#share.map(
      (parameter): MovedArrays => ({ weights: parameter.tensor.data, gradient: readGradient(parameter) }),
    );
    const sums = await this.#channel.call('sumSquares', moved, moved.flatMap(listMovedBuffers));
    return this.#share.map((parameter, i) => [parameter, sums[i]!] as const);
  }

  /** Updates the arrays and takes them back. */
  async update(chosen: ChooseUpdate): Promise<void> {
    this.#takeBack(await this.#channel.call('update', this.#share.map(chosen)));
  }

  /** Takes the arrays back as they are. */
  async giveBack(): Promise<void> {
    this.#takeBack(await this.#channel.call('giveBack'));
  }

  close(): Promise<void> {
    return this.#channel.close();
  }

  #takeBack(arrays: readonly MovedArrays[]): void {
    for (const [i, { weights, gradient }] of arrays.entries()) {
      const parameter = this.#share[i]!;
      parameter.tensor.data = weights;
      if ('dense' in parameter.gradient && !('rows' in gradient)) parameter.gradient.dense.data = gradient;
    }
  }
}

function readGradient({ gradient }: TrainedParameter): MovedArrays['gradient'] {
  return 'dense' in gradient ? gradient.dense.data : gradient.rows.read();
}
