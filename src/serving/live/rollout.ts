// Brings the versions that the registry wants into a running server. A version is loaded beside the live one, then takes
// over in one step, and the old one finishes its work. A version that fails its checks changes nothing but the log, the
// counters and GET /model/. Versions are loaded one at a time, so that at most one too many is in memory.

import { type CanaryOptions, CanaryTrial } from './canary-trial.ts';
import { buildFailureFacts } from './failure-facts.ts';
import type { LiveView } from './live-view.ts';
import { type LiveSurroundings, LoadedVersions, type LoadVersion } from './loaded-versions.ts';
import type { DecideVersions, WantedVersions } from './registry-follower.ts';
import type { RolloutState } from './rollout-state.ts';
import { ShadowTrial } from './shadow-trial.ts';
import type { TrafficSplit } from './traffic-split.ts';
import type { LivePool } from './version-loading.ts';

export interface RolloutOptions {
  readonly load: LoadVersion;
  readonly decide: DecideVersions;
  /** Seconds between two looks at the registry; 0: it looks once, for canary and shadow. */
  readonly everySeconds: number;
  readonly canary: CanaryOptions | null;
  /** Called when another version predicts from now on. */
  readonly onSwitch: (pool: LivePool) => void;
}

export class RegistryRollout {
  readonly #options: RolloutOptions;
  readonly #split: TrafficSplit;
  readonly #surroundings: LiveSurroundings;
  readonly #versions: LoadedVersions;
  readonly #canary: CanaryTrial | null;
  readonly #shadow: ShadowTrial;
  #change: RolloutState['change'] = null;
  /** The problem that was logged last, so that it is logged once. */
  #loggedProblem = '';
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | null = null;

  constructor(options: RolloutOptions, split: TrafficSplit, surroundings: LiveSurroundings) {
    this.#options = options;
    this.#split = split;
    this.#surroundings = surroundings;
    this.#versions = new LoadedVersions(options.load, surroundings);
    this.#canary =
      options.canary === null ? null : new CanaryTrial(options.canary, this.#versions, split, surroundings);
    this.#shadow = new ShadowTrial(this.#versions, split, surroundings);
  }

  state(): RolloutState {
    return { change: this.#change, canary: this.#canary?.state() ?? null, shadow: this.#shadow.state() };
  }

  readonly offer: LiveView['onAnswers'] = (articles, answers) => this.#shadow.offer(articles, answers);

  /** Looks at the registry now and then, until stop(). */
  start(): void {
    this.look()
      .catch((error: unknown) =>
        this.#surroundings.logger.error(buildFailureFacts(error), 'looking for versions failed'),
      )
      .finally(() => {
        if (this.#versions.isClosing || this.#options.everySeconds === 0) return;
        this.#timer = setTimeout(() => this.start(), this.#options.everySeconds * 1000);
        this.#timer.unref();
      });
  }

  /** Looks at the registry now. Settles when the wanted versions are there, or have failed. */
  look(): Promise<void> {
    this.#looking ??= this.#arrange().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Stops looking and ends canary and shadow; the live version stays as it is from then on. */
  async stop(): Promise<void> {
    this.#versions.beginClosing();
    clearTimeout(this.#timer);
    await this.#looking;
    this.#canary?.end();
    this.#shadow.end();
  }

  /** Settles when every version that is no longer used is freed. */
  drained(): Promise<void> {
    return this.#versions.drained();
  }

  async #arrange(): Promise<void> {
    let wanted = await this.#decide();
    // while one version is loaded another may have been promoted
    while (wanted !== null && wanted.live !== null && this.#shouldSwitchTo(wanted.live)) {
      await this.#switchLive(wanted.live);
      wanted = await this.#decide();
    }
    if (wanted === null || this.#versions.isClosing) return;
    await this.#canary?.arrange(wanted);
    if (!this.#versions.isClosing) await this.#shadow.arrange(wanted.shadow);
  }

  #shouldSwitchTo(reference: string): boolean {
    return (
      reference !== this.#split.live.reference &&
      !this.#versions.isUseless('live', reference) &&
      !this.#versions.isClosing
    );
  }

  /** @returns null when the registry cannot be read, which is logged once */
  async #decide(): Promise<WantedVersions | null> {
    try {
      const wanted = await this.#options.decide(this.#split.live.reference);
      this.#loggedProblem = '';
      this.#versions.noteChanges(wanted.changes);
      return wanted;
    } catch (error) {
      const failure = buildFailureFacts(error);
      if (failure.problem !== this.#loggedProblem)
        this.#surroundings.logger.error(failure, 'the registry could not be read');
      this.#loggedProblem = failure.problem;
      return null;
    }
  }

  async #switchLive(reference: string): Promise<void> {
    const { clock, metrics, logger } = this.#surroundings;
    const startMs = clock.monotonicMs();
    const seconds = (): number => (clock.monotonicMs() - startMs) / 1000;
    const at = clock.nowIso();
    this.#change = { version: reference, outcome: 'loading', at, code: null };
    const result = await this.#versions.load('live', reference, 'full');
    if (result.kind === 'closed') return;
    if (result.kind === 'failed') {
      this.#change = { version: reference, outcome: 'failed', at: clock.nowIso(), code: result.code };
      metrics.countChange('failed', seconds());
      return;
    }
    const { pool } = result.version;
    const before = this.#split.switchTo(result.version).pool;
    this.#options.onSwitch(pool);
    this.#canary?.endIf(reference);
    this.#versions.release(before);
    this.#change = { version: reference, outcome: 'switched', at: clock.nowIso(), code: null };
    metrics.countChange('switched', seconds());
    logger.info(
      {
        modelVersion: pool.modelVersion,
        before: before.modelVersion,
        seconds: Math.round(seconds() * 1000) / 1000,
      },
      'another version predicts now',
    );
  }
}
