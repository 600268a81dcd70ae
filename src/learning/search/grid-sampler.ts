// Grid search: all assignments of the space, one after the other.
import { appError } from '../../foundation/core/index.ts';
import { keyOf, listAssignments } from './assignment.ts';
import type { Sampler } from './sampler.ts';
import { countValues, type SearchSpace } from './space.ts';

/** Creates the sampler. @throws SEARCH_SPACE_INVALID where a range is continuous */
export function createGridSampler(space: SearchSpace): Sampler {
  for (const [name, parameter] of Object.entries(space)) {
    if (Number.isFinite(countValues(parameter))) continue;
    throw appError('SEARCH_SPACE_INVALID', {
      problem: `${name}: expected choices or a step, because the method is grid, got a continuous range`,
    });
  }
  return {
    propose(history) {
      const tried = new Set(history.map((trial) => keyOf(trial.parameters)));
      for (const values of listAssignments(space)) {
        if (!tried.has(keyOf(values))) return values;
      }
      return null;
    },
  };
}
