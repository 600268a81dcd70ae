// A version is tried out on a share of the clients, and taken back when it fails or is slow. What was taken back stays so,
// over restarts too, until an operator wants it anew.

import type { ReturnReason } from '../metrics/index.ts';
import type { CanaryMemory } from './canary-memory.ts';
import { type CanaryLimits, findReason } from './canary-rules.ts';
import type { LiveSurroundings, VersionStock } from './loaded-versions.ts';
import type { WantedVersions } from './registry-follower.ts';
import type { RolloutState } from './rollout-state.ts';
import type { CanaryLane, LiveSlots } from './traffic-split.ts';
import type { LoadedVersion } from './version-loading.ts';

export interface CanaryOptions {
  /** 0 to 1. */
  readonly share: number;
  readonly limits: CanaryLimits;
  /** Where it is kept which ones were taken back. */
  readonly memory: CanaryMemory;
}

export interface CanaryTrial {
  /** Has the wanted version answer its share, or none. */
  arrange(wanted: Pick<WantedVersions, 'canary' | 'canaryChanges'>): Promise<void>;
  /** Looks how the running one does, after one of its requests. */
  predictDetailed(lane: CanaryLane): void;
  /** It answers everybody from now on, or nobody. */
  end(): void;
  running(): LoadedVersion | null;
  state(): RolloutState['canary'];
}

/** Sorting a window costs more than a request may. */
const JUDGE_EVERY_MS = 250;

export function createCanaryTrial(
  options: CanaryOptions,
  stock: VersionStock,
  { slots, live }: { readonly slots: () => LiveSlots; readonly live: () => LoadedVersion },
  { metrics, logger, clock }: LiveSurroundings,
): CanaryTrial {
  const { share, limits, memory } = options;
  let running: LoadedVersion | null = null;
  let state: RolloutState['canary'] = null;
  let changes = 0;
  let judgedMs = Number.NEGATIVE_INFINITY;

  const end = (): void => {
    if (running === null) return;
    const { pool } = running;
    running = null;
    state = null;
    slots().setCanary(null, 0);
    metrics.setCanaryShare(0);
    stock.release(pool);
  };

  const start = async (reference: string): Promise<void> => {
    const about = { version: reference, share, reason: null, code: null };
    state = { ...about, state: 'loading', at: clock.nowIso() };
    const next = await stock.load('canary', reference, 'one thread');
    if (next === null) return;
    if ('code' in next) {
      state = { ...about, state: 'failed', at: clock.nowIso(), code: next.code };
      return;
    }
    if (next.pool.modelVersion === live().pool.modelVersion) {
      // an int8 copy that is served already
      stock.markUseless('canary', reference);
      state = null;
      return stock.release(next.pool);
    }
    running = next;
    slots().setCanary(next.pool, share);
    metrics.setCanaryShare(share);
    state = { ...about, state: 'running', at: clock.nowIso() };
    logger.info({ version: reference, share }, 'a canary answers a share of the clients');
  };

  const takeBack = (reason: ReturnReason, figures: object): void => {
    if (running === null) return;
    const { reference: version } = running;
    const returned = { version, reason, at: clock.nowIso(), share, changes };
    end();
    state = { version, state: 'returned', share, at: returned.at, reason, code: null };
    metrics.countReturn(reason);
    metrics.setReturned({ version, reason });
    logger.warn({ version, reason, ...figures }, 'the canary was taken back: the live version answers all');
    memory.keep(returned);
  };

  return {
    arrange: async ({ canary: reference, canaryChanges }) => {
      changes = canaryChanges;
      if (running !== null) {
        if (running.reference === reference) return;
        end();
      }
      const returned = reference === null ? null : memory.find(reference, changes);
      metrics.setReturned(returned);
      if (reference === null) state = null;
      else if (returned !== null) {
        const { version, share, at, reason } = returned;
        if (state?.state !== 'returned' || state.at !== at)
          logger.warn({ version, reason, at }, 'the canary was taken back before and is not tried again');
        state = { version, state: 'returned', share, at, reason, code: null };
      } else if (!stock.isUseless('canary', reference)) await start(reference);
    },
    predictDetailed: (lane) => {
      const nowMs = clock.monotonicMs();
      if (lane !== slots().canary() || nowMs - judgedMs < JUDGE_EVERY_MS) return;
      judgedMs = nowMs;
      const [ours, others] = [lane.window.summarize(), slots().window.summarize()];
      const reason = findReason(ours, others, limits);
      if (reason !== null) takeBack(reason, { canary: ours, live: others });
    },
    end,
    running: () => running,
    state: () => state,
  };
}
