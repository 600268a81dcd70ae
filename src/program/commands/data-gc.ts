// veracity data gc: delete half-written files, blobs that no dataset names, cached objects that no pointer names, and caches of
// deleted datasets.
import { planDataCleanup } from '../../workflows/storage/index.ts';
import { planCacheCleanup } from '../../workflows/versioning/index.ts';
import type { Command } from './command.ts';
import { carryOut, removalOptions } from './removal-output.ts';

export const dataGcCommand: Command = {
  name: 'data gc',
  summary: 'delete half-written files, and blobs and cached objects that no dataset and no pointer names',
  argumentsUsage: '',
  options: [
    ...removalOptions,
    { flags: '--dry-run', description: 'only list what would be deleted, and exit with 0' },
    {
      flags: '--cache',
      description: 'also delete everything in the cache that is built again when it is needed',
    },
    {
      flags: '--current',
      description: 'also objects that only other commits name; default: what any commit of Git names stays',
    },
    {
      flags: '--shared',
      description: 'also objects of a cache outside of this repository, which others may use',
    },
  ],
  examples: ['veracity data gc --dry-run', 'veracity data gc --yes', 'veracity data gc --current --yes'],
  run: async (input, context) => {
    const { cache, current, shared } = input.options;
    const ofHome = await planDataCleanup({ cache: cache === true }, context);
    const ofCache = planCacheCleanup({ current: current === true, shared: shared === true }, context);
    const plan = {
      removals: [...ofHome.removals, ...ofCache.removals],
      notes: [...ofHome.notes, ...ofCache.notes],
    };
    return carryOut(plan, input, context);
  },
};
