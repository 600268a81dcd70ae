// The port of samplers: what to try next, from what was tried. Implementations: grid, random, TPE, Gaussian process.
import type { Assignment } from './space.ts';

/** What is known of one trial. */
export interface Observation {
  readonly parameters: Assignment;
  readonly state: 'finished' | 'running' | 'failed' | 'stopped';
  /** Lower is better; who maximises negates. Null while there is none. */
  readonly value: number | null;
  /** Intermediate values, in the order of their steps. Lower is better. */
  readonly reports: readonly { readonly step: number; readonly value: number }[];
}

export interface Sampler {
  /**
   * Proposes the parameters of the next trial. Guarantees: an assignment that is in the history, whatever its state, is
   * not proposed again; the proposal follows from seed and history alone, so a search that was killed goes on the same.
   * @param history all trials so far, in the order of their proposals, running and failed ones included
   * @returns null when no assignment is left
   */
  propose(history: readonly Observation[]): Assignment | null;
}
