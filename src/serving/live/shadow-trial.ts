// Which version is the shadow: it is loaded, told of every answer, and let go when another is wanted.
import type { LiveView } from './live-view.ts';
import type { LiveSurroundings, VersionStock } from './loaded-versions.ts';
import type { RolloutState } from './rollout-state.ts';
import { Shadow } from './shadow.ts';
import type { LivePool, LoadedVersion } from './version-loading.ts';

export interface ShadowTrial {
  /** Has the wanted version answer too, or none. */
  arrange(reference: string | null): Promise<void>;
  readonly offer: LiveView['onAnswers'];
  end(): void;
  state(): RolloutState['shadow'];
}

export function createShadowTrial(
  stock: VersionStock,
  live: () => LivePool,
  { metrics, logger, clock }: LiveSurroundings,
): ShadowTrial {
  let running: (LoadedVersion & { readonly opinion: Shadow }) | null = null;
  let state: RolloutState['shadow'] = null;

  const end = (): void => {
    if (running === null) return;
    const { pool } = running;
    running = null;
    stock.release(pool);
  };

  return {
    arrange: async (reference) => {
      if (running?.reference === reference) return;
      end();
      if (reference === null) state = null;
      if (reference === null || stock.isUseless('shadow', reference)) return;
      const about = { version: reference, compared: 0, disagreed: 0, code: null };
      state = { ...about, state: 'loading', at: clock.nowIso() };
      const next = await stock.load('shadow', reference, 'one thread');
      if (next === null) return;
      if ('code' in next) {
        state = { ...about, state: 'failed', at: clock.nowIso(), code: next.code };
        return;
      }
      running = { ...next, opinion: new Shadow({ pool: next.pool, live, logger, metrics }) };
      state = { ...about, state: 'running', at: clock.nowIso() };
      logger.info({ version: reference }, 'a shadow version answers too');
    },
    offer: (articles, answers) => running?.opinion.offer(articles, answers),
    end,
    state: () => (state === null ? null : { ...state, ...running?.opinion.counts() }),
  };
}
