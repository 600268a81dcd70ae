// Decides how to present a probability: which word describes it, and whether it may be read as a frequency.
import type { ModelFacts } from './api.ts';

export type Strength = 'almost certain' | 'very likely' | 'likely' | 'leaning';

/** The word for a calibrated probability of the predicted class. */
export function chooseStrength(probability: number): Strength {
  if (probability >= 0.98) return 'almost certain';
  if (probability >= 0.9) return 'very likely';
  if (probability >= 0.75) return 'likely';
  return 'leaning';
}

/**
 * Whether the page may say "of 100 such articles about N".
 * frequency: the model is calibrated, with an error of `offBy` on its own test articles;
 * rough: the model is not calibrated, or its error is larger; unchecked: its error was not measured.
 */
export type Trust =
  | {
      readonly kind: 'frequency' | 'rough' /** Expected calibration error, a fraction. */;
      readonly offBy: number;
    }
  | { readonly kind: 'unchecked' };

// Above this error, 80% might mean 65%. The limit is not lower because small test splits are noisy: with 100 articles,
// noise alone gives about 0.1.
const MAX_CALIBRATION_ERROR = 0.15;

export function assessTrust(facts: Pick<ModelFacts, 'calibration' | 'inSource'>): Trust {
  if (facts.inSource === null || facts.inSource.n === 0) return { kind: 'unchecked' };
  const { ece } = facts.inSource.metrics;
  const calibrated = facts.calibration.temperature !== 1 && ece <= MAX_CALIBRATION_ERROR;
  return { kind: calibrated ? 'frequency' : 'rough', offBy: ece };
}
