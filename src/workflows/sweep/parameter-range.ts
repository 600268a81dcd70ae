// The ranges of a sweep file: what each distribution of Weights & Biases is as a parameter of the search.
// Source: the documentation of its sweep configuration, "Distribution options for random and Bayesian search".
import { appError } from '../../foundation/core/index.ts';
import type { Parameter, SearchValue } from '../../learning/search/index.ts';
import type { ParameterConfig } from './sweep-schema.ts';

export interface ReadParameter {
  readonly parameter: Parameter;
  /** What is not searched exactly as the file says; empty: nothing. */
  readonly notes: readonly string[];
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** How many standard deviations of a normal distribution are searched to each side. */
const SIGMAS = 3;

/** Reads one parameter that has a value, values or a range. @throws SWEEP_INVALID */
export function readParameter(name: string, config: ParameterConfig): ReadParameter {
  const { distribution = guessDistribution(name, config), when, q = 1 } = config;
  const notes: string[] = [];
  const range = (): Range => requireRange(name, config, distribution);
  const build = (): Parameter => {
    switch (distribution) {
      case 'constant':
        return { kind: 'categorical', choices: requireValues(name, config, distribution).slice(0, 1) };
      case 'categorical_w_probabilities':
      case 'categorical':
        if (config.probabilities !== undefined)
          notes.push(`${name}: its values are searched with equal probabilities`);
        return { kind: 'categorical', choices: requireValues(name, config, distribution) };
      case 'int_uniform': {
        const { low, high } = range();
        if (Number.isInteger(low) && Number.isInteger(high)) return { kind: 'int', low, high };
        throw invalid(name, 'whole numbers as min and max (distribution int_uniform)', `${low} and ${high}`);
      }
      case 'uniform':
        return { kind: 'float', ...range() };
      case 'q_uniform':
        return stepRange(range(), q);
      case 'log_uniform_values':
      case 'inv_log_uniform_values':
        return logRange(name, range());
      case 'log_uniform': // min and max are natural logarithms
        return logRange(name, exponentials(range()));
      case 'inv_log_uniform':
        return logRange(name, exponentials({ low: -range().high, high: -range().low }));
      case 'q_log_uniform_values':
        return logStepRange(name, range(), q);
      case 'q_log_uniform':
        return logStepRange(name, exponentials(range()), q);
      case 'normal':
      case 'q_normal':
      case 'log_normal':
      case 'q_log_normal': {
        notes.push(`${name}: ${distribution} is searched evenly within ${SIGMAS} standard deviations`);
        const { mu = 0, sigma = 1 } = config;
        const wide = { low: mu - SIGMAS * sigma, high: mu + SIGMAS * sigma };
        if (distribution === 'normal') return { kind: 'float', ...wide };
        if (distribution === 'q_normal') return stepRange(wide, q);
        const values = exponentials(wide);
        return distribution === 'log_normal' ? logRange(name, values) : logStepRange(name, values, q);
      }
    }
  };
  const parameter = build();
  return { parameter: when === undefined ? parameter : { ...parameter, when }, notes };
}

/** Without `distribution`, the form of the entry says which one is meant. */
function guessDistribution(
  name: string,
  { value, values, min, max, probabilities, mu }: ParameterConfig,
): NonNullable<ParameterConfig['distribution']> {
  if (value !== undefined) return 'constant';
  if (values !== undefined)
    return probabilities === undefined ? 'categorical' : 'categorical_w_probabilities';
  if (min !== undefined && max !== undefined)
    return Number.isInteger(min) && Number.isInteger(max) ? 'int_uniform' : 'uniform';
  if (mu !== undefined) return 'normal';
  throw invalid(name, 'value, values, or min and max', 'none of them');
}

function requireValues(
  name: string,
  { value, values }: ParameterConfig,
  distribution: string,
): readonly SearchValue[] {
  if (values !== undefined) return [...new Set(values)];
  if (value !== undefined) return [value];
  throw invalid(name, `values (distribution ${distribution})`, 'none');
}

function requireRange(name: string, { min, max }: ParameterConfig, distribution: string): Range {
  if (min === undefined || max === undefined)
    throw invalid(
      name,
      `min and max (distribution ${distribution})`,
      min === max ? 'neither' : 'one of them',
    );
  if (min > max) throw invalid(name, 'a min that is at most max', `min ${min} and max ${max}`);
  return { low: min, high: max };
}

function exponentials({ low, high }: Range): Range {
  return { low: Math.exp(low), high: Math.exp(high) };
}

function logRange(name: string, { low, high }: Range): Parameter {
  if (low > 0) return { kind: 'float', low, high, log: true };
  throw invalid(name, 'a min above 0, because its distribution is logarithmic', String(low));
}

/** The multiples of q, as a q_ distribution gives them. */
function stepRange({ low, high }: Range, q: number): Parameter {
  const first = roundTo(low, q);
  const last = Math.max(first, roundTo(high, q));
  return {
    kind: Number.isInteger(q) && Number.isInteger(first) ? 'int' : 'float',
    low: first,
    high: last,
    step: q,
  };
}

function logStepRange(name: string, range: Range, q: number): Parameter {
  logRange(name, range);
  return {
    ...(stepRange({ low: Math.max(q, range.low), high: range.high }, q) as Range & { kind: 'int' }),
    log: true,
  };
}

function roundTo(value: number, q: number): number {
  return Number((Math.round(value / q) * q).toPrecision(12));
}

function invalid(name: string, expected: string, got: string): Error {
  return appError('SWEEP_INVALID', {
    problem: `parameter ${name}: expected ${expected}, got ${got}`,
    hint: 'See docs/how-to/sweep.md for what a parameter may say.',
  });
}
