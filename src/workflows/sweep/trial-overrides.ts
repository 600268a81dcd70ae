// The overrides of one trial: its values as they would be typed.
import type { SweepDefinition } from '../../foundation/records/index.ts';
import type { Assignment, SearchSpace } from '../../learning/search/index.ts';
import { formatOverrideValue } from '../configuration/index.ts';

/** In the order of the space. */
export function listOverrides(
  space: SearchSpace,
  spelling: SweepDefinition['spelling'],
  values: Assignment,
): string[] {
  return Object.keys(space)
    .filter((name) => Object.hasOwn(values, name))
    .flatMap((name) => {
      const value = values[name]!;
      return spelling[name]?.[JSON.stringify(value)] ?? [`${name}=${formatOverrideValue(value)}`];
    });
}

/** The overrides in one line, for people. */
export function formatOverrides(values: Assignment): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${typeof value === 'number' ? formatNumber(value) : String(value)}`)
    .join(' ');
}

/** Four digits, such as 0.03124 or 3.124e-5. */
function formatNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const rounded = Number(value.toPrecision(4));
  return Math.abs(rounded) < 1e-3 ? rounded.toExponential() : String(rounded);
}
