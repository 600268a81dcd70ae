// The table of pruners: one for each way to stop trials early.
import { createHalvingPruner } from './halving-pruner.ts';
import { createMedianPruner } from './median-pruner.ts';
import type { Pruner, PrunerOptions } from './pruner.ts';

export function createPruner(options: PrunerOptions): Pruner {
  return options.kind === 'median' ? createMedianPruner(options) : createHalvingPruner(options);
}
