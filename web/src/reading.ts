// How to read a probability: how strong a word it deserves, and whether it may be read as a frequency.
import type { ModelFacts } from './api.ts';

export type Strength = 'almost certain' | 'very likely' | 'likely' | 'leaning';

/** The word for a calibrated probability of the winning class. */
export function describeStrength(probability: number): Strength {
  if (probability >= 0.98) return 'almost certain';
  if (probability >= 0.9) return 'very likely';
  if (probability >= 0.75) return 'likely';
  return 'leaning';
}

/**
 * Whether "of 100 such articles about N" may be said.
 * frequency: calibrated, and on its own test articles off by at most 5 points on average;
 * rough: calibrated or not, but measured to be further off; unchecked: nobody looked.
 */
export type Trust = { kind: 'frequency' } | { kind: 'rough'; offBy: number } | { kind: 'unchecked' };

// 0.05: half a step of the sentence's own grain ("about 90 of 100").
const MAX_CALIBRATION_ERROR = 0.05;

export function assessTrust(facts: Pick<ModelFacts, 'calibration' | 'inSource'>): Trust {
  if (facts.inSource === null || facts.inSource.n === 0) return { kind: 'unchecked' };
  const { ece } = facts.inSource.metrics;
  if (facts.calibration.temperature !== 1 && ece <= MAX_CALIBRATION_ERROR) return { kind: 'frequency' };
  return { kind: 'rough', offBy: ece };
}
