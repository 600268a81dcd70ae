// The versions in memory: one comes in loaded and checked, or is remembered as one that failed until a stage changes; one
// goes when it has ended what it had begun.
import type { Clock, Logger } from '../../foundation/core/index.ts';
import type { LiveMetrics } from '../metrics/index.ts';
import { buildFailureFacts } from './failure-facts.ts';
import type { LivePool, LoadedVersion, PoolPower } from './version-loading.ts';

/** Why a version is in memory. */
export type VersionRole = 'live' | 'canary' | 'shadow';

/** Where the parts of a running server meet the outside. */
export interface LiveSurroundings {
  readonly metrics: LiveMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
}

export interface VersionStock {
  /** @returns a code when it failed, after it was logged; null when it came too late: the server is closing */
  load(
    role: VersionRole,
    reference: string,
    power: PoolPower,
  ): Promise<LoadedVersion | { readonly code: string } | null>;
  /** Is there no use in trying it for this role, until a stage changes? */
  isUseless(role: VersionRole, reference: string): boolean;
  markUseless(role: VersionRole, reference: string): void;
  /** How many changes of stage there have been. */
  noteChanges(changes: number): void;
  /** Frees it once it has ended what it had begun; waits for nothing. */
  release(pool: LivePool): void;
  isClosing(): boolean;
  /** What is loaded from now on is freed at once. */
  beginClosing(): void;
  /** Settles when all that was released is gone. */
  drained(): Promise<void>;
}

export function createVersionStock(
  load: (reference: string, power: PoolPower) => Promise<LoadedVersion>,
  { metrics, logger, clock }: LiveSurroundings,
): VersionStock {
  const draining = new Set<Promise<void>>();
  const useless = { live: '', canary: '', shadow: '' };
  let changes = 0;
  let closing = false;
  let inMemory = 1; // the version that the server starts with
  const nameTry = (reference: string): string => `${reference} ${changes}`;
  const count = (by: number): void => {
    inMemory += by;
    metrics.setLoaded(inMemory);
  };

  const release = (pool: LivePool): void => {
    const startMs = clock.monotonicMs();
    const ended = pool.dispose().then(
      () => {
        const drainMs = Math.round(clock.monotonicMs() - startMs);
        logger.info({ modelVersion: pool.modelVersion, drainMs }, 'a version has ended its work and is gone');
      },
      (error: unknown) =>
        logger.error(
          { modelVersion: pool.modelVersion, ...buildFailureFacts(error) },
          'a version could not be freed',
        ),
    );
    draining.add(ended);
    ended.finally(() => {
      draining.delete(ended);
      count(-1);
    });
  };

  count(0);
  return {
    load: async (role, reference, power) => {
      logger.info({ version: reference, role }, 'loading a version');
      try {
        const loaded = await load(reference, power);
        count(1);
        if (!closing) return loaded;
        release(loaded.pool);
        return null;
      } catch (error) {
        useless[role] = nameTry(reference);
        const failure = buildFailureFacts(error);
        logger.error({ version: reference, role, ...failure }, 'a version failed its checks and is not used');
        return { code: failure.code };
      }
    },
    isUseless: (role, reference) => useless[role] === nameTry(reference),
    markUseless: (role, reference) => {
      useless[role] = nameTry(reference);
    },
    noteChanges: (found) => {
      changes = found;
    },
    release,
    isClosing: () => closing,
    beginClosing: () => {
      closing = true;
    },
    drained: async () => {
      await Promise.all(draining);
    },
  };
}
