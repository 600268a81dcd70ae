// Chooses how many worker threads serve a model, and how many threads each of their sessions has. Several sessions of one
// thread do more work than one session of several threads, which must split its work and wait; small batches lose nothing
// by it: measured in docs/lab-notes.md. Memory limits the number, since each session holds the weights.
import { availableParallelism, totalmem } from 'node:os';
import type { Device } from '../../engine/runtime/session/index.ts';
import { type ContainerLimits, readContainerLimits } from './container-limits.ts';

export interface PoolSize {
  readonly workers: number;
  readonly threadsPerWorker: number;
}

export interface PoolSizeRequest {
  /** Threads in all; 0: as many as the cores that this process may use. */
  readonly threads: number;
  /** 0: chosen here. */
  readonly workers: number;
  readonly device: Device;
  /** Bytes of the ONNX file. */
  readonly modelBytes: number;
}

export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
}

/** Weights, the copy that the runtime packs for its kernels, activations. */
const COPIES_OF_WEIGHTS = 2.5;
/** A thread's JavaScript, tokenizer and session without weights. */
const WORKER_BYTES = 80 * 1024 * 1024;
/** Share of the memory for workers; the rest is for requests and the system. */
const SHARE_FOR_WORKERS = 0.6;

/** Cores and memory that this process may use: the machine's, or less in a container. */
export function readMachine(limits: ContainerLimits = readContainerLimits()): Machine {
  const cores = availableParallelism();
  return {
    // of 1.5 processors: two threads are stopped for a quarter of the time, one leaves a third unused
    cores: Math.max(1, Math.min(cores, Math.round(limits.cpus ?? cores))),
    memoryBytes: Math.min(totalmem(), limits.memoryBytes ?? Number.POSITIVE_INFINITY),
  };
}

export function choosePoolSize(request: PoolSizeRequest, machine: Machine = readMachine()): PoolSize {
  const threads = request.threads === 0 ? machine.cores : request.threads;
  const fit = Math.floor(
    (machine.memoryBytes * SHARE_FOR_WORKERS) / (request.modelBytes * COPIES_OF_WEIGHTS + WORKER_BYTES),
  );
  // a graphics card runs one batch after the other: a second session would only take memory
  const wanted = request.device === 'cpu' ? Math.min(threads, fit) : 1;
  const workers = Math.max(1, request.workers === 0 ? wanted : request.workers);
  return { workers, threadsPerWorker: Math.max(1, Math.floor(threads / workers)) };
}
