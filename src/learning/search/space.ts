// The space that a sweep searches: parameters with their ranges or choices, and conditions under which they exist.
import { appError, type Issue } from '../../foundation/core/index.ts';

export type SearchValue = string | number | boolean | null;

/** A range of numbers. Values of a range with a step are low, low + step, … up to high. */
interface Range {
  readonly low: number;
  readonly high: number;
  /** Equal ratios are equally likely, not equal differences. */
  readonly log?: boolean;
  /** Default: 1 for int, none for float. */
  readonly step?: number;
}

/** The parameter exists only where another one has one of these values. */
export interface Condition {
  readonly parameter: string;
  readonly values: readonly SearchValue[];
}

export type Parameter = (
  | ({ readonly kind: 'float' | 'int' } & Range)
  | { readonly kind: 'categorical'; readonly choices: readonly SearchValue[] }
) & { readonly when?: Condition };

export type NumericParameter = Extract<Parameter, { kind: 'float' | 'int' }>;

/** Parameters by name. */
export type SearchSpace = Readonly<Record<string, Parameter>>;

/** Values of the active parameters: those without a condition and those whose condition holds. */
export type Assignment = Readonly<Record<string, SearchValue>>;

/** Asserts that a space can be searched; all problems are reported together. @throws SEARCH_SPACE_INVALID */
export function assertSearchSpace(space: SearchSpace): void {
  const issues: Issue[] = [];
  const names = Object.keys(space);
  if (names.length === 0) issues.push(issue('parameters', 'expected at least one parameter, got none'));
  for (const name of names) {
    const parameter = space[name] as Parameter;
    const problems =
      parameter.kind === 'categorical' ? checkChoices(parameter.choices) : checkRange(parameter);
    for (const problem of problems) issues.push(issue(name, problem));
    const wrong = parameter.when === undefined ? undefined : checkCondition(space, name, parameter.when);
    if (wrong !== undefined) issues.push(issue(name, wrong));
  }
  const first = issues[0];
  if (first === undefined) return;
  const more = issues.length === 1 ? '' : ` (and ${issues.length - 1} more)`;
  throw appError('SEARCH_SPACE_INVALID', { problem: `${first.path}: ${first.message}${more}` }, { issues });
}

function issue(path: string, message: string): Issue {
  return { path, code: 'SEARCH_SPACE_INVALID', message };
}

function checkRange({ kind, low, high, log, step }: NumericParameter): string[] {
  const problems: string[] = [];
  for (const [key, value] of Object.entries({ low, high, step })) {
    if (value === undefined && key === 'step') continue;
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      problems.push(`expected ${key} to be a finite number, got ${String(value)}`);
    } else if (kind === 'int' && !Number.isSafeInteger(value)) {
      problems.push(`expected ${key} of an int to be a whole number, got ${value}`);
    }
  }
  if (problems.length > 0) return problems;
  if (low > high) problems.push(`expected low <= high, got low ${low} and high ${high}`);
  if (log === true && low <= 0) problems.push(`expected low > 0 on a logarithmic scale, got ${low}`);
  if (step !== undefined && step <= 0) problems.push(`expected step > 0, got ${step}`);
  return problems;
}

function checkChoices(choices: readonly SearchValue[]): string[] {
  if (choices.length === 0) return ['expected at least one choice, got none'];
  const seen = new Set<SearchValue>();
  for (const choice of choices) {
    if (typeof choice === 'number' && !Number.isFinite(choice)) {
      return [`expected choices to be finite numbers, texts, true, false or null, got ${choice}`];
    }
    if (seen.has(choice)) return [`expected different choices, got ${JSON.stringify(choice)} twice`];
    seen.add(choice);
  }
  return [];
}

function checkCondition(space: SearchSpace, name: string, condition: Condition): string | undefined {
  if (!Object.hasOwn(space, condition.parameter)) {
    return `expected the condition to name a parameter of the space, got ${JSON.stringify(condition.parameter)}`;
  }
  if (condition.values.length === 0) return 'expected at least one value in the condition, got none';
  const visited = new Set([name]);
  for (let at: string | undefined = condition.parameter; at !== undefined; at = space[at]?.when?.parameter) {
    if (visited.has(at)) {
      return `expected conditions without a cycle, got one over ${[...visited].join(', ')}`;
    }
    visited.add(at);
  }
  const other = space[condition.parameter] as Parameter;
  const unreachable = condition.values.find((value) => !canHaveValue(other, value));
  if (unreachable !== undefined) {
    return `expected the condition to use values that ${condition.parameter} can have, got ${JSON.stringify(unreachable)}`;
  }
  if (countValues(other) === Number.POSITIVE_INFINITY) {
    return `expected the condition to be on choices or steps, but ${condition.parameter} is a continuous range, which hardly ever has one certain value`;
  }
  return undefined;
}

/** Whether a value is one of the choices, or in the range and on its steps. */
export function canHaveValue(parameter: Parameter, value: SearchValue): boolean {
  if (parameter.kind === 'categorical') return parameter.choices.includes(value);
  if (typeof value !== 'number' || !(value >= parameter.low && value <= parameter.high)) return false;
  const step = stepOf(parameter);
  if (step === undefined) return true;
  const steps = (value - parameter.low) / step;
  return Math.abs(steps - Math.round(steps)) < 1e-9 * Math.max(1, Math.abs(steps));
}

/** The distance of neighbouring values; undefined where the range is continuous. */
export function stepOf(parameter: NumericParameter): number | undefined {
  return parameter.step ?? (parameter.kind === 'int' ? 1 : undefined);
}

/** How many values a parameter has: infinite for a continuous range with low < high. */
export function countValues(parameter: Parameter): number {
  if (parameter.kind === 'categorical') return parameter.choices.length;
  if (parameter.low === parameter.high) return 1;
  const step = stepOf(parameter);
  // The small addition forgives rounding: (0.3 - 0) / 0.1 is 2.9999….
  return step === undefined
    ? Number.POSITIVE_INFINITY
    : Math.floor((parameter.high - parameter.low) / step + 1e-9) + 1;
}

/** Value number `index` of a parameter with finitely many. */
export function valueAt(parameter: Parameter, index: number): SearchValue {
  if (parameter.kind === 'categorical') return parameter.choices[index] as SearchValue;
  const value = parameter.low + index * (stepOf(parameter) ?? 0);
  if (Number.isInteger(value)) return value;
  // toPrecision keeps 0.1 + 2 * 0.1 from becoming 0.30000000000000004.
  return Math.min(parameter.high, Number(value.toPrecision(15)));
}
