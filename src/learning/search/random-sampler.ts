// Random search: each parameter uniform on its scale, no assignment twice.
import { createRandom, type Random } from '../../foundation/core/index.ts';
import { buildAssignment, keyOf, listAssignments } from './assignment.ts';
import type { Sampler } from './sampler.ts';
import { fromUnit } from './scale.ts';
import { type Assignment, countValues, type Parameter, type SearchSpace, type SearchValue } from './space.ts';

/** Draws before the untried assignments are listed: only a nearly exhausted space needs more. */
const MAX_DRAWS = 200;

export function createRandomSampler(space: SearchSpace, seed: number): Sampler {
  return {
    propose: (history) => drawUntried(space, createRandom(seed, 'random', history.length), keysOf(history)),
  };
}

/** The keys of all assignments in a history. */
export function keysOf(history: readonly { readonly parameters: Assignment }[]): Set<string> {
  return new Set(history.map((trial) => keyOf(trial.parameters)));
}

/** Draws an assignment that is not among the tried ones; null when none is left. */
export function drawUntried(
  space: SearchSpace,
  random: Random,
  tried: ReadonlySet<string>,
): Assignment | null {
  for (let i = 0; i < MAX_DRAWS; i++) {
    const values = drawAssignment(space, random);
    if (!tried.has(keyOf(values))) return values;
  }
  // A continuous parameter that is active once in thousands of draws is not looked for.
  if (Object.values(space).some((parameter) => !Number.isFinite(countValues(parameter)))) return null;
  // A large space is not listed as a whole: of the first untried ones, one is drawn.
  const untried: Assignment[] = [];
  for (const values of listAssignments(space)) {
    if (!tried.has(keyOf(values)) && untried.push(values) === MAX_DRAWS) break;
  }
  return untried[random.integer(untried.length)] ?? null;
}

/** Draws an assignment; those that were tried are not avoided. */
export function drawAssignment(space: SearchSpace, random: Random): Assignment {
  return buildAssignment(space, (_name, parameter) => drawValue(parameter, random));
}

/** Draws a value, uniform on the scale of its parameter. */
export function drawValue(parameter: Parameter, random: Random): SearchValue {
  if (parameter.kind !== 'categorical') return fromUnit(parameter, random.next());
  return parameter.choices[random.integer(parameter.choices.length)] as SearchValue;
}
