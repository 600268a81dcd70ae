// The shadow version of a running server: loaded when it is wanted, shown every prediction, freed when another is wanted.
import type { LiveView } from './live-view.ts';
import type { LiveSurroundings, LoadedVersions } from './loaded-versions.ts';
import type { RolloutState } from './rollout-state.ts';
import { Shadow } from './shadow.ts';
import type { TrafficSplit } from './traffic-split.ts';
import type { LoadedVersion } from './version-loading.ts';

type ShadowState =
  | { readonly kind: 'none' }
  | { readonly kind: 'loading'; readonly reference: string; readonly at: string }
  | { readonly kind: 'failed'; readonly reference: string; readonly at: string; readonly code: string }
  | {
      readonly kind: 'running';
      readonly version: LoadedVersion;
      readonly at: string;
      readonly shadow: Shadow;
    };

export class ShadowTrial {
  readonly #versions: LoadedVersions;
  readonly #split: TrafficSplit;
  readonly #surroundings: LiveSurroundings;
  #state: ShadowState = { kind: 'none' };

  constructor(versions: LoadedVersions, split: TrafficSplit, surroundings: LiveSurroundings) {
    this.#versions = versions;
    this.#split = split;
    this.#surroundings = surroundings;
  }

  readonly offer: LiveView['onAnswers'] = (articles, answers) => {
    if (this.#state.kind === 'running') this.#state.shadow.offer(articles, answers);
  };

  /** Starts the wanted shadow, or ends the one that is no longer wanted. */
  async arrange(reference: string | null): Promise<void> {
    if (this.#state.kind === 'running' && this.#state.version.reference === reference) return;
    this.end();
    if (reference === null) this.#state = { kind: 'none' };
    else if (!this.#versions.isUseless('shadow', reference)) await this.#start(reference);
  }

  end(): void {
    if (this.#state.kind !== 'running') return;
    this.#versions.release(this.#state.version.pool);
    this.#state = { kind: 'none' };
  }

  state(): RolloutState['shadow'] {
    const state = this.#state;
    const about = { compared: 0, disagreed: 0, code: null };
    switch (state.kind) {
      case 'none':
        return null;
      case 'loading':
        return { ...about, version: state.reference, state: 'loading', at: state.at };
      case 'failed':
        return { ...about, version: state.reference, state: 'failed', at: state.at, code: state.code };
      case 'running': {
        const { version, at, shadow } = state;
        return { ...about, ...shadow.counts(), version: version.reference, state: 'running', at };
      }
    }
  }

  async #start(reference: string): Promise<void> {
    const { clock, logger, metrics } = this.#surroundings;
    this.#state = { kind: 'loading', reference, at: clock.nowIso() };
    const result = await this.#versions.load('shadow', reference, 'one thread');
    if (result.kind === 'closed') return;
    if (result.kind === 'failed') {
      this.#state = { kind: 'failed', reference, at: clock.nowIso(), code: result.code };
      return;
    }
    const { version } = result;
    const shadow = new Shadow({ pool: version.pool, live: () => this.#split.live.pool, logger, metrics });
    this.#state = { kind: 'running', version, at: clock.nowIso(), shadow };
    logger.info({ version: reference }, 'a shadow version predicts too');
  }
}
