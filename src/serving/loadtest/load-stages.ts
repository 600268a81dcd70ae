// The load over time: a list of stages, each with a level that stays or changes evenly. A level is a number of
// users in the closed loop and requests a second in the open one.
import type { Random } from '../../foundation/core/index.ts';

export interface LoadStage {
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}

export function sumSeconds(stages: readonly LoadStage[]): number {
  return stages.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** 0 before the first stage and after the last one. */
export function levelAt(stages: readonly LoadStage[], seconds: number): number {
  let startSeconds = 0;
  for (const stage of stages) {
    const into = seconds - startSeconds;
    if (into >= 0 && into < stage.seconds)
      return stage.from + ((stage.to - stage.from) * into) / stage.seconds;
    startSeconds += stage.seconds;
  }
  return 0;
}

/** Mean level from `low` to `high` seconds, by sampling; good enough to draw. */
export function meanLevel(stages: readonly LoadStage[], low: number, high: number): number {
  const samples = 16;
  let sum = 0;
  for (let i = 0; i < samples; i++) sum += levelAt(stages, low + ((high - low) * (i + 0.5)) / samples);
  return sum / samples;
}

/** When user `index` (from 0) is wanted next, at or after `seconds`; null: never again. */
export function nextWanted(stages: readonly LoadStage[], index: number, seconds: number): number | null {
  let startSeconds = 0;
  for (const { from, to, seconds: length } of stages) {
    const endSeconds = startSeconds + length;
    const entry = Math.max(seconds, startSeconds);
    if (entry < endSeconds) {
      const level = from + ((to - from) * (entry - startSeconds)) / length;
      if (level > index) return entry;
      const crossing = startSeconds + ((index - from) / (to - from)) * length;
      if (to > index && crossing < endSeconds) return Math.max(entry, crossing + 1e-6);
    }
    startSeconds = endSeconds;
  }
  return null;
}

/**
 * The moments at which requests are due, in seconds from the start: as many up to any moment as the levels add up to.
 * @param random  given: gaps as between requests of independent clients (a Poisson process); absent: even gaps
 */
export function* listArrivals(stages: readonly LoadStage[], random?: Random): Generator<number, void> {
  const gap = (): number => (random === undefined ? 1 : -Math.log(1 - random.next()));
  let wanted = random === undefined ? 0 : gap();
  let [startSeconds, before] = [0, 0];
  for (const { from, to, seconds } of stages) {
    const within = ((from + to) / 2) * seconds;
    while (wanted < before + within) {
      yield startSeconds + solveTime(from, (to - from) / seconds, wanted - before);
      wanted += gap();
    }
    before += within;
    startSeconds += seconds;
  }
}

/** t with from t + slope t² / 2 = amount, in the form that does not divide by a slope of 0. */
function solveTime(from: number, slope: number, amount: number): number {
  if (amount <= 0) return 0;
  return (2 * amount) / (from + Math.sqrt(Math.max(0, from * from + 2 * slope * amount)));
}
