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
 * frequency: calibrated, and its numbers held on its own test articles, give or take `offBy`;
 * rough: not calibrated, or measured to be further off; unchecked: nobody looked.
 */
export type Trust =
  | {
      readonly kind: 'frequency' | 'rough' /** Mean distance from what came true, a fraction. */;
      readonly offBy: number;
    }
  | { readonly kind: 'unchecked' };

// Beyond this an 80% might as well be a 65%. Small test splits look worse than they are: with 100 articles about 0.1 is noise.
const MAX_CALIBRATION_ERROR = 0.15;

export function assessTrust(facts: Pick<ModelFacts, 'calibration' | 'inSource'>): Trust {
  if (facts.inSource === null || facts.inSource.n === 0) return { kind: 'unchecked' };
  const { ece } = facts.inSource.metrics;
  const calibrated = facts.calibration.temperature !== 1 && ece <= MAX_CALIBRATION_ERROR;
  return { kind: calibrated ? 'frequency' : 'rough', offBy: ece };
}
