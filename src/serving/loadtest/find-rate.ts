// Searches the highest rate at which a server still meets limits: the rate is doubled until it fails, then bisected, then
// tried several times, because one lucky probe proves little. How sure the result is follows from all requests at it.
import { type Probe, type RateSearch, summariseSearch, type TriedRate } from './found-rate.ts';
import { type FindRateOptions, measureUnloadedMs, runProbe, settle } from './rate-probe.ts';

const CONFIRMATIONS = 3;
/** The search ends when the rates that are met and missed are this close. */
const PRECISION = 1.06;
const MOST_PROBES = 40;
const LOWEST_RATE = 0.05;

/** Searches; an aborted signal ends the search with what is known so far. */
export async function findRate(options: FindRateOptions): Promise<RateSearch> {
  return new RateFinder(options, await measureUnloadedMs(options)).search();
}

/** The rates between which the limit lies; null where none was met or missed yet. */
interface Bracket {
  readonly met: number | null;
  readonly missed: number | null;
}

class RateFinder {
  readonly #options: FindRateOptions;
  readonly #unloadedMs: number;
  readonly #tried: TriedRate[] = [];

  constructor(options: FindRateOptions, unloadedMs: number) {
    this.#options = options;
    this.#unloadedMs = unloadedMs;
  }

  async search(): Promise<RateSearch> {
    // Users who send as fast as they can are the highest load: if that meets the limits, there is nothing to search.
    if (this.#options.users !== null && (await this.#isMet(null, 'bracket')))
      return this.#confirm({ asked: null }, null);
    const bracket = await this.#bisect(await this.#bracket());
    return this.#confirm(bracket.met === null ? null : { asked: bracket.met }, bracket.missed);
  }

  /** Doubles or halves the rate until one is met and one is missed. */
  async #bracket(): Promise<Bracket> {
    // Users who send as fast as they can got the most responses possible, and that missed the limits.
    const fastest = this.#tried.at(-1)?.probe.answeredPerSecond ?? 0;
    let [met, missed]: [number | null, number | null] = [null, fastest > 0 ? fastest : null];
    let rate = this.#chooseFirstRate(fastest);
    while (this.#mayGoOn() && (met === null || missed === null) && rate >= LOWEST_RATE) {
      if (await this.#isMet(rate, 'bracket')) {
        met = rate;
        rate *= 2;
      } else {
        missed = rate;
        rate /= 2;
      }
    }
    return { met, missed };
  }

  async #bisect({ met, missed }: Bracket): Promise<Bracket> {
    let [low, high] = [met, missed];
    while (this.#mayGoOn() && low !== null && high !== null && high / low > PRECISION) {
      const middle = Math.sqrt(low * high);
      if (await this.#isMet(middle, 'bisect')) low = middle;
      else high = middle;
    }
    return { met: low, missed: high };
  }

  /** Tries the rate until it was met often enough; a rate that fails more than once gives way to a lower one. */
  async #confirm(
    from: { readonly asked: number | null } | null,
    firstMissed: number | null,
  ): Promise<RateSearch> {
    let [held, missedAt] = [from, firstMissed];
    while (held !== null && this.#mayGoOn()) {
      const before = this.#tried.length;
      while (this.#mayGoOn() && this.#tried.length - before < CONFIRMATIONS)
        await this.#attempt(held.asked, 'confirm');
      const missedNow = this.#tried.slice(before).filter(({ probe }) => !probe.met).length;
      if (missedNow <= 1 || held.asked === null || held.asked / PRECISION < LOWEST_RATE) break;
      missedAt = held.asked;
      held = { asked: held.asked / PRECISION };
    }
    const complete = this.#mayGoOn();
    return summariseSearch({ limits: this.#options.limits, tried: this.#tried, held, missedAt, complete });
  }

  /** A little below the rate that users who send as fast as they can got, where that is known. */
  #chooseFirstRate(fastest: number): number {
    const { firstRate } = this.#options;
    if (firstRate !== null) return firstRate;
    return fastest > 0 ? fastest * 0.7 : Math.max(LOWEST_RATE * 2, 500 / this.#unloadedMs);
  }

  /** A miss counts once it was seen twice: load of other programs on the machine is no limit of the server. */
  async #isMet(asked: number | null, purpose: Probe['purpose']): Promise<boolean> {
    if (await this.#attempt(asked, purpose)) return true;
    return !this.#options.signal.aborted && (await this.#attempt(asked, purpose));
  }

  async #attempt(asked: number | null, purpose: Probe['purpose']): Promise<boolean> {
    const { signal, onProbe } = this.#options;
    await settle(this.#options, this.#unloadedMs);
    if (signal.aborted) return false;
    const one = await runProbe(asked, purpose, this.#options);
    if (signal.aborted) return false;
    this.#tried.push(one);
    onProbe?.(one.probe);
    return one.probe.met;
  }

  #mayGoOn(): boolean {
    return !this.#options.signal.aborted && this.#tried.length < MOST_PROBES;
  }
}
