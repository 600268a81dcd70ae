// The first trials of a sampler that learns: a Latin hypercube. Of n trials each has another n-th of every range, and
// choices come equally often, so fewer regions stay unseen than with independent draws.
// Source: McKay, Beckman and Conover 1979, Technometrics 21(2). Its gain: docs/lab-notes.md.
import { createRandom } from '../../foundation/core/index.ts';
import { buildAssignment, keyOf } from './assignment.ts';
import { drawUntried } from './random-sampler.ts';
import { fromUnit } from './scale.ts';
import type { Assignment, SearchSpace, SearchValue } from './space.ts';

/**
 * Draws the trial number `index` of a start of `count` trials; a longer start begins another hypercube.
 * @returns an assignment that is not among the tried ones; null when none is left
 */
export function drawStart(
  space: SearchSpace,
  { seed, index, count }: { readonly seed: number; readonly index: number; readonly count: number },
  tried: ReadonlySet<string>,
): Assignment | null {
  const random = createRandom(seed, 'start', index);
  const values = buildAssignment(space, (name, parameter): SearchValue => {
    const parts = Array.from({ length: count }, (_, part) => part);
    createRandom(seed, 'start of', name, Math.floor(index / count)).shuffle(parts);
    const unit = ((parts[index % count] as number) + random.next()) / count;
    if (parameter.kind !== 'categorical') return fromUnit(parameter, unit);
    return parameter.choices[Math.floor(unit * parameter.choices.length)] as SearchValue;
  });
  return tried.has(keyOf(values)) ? drawUntried(space, random, tried) : values;
}
