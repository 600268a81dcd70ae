// Learning rate as a pure function of the step: constant, linear or cosine decay after a linear warm-up.
// It keeps nothing between steps, so a resumed run needs no state of it.

export interface Schedule {
  readonly kind: 'constant' | 'linear' | 'cosine';
  /** Share of all steps over which the rate rises from 0; it is at `base` in the last of them. */
  readonly warmup: number;
  /** Rate after the last step, as a share of `base` (linear and cosine). */
  readonly final: number;
}

/**
 * Rate of one optimizer step.
 * @param step  counts from 0
 * @param totalSteps  of the whole run, warm-up included
 */
export function learningRateAt(schedule: Schedule, base: number, step: number, totalSteps: number): number {
  const warmupSteps = Math.min(totalSteps, Math.round(schedule.warmup * totalSteps));
  if (step < warmupSteps) return (base * (step + 1)) / warmupSteps;
  if (schedule.kind === 'constant') return base;
  const done = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  const left = schedule.kind === 'linear' ? 1 - done : (1 + Math.cos(Math.PI * done)) / 2;
  return base * (schedule.final + (1 - schedule.final) * left);
}
