// The thread of the studio: which home it opens, and how its methods are called.

import type { Home } from '../../foundation/records/index.ts';
import { WorkerContract } from '../../foundation/threads/index.ts';
import type { Studio } from '../../serving/studio/index.ts';

/** What runs in the thread. Resuming waits for a process, and would hold up the rest. */
export type ThreadMethods = Omit<Studio, 'resumeRun' | 'close'>;

export interface StudioPlace {
  readonly home: Home;
  readonly workingDirectory: string;
}

export interface StudioCall {
  readonly method: keyof ThreadMethods;
  readonly arguments: readonly unknown[];
}

export interface StudioWorkerMethods {
  open(place: StudioPlace): void;
  call(call: StudioCall): unknown;
}

export const STUDIO_WORKER = new WorkerContract<StudioWorkerMethods>('workflows/studio/studio-worker.js');
