// Trials on this machine: each in a process of its own, so that its memory is free afterwards and a crash ends it alone.
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../foundation/core/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import type { TrialEnd } from './trial-run.ts';

/** What a trial's process is told to do. */
export interface TrialOrder {
  readonly sweepId: string;
  readonly number: number;
  readonly token: string;
  /** The home, and its registry. */
  readonly root: string;
  readonly models: string;
  readonly workingDirectory: string;
}

/** What it says. */
export type TrialWord =
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'ended'; readonly end: TrialEnd }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** How a trial's process ended. */
export interface LocalEnd {
  readonly number: number;
  readonly token: string;
  /** null: it died without a word. */
  readonly word: Extract<TrialWord, { kind: 'ended' | 'failed' }> | null;
  /** Of a process that died: its signal or exit code, for people. */
  readonly how: string;
}

export interface LocalTrials {
  readonly numbers: readonly number[];
  start(order: { readonly sweepId: string; readonly number: number; readonly token: string }): void;
  /** Asks all to write a checkpoint and give their trial back. */
  stop(): void;
  /** How the processes ended that have ended since the last call. */
  takeEnded(): LocalEnd[];
  /** Until a process ends, or at most so long. */
  wait(mostMs: number, signal?: AbortSignal): Promise<void>;
}

const SCRIPT = 'dist/workflows/sweep/trial-process.js';

export function createLocalTrials({ home, workingDirectory, warn }: WorkflowContext): LocalTrials {
  const running = new Map<number, ChildProcess>();
  let ended: LocalEnd[] = [];
  const changes = new EventTarget();

  return {
    get numbers() {
      return [...running.keys()];
    },
    start: ({ sweepId, number, token }) => {
      // Tests run from TypeScript sources and need a built dist/ here, as they do for workers.
      const child = fork(join(packageRoot, SCRIPT), [], {
        cwd: workingDirectory,
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        execArgv: [],
        env: { ...process.env },
      });
      let word: LocalEnd['word'] = null;
      child.on('message', (said: TrialWord) => {
        if (said.kind === 'warning') warn(`trial ${number}: ${said.text}`);
        else word = said;
      });
      const finish = (how: string): void => {
        if (!running.delete(number)) return;
        ended.push({ number, token, word, how });
        changes.dispatchEvent(new Event('end'));
      };
      child.once('error', (error) => finish(error.message));
      child.once('close', (code, signal) => finish(signal ?? `exit ${code}`));
      running.set(number, child);
      const { root, models } = home;
      const order: TrialOrder = { sweepId, number, token, root, models, workingDirectory };
      child.send(order, () => {}); // a child that is dead already is found by its end
    },
    stop: () => {
      for (const child of running.values()) child.kill('SIGTERM');
    },
    takeEnded: () => {
      const all = ended;
      ended = [];
      return all;
    },
    wait: (mostMs, signal) => {
      if (ended.length > 0 || signal?.aborted === true) return Promise.resolve();
      return new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(timer);
          changes.removeEventListener('end', finish);
          signal?.removeEventListener('abort', finish);
          resolve();
        };
        const timer = setTimeout(finish, mostMs);
        changes.addEventListener('end', finish);
        signal?.addEventListener('abort', finish);
      });
    },
  };
}
