// Assignments: which parameters are active, how assignments are built, compared and counted.
import { canonicalJson } from '../../foundation/core/index.ts';
import {
  type Assignment,
  canHaveValue,
  countValues,
  type Parameter,
  type SearchSpace,
  type SearchValue,
  valueAt,
} from './space.ts';

/** Names of all parameters, in the order of the space, except that a condition's parameter comes before those that need it. */
export function orderParameters(space: SearchSpace): string[] {
  const ordered = new Set<string>();
  const add = (name: string): void => {
    if (ordered.has(name)) return;
    const condition = space[name]?.when;
    if (condition !== undefined) add(condition.parameter);
    ordered.add(name);
  };
  for (const name of Object.keys(space)) add(name);
  return [...ordered];
}

/** Whether a parameter is active beside these values of the parameters before it. */
export function isActive(parameter: Parameter, values: Assignment): boolean {
  const { when } = parameter;
  return (
    when === undefined ||
    (Object.hasOwn(values, when.parameter) && when.values.includes(values[when.parameter] as SearchValue))
  );
}

/** Builds an assignment: `choose` is called for each active parameter, in the order of `orderParameters`. */
export function buildAssignment(
  space: SearchSpace,
  choose: (name: string, parameter: Parameter) => SearchValue,
): Assignment {
  const values: Record<string, SearchValue> = {};
  for (const name of orderParameters(space)) {
    const parameter = space[name] as Parameter;
    if (isActive(parameter, values)) values[name] = choose(name, parameter);
  }
  return values;
}

/** Whether an assignment has exactly the active parameters of the space, each with a possible value. */
export function fitsSpace(space: SearchSpace, values: Assignment): boolean {
  const names = orderParameters(space).filter((name) => isActive(space[name] as Parameter, values));
  return (
    names.length === Object.keys(values).length &&
    names.every(
      (name) =>
        Object.hasOwn(values, name) && canHaveValue(space[name] as Parameter, values[name] as SearchValue),
    )
  );
}

/** Equal for equal assignments, whatever the order of their keys. */
export function keyOf(values: Assignment): string {
  return canonicalJson(values);
}

/** All assignments of a space with finitely many, the last parameter changing fastest. */
export function* listAssignments(space: SearchSpace): Generator<Assignment> {
  const names = orderParameters(space);
  yield* extend({}, 0);

  function* extend(values: Assignment, at: number): Generator<Assignment> {
    const name = names[at];
    if (name === undefined) {
      yield values;
      return;
    }
    const parameter = space[name] as Parameter;
    if (!isActive(parameter, values)) {
      yield* extend(values, at + 1);
      return;
    }
    const count = countValues(parameter);
    for (let i = 0; i < count; i++) yield* extend({ ...values, [name]: valueAt(parameter, i) }, at + 1);
  }
}
