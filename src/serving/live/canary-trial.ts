// Tries a version out on a share of the clients, and withdraws it when it fails or is slow. A canary that was withdrawn
// is not tried again, not even after a restart, until its model's stages change.
import type { ReturnedCanary } from '../../foundation/records/index.ts';
import type { ReturnReason } from '../metrics/index.ts';
import type { CanaryMemory } from './canary-memory.ts';
import { type CanaryLimits, findReason } from './canary-rules.ts';
import type { LiveSurroundings, LoadedVersions } from './loaded-versions.ts';
import type { WantedVersions } from './registry-follower.ts';
import type { RolloutState } from './rollout-state.ts';
import type { CanaryLane, TrafficSplit } from './traffic-split.ts';
import type { LoadedVersion } from './version-loading.ts';

export interface CanaryOptions {
  /** 0 to 1. */
  readonly share: number;
  readonly limits: CanaryLimits;
  /** Remembers which canaries were withdrawn. */
  readonly memory: CanaryMemory;
}

type TrialState =
  | { readonly kind: 'none' }
  | { readonly kind: 'loading'; readonly reference: string; readonly at: string }
  | { readonly kind: 'failed'; readonly reference: string; readonly at: string; readonly code: string }
  | { readonly kind: 'running'; readonly version: LoadedVersion; readonly at: string }
  | { readonly kind: 'returned'; readonly canary: ReturnedCanary };

/** Sorting a window costs more than a request may. */
const CHECK_EVERY_MS = 250;

export class CanaryTrial {
  readonly #options: CanaryOptions;
  readonly #versions: LoadedVersions;
  readonly #split: TrafficSplit;
  readonly #surroundings: LiveSurroundings;
  #state: TrialState = { kind: 'none' };
  /** Promotions and rollbacks of the canary's model so far. */
  #changes = 0;
  #checkedMs = Number.NEGATIVE_INFINITY;

  constructor(
    options: CanaryOptions,
    versions: LoadedVersions,
    split: TrafficSplit,
    surroundings: LiveSurroundings,
  ) {
    this.#options = options;
    this.#versions = versions;
    this.#split = split;
    this.#surroundings = surroundings;
    split.watchCanary((lane) => this.#check(lane));
  }

  /** Starts the wanted canary, or ends the one that is no longer wanted. */
  async arrange({ canary, canaryChanges }: Pick<WantedVersions, 'canary' | 'canaryChanges'>): Promise<void> {
    this.#changes = canaryChanges;
    if (this.#state.kind === 'running') {
      if (this.#state.version.reference === canary) return;
      this.end();
    }
    const returned = canary === null ? null : this.#options.memory.find(canary, canaryChanges);
    this.#surroundings.metrics.setReturned(returned);
    if (canary === null) this.#state = { kind: 'none' };
    else if (returned !== null) this.#keepReturned(returned);
    else if (!this.#versions.isUseless('canary', canary)) await this.#start(canary);
  }

  /** Ends the canary, because its version was promoted or is no longer wanted. */
  end(): void {
    if (this.#state.kind !== 'running') return;
    const { pool } = this.#state.version;
    this.#state = { kind: 'none' };
    this.#split.endCanary();
    this.#surroundings.metrics.setCanaryShare(0);
    this.#versions.release(pool);
  }

  /** Ends the canary if it is this version. */
  endIf(reference: string): void {
    if (this.#state.kind === 'running' && this.#state.version.reference === reference) this.end();
  }

  state(): RolloutState['canary'] {
    const state = this.#state;
    const about = { share: this.#options.share, reason: null, code: null };
    switch (state.kind) {
      case 'none':
        return null;
      case 'loading':
        return { ...about, version: state.reference, state: 'loading', at: state.at };
      case 'failed':
        return { ...about, version: state.reference, state: 'failed', at: state.at, code: state.code };
      case 'running':
        return { ...about, version: state.version.reference, state: 'running', at: state.at };
      case 'returned': {
        const { version, share, at, reason } = state.canary;
        return { version, share, at, reason, state: 'returned', code: null };
      }
    }
  }

  async #start(reference: string): Promise<void> {
    const { clock, logger, metrics } = this.#surroundings;
    const { share } = this.#options;
    this.#state = { kind: 'loading', reference, at: clock.nowIso() };
    const result = await this.#versions.load('canary', reference, 'one thread');
    if (result.kind === 'closed') return;
    if (result.kind === 'failed') {
      this.#state = { kind: 'failed', reference, at: clock.nowIso(), code: result.code };
      return;
    }
    const { version } = result;
    if (version.pool.modelVersion === this.#split.modelVersion) {
      // an int8 copy that is live already
      this.#versions.markUseless('canary', reference);
      this.#state = { kind: 'none' };
      this.#versions.release(version.pool);
      return;
    }
    this.#split.startCanary(version.pool, share);
    metrics.setCanaryShare(share);
    this.#state = { kind: 'running', version, at: clock.nowIso() };
    logger.info({ version: reference, share }, 'a canary predicts for a share of the clients');
  }

  #keepReturned(canary: ReturnedCanary): void {
    if (this.#state.kind !== 'returned' || this.#state.canary.at !== canary.at) {
      const { version, reason, at } = canary;
      this.#surroundings.logger.warn(
        { version, reason, at },
        'the canary was withdrawn before and is not tried again',
      );
    }
    this.#state = { kind: 'returned', canary };
  }

  /** Compares the canary with the live version after one of its requests. */
  #check(lane: CanaryLane): void {
    const nowMs = this.#surroundings.clock.monotonicMs();
    if (lane !== this.#split.canary || nowMs - this.#checkedMs < CHECK_EVERY_MS) return;
    this.#checkedMs = nowMs;
    const canary = lane.window.summarize();
    const live = lane.liveWindow.summarize();
    const reason = findReason(canary, live, this.#options.limits);
    if (reason !== null) this.#takeBack(reason, { canary, live });
  }

  #takeBack(reason: ReturnReason, figures: object): void {
    if (this.#state.kind !== 'running') return;
    const { clock, metrics, logger } = this.#surroundings;
    const { reference: version } = this.#state.version;
    const { share, memory } = this.#options;
    const canary = { version, reason, at: clock.nowIso(), share, changes: this.#changes };
    this.end();
    this.#state = { kind: 'returned', canary };
    metrics.countReturn(reason);
    metrics.setReturned({ version, reason });
    logger.warn(
      { version, reason, ...figures },
      'the canary was withdrawn: the live version predicts for all',
    );
    memory.keep(canary);
  }
}
