// The model versions in memory. A version is loaded and checked; one that fails is not tried again until a stage changes;
// one that is released finishes its work and is freed.
import type { Clock, Logger } from '../../foundation/core/index.ts';
import type { LiveMetrics } from '../metrics/index.ts';
import { buildFailureFacts } from './failure-facts.ts';
import type { LivePool, LoadedVersion, PoolPower } from './version-loading.ts';

/** Why a version is in memory. */
export type VersionRole = 'live' | 'canary' | 'shadow';

/** What the parts of a running server report to. */
export interface LiveSurroundings {
  readonly metrics: LiveMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
}

export type LoadResult =
  | { readonly kind: 'loaded'; readonly version: LoadedVersion }
  /** Logged already. */
  | { readonly kind: 'failed'; readonly code: string }
  /** The server was closed meanwhile, and the version is being freed. */
  | { readonly kind: 'closed' };

export type LoadVersion = (reference: string, power: PoolPower) => Promise<LoadedVersion>;

export class LoadedVersions {
  readonly #load: LoadVersion;
  readonly #surroundings: LiveSurroundings;
  readonly #draining = new Set<Promise<void>>();
  /** The last attempt of each role that came to nothing, as reference and number of changes. */
  readonly #useless = new Map<VersionRole, string>();
  #changes = 0;
  #isClosing = false;
  /** The version that the server starts with counts too. */
  #count = 1;

  constructor(load: LoadVersion, surroundings: LiveSurroundings) {
    this.#load = load;
    this.#surroundings = surroundings;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Loads and checks a version. */
  async load(role: VersionRole, reference: string, power: PoolPower): Promise<LoadResult> {
    const { logger } = this.#surroundings;
    logger.info({ version: reference, role }, 'loading a version');
    try {
      const version = await this.#load(reference, power);
      this.#changeCount(1);
      if (!this.#isClosing) return { kind: 'loaded', version };
      this.release(version.pool);
      return { kind: 'closed' };
    } catch (error) {
      this.markUseless(role, reference);
      const failure = buildFailureFacts(error);
      logger.error({ version: reference, role, ...failure }, 'a version failed its checks and is not used');
      return { kind: 'failed', code: failure.code };
    }
  }

  /** Is it no use to load it for this role until a stage changes? */
  isUseless(role: VersionRole, reference: string): boolean {
    return this.#useless.get(role) === this.#nameAttempt(reference);
  }

  markUseless(role: VersionRole, reference: string): void {
    this.#useless.set(role, this.#nameAttempt(reference));
  }

  /** Records how many changes of stage there have been. */
  noteChanges(changes: number): void {
    this.#changes = changes;
  }

  /** Frees a version after it has finished its work; returns at once. */
  release(pool: LivePool): void {
    const { logger, clock } = this.#surroundings;
    const { modelVersion } = pool;
    const startMs = clock.monotonicMs();
    const freed = pool.dispose().then(
      () => {
        const drainMs = Math.round(clock.monotonicMs() - startMs);
        logger.info({ modelVersion, drainMs }, 'a version has finished its work and was freed');
      },
      (error: unknown) =>
        logger.error({ modelVersion, ...buildFailureFacts(error) }, 'a version could not be freed'),
    );
    this.#draining.add(freed);
    freed.finally(() => {
      this.#draining.delete(freed);
      this.#changeCount(-1);
    });
  }

  /** A version that is loaded from now on is freed at once. */
  beginClosing(): void {
    this.#isClosing = true;
  }

  /** Settles when every released version is freed. */
  async drained(): Promise<void> {
    await Promise.all(this.#draining);
  }

  #nameAttempt(reference: string): string {
    return `${reference} ${this.#changes}`;
  }

  #changeCount(by: number): void {
    this.#count += by;
    this.#surroundings.metrics.setLoaded(this.#count);
  }
}
