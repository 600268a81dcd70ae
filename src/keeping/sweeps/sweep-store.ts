// The port of sweeps: what a search for the best settings has tried. A sweep is a definition that never changes, and trials
// that are added one by one.
//
// Every implementation guarantees, and test/conformance/sweep-store.ts checks:
// - No trial twice: `addTrial` adds a trial only to the history that its caller has seen, and refuses parameters that the
//   history has already. Of two processes that propose at once, one is refused and looks again.
// - One result: a trial belongs to the holder of its lease. `report`, `setRun` and `commit` take effect only with the lease
//   that is current; a holder that woke up late gets TRIAL_LEASE_LOST and has written nothing. A trial with a result never
//   gets another one.
// - Leases: one lasts `leaseSeconds` of the definition, its holder renews it, and `giveBack` ends it. After it expired, or
//   once its process is dead and this can be seen (the same machine), the trial is free and `claimTrial` gives it to another
//   process, with its run, so that the run is resumed.
// - Durability: what a resolved promise wrote survives a kill of the process. A kill during a call leaves the state before
//   or after that call.
// - Errors: those named at each method, always as a rejected promise. Expiry compares the clocks of two machines: they must
//   agree to within a few seconds.
import type { Sweep, SweepDefinition, SweepStatus, Trial } from '../../foundation/records/index.ts';

export interface SweepSummary {
  readonly sweep: Sweep;
  readonly status: SweepStatus;
  /** Why it ended; null while it runs. */
  readonly reason: string | null;
  /** Seconds that its process has worked on it so far. */
  readonly seconds: number;
  readonly counts: Readonly<Record<Trial['state'], number>>;
}

/** What a trial is created from. */
export interface NewTrial {
  readonly parameters: Trial['parameters'];
  readonly repeats: number | null;
  readonly seed: number | null;
  readonly task: TrialTask;
}

/** What a process needs to run a trial. */
export interface TrialTask {
  /** Resolved configuration of the training. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The same as YAML text with origins, for the run. */
  readonly yaml: string;
}

/** How a trial ends. */
export interface TrialResult {
  readonly state: 'finished' | 'stopped' | 'failed';
  readonly value: number | null;
  readonly failure?: Trial['failure'];
}

export interface SweepStore {
  create(definition: SweepDefinition): Promise<Sweep>;
  /** @throws SWEEP_NOT_FOUND */
  load(id: string): Promise<Sweep>;
  /** @throws SWEEP_NOT_FOUND */
  summarize(id: string): Promise<SweepSummary>;
  /** Newest first. */
  list(): Promise<SweepSummary[]>;
  /**
   * Makes this process the one that proposes trials.
   * @throws SWEEP_NOT_FOUND; SWEEP_ACTIVE while another process does
   */
  claim(id: string): Promise<SweepLease>;
  /**
   * Deletes a sweep with its trials; their runs stay.
   * @throws SWEEP_NOT_FOUND; SWEEP_ACTIVE while a process proposes trials or works on one
   */
  delete(id: string): Promise<void>;
  /** By number. @throws SWEEP_NOT_FOUND */
  listTrials(id: string): Promise<Trial[]>;
  /** @throws SWEEP_NOT_FOUND, TRIAL_NOT_FOUND */
  loadTrial(id: string, number: number): Promise<Trial>;
  /** @throws SWEEP_NOT_FOUND, TRIAL_NOT_FOUND */
  loadTask(id: string, number: number): Promise<TrialTask>;
  /**
   * Adds a trial.
   * @param known  how many trials the caller's history had
   * @returns null if the history has more by now, or has these parameters (with this seed) already
   * @throws SWEEP_NOT_FOUND
   */
  addTrial(id: string, trial: NewTrial, known: number): Promise<Trial | null>;
  /**
   * Takes the lease of a trial that is free: proposed, given back, or left by a process that is dead or silent.
   * @returns null if it has a result or another process works on it
   * @throws SWEEP_NOT_FOUND, TRIAL_NOT_FOUND
   */
  claimTrial(id: string, number: number): Promise<TrialLease | null>;
  /** The lease of that token, for a process that was handed it by the one that claimed the trial. */
  adoptTrial(id: string, number: number, token: string): Promise<TrialLease>;
  /**
   * Frees the trials whose lease has expired, or whose process is dead; each is returned to one caller only.
   */
  freeLostTrials(which?: LostTrials): Promise<Trial[]>;
  /** The trials that `freeLostTrials` would free; changes nothing. */
  findLostTrials(): Promise<Trial[]>;
}

export interface LostTrials {
  /** Only those of this sweep; absent: of all. */
  readonly sweepId?: string;
  /** Numbers of trials whose process the caller watches itself. */
  readonly except?: readonly number[];
  /** Whether a death is counted. Default: false, since the sweep may have been killed with them. */
  readonly countsDeath?: boolean;
}

/** Held by the one process that proposes the trials of a sweep; renewed in the background. */
export interface SweepLease {
  readonly sweepId: string;
  /** Adds working time and extends the lease. @throws SWEEP_LEASE_LOST */
  renew(seconds: number): Promise<void>;
  /** Records how the sweep ended and gives the lease back. Never rejects. */
  end(status: 'finished' | 'stopped', reason: string): Promise<void>;
  /** Gives the lease back without a last word. Never rejects. */
  release(): Promise<void>;
}

/** Held by the one process that works on a trial. */
export interface TrialLease {
  readonly sweepId: string;
  readonly number: number;
  readonly token: string;
  /** @throws TRIAL_LEASE_LOST */
  renew(): Promise<void>;
  /** Names the run; another run than before begins without reports. @throws TRIAL_LEASE_LOST */
  setRun(runId: string): Promise<void>;
  /**
   * Keeps the metric of one evaluation. Those of the same or a later training step are replaced: the run was resumed.
   * @throws TRIAL_LEASE_LOST
   */
  report(report: { readonly trainStep: number; readonly value: number }): Promise<void>;
  /** Ends the trial. @throws TRIAL_LEASE_LOST */
  commit(result: TrialResult): Promise<void>;
  /**
   * Makes the trial free again.
   * @param died  its process died: this is counted
   * @throws TRIAL_LEASE_LOST
   */
  giveBack(died?: boolean): Promise<void>;
}
