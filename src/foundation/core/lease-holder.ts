// The process that holds a lease: on a run, a sweep or a trial.
import { hostname } from 'node:os';
import { isProcessAlive } from './process-alive.ts';
import { processSpace } from './process-space.ts';

export interface LeaseHolder {
  readonly host: string;
  readonly process: number;
  /** Processes of one space see each other by number. */
  readonly processSpace: string;
}

/** This process. */
export function currentHolder(): LeaseHolder {
  return { host: hostname(), process: process.pid, processSpace: processSpace() };
}

/**
 * False for a holder in this process space that is dead: its lease no longer counts, although it has not expired, so that a
 * run can be resumed right after a kill.
 * @param sinceIso  when it took the lease
 */
export function mayHolderLive(holder: LeaseHolder, sinceIso: string): boolean {
  return holder.processSpace !== processSpace() || isProcessAlive(holder.process, sinceIso);
}

/** For messages: a process number, with its machine if that is another one. */
export function formatHolder({ host, process: id }: Pick<LeaseHolder, 'host' | 'process'>): string {
  return host === hostname() ? `process ${id}` : `process ${id} on ${host}`;
}
