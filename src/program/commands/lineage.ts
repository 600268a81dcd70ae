// veracity lineage: shows what a record comes from, as a tree down to raw files and commits, and what was made of it.
import { appError } from '../../foundation/core/index.ts';
import { traceLineage } from '../../workflows/lineage/index.ts';
import type { Command, CommandInput } from './command.ts';
import { formatLineage } from './lineage-tree.ts';

export const lineageCommand: Command = {
  name: 'lineage',
  summary: 'show what a prediction, model version, run, dataset version or report comes from',
  argumentsUsage: '[id]',
  options: [],
  examples: [
    'veracity lineage sample@1',
    'veracity lineage 0mjv6k2g0abcdefghijklmnop',
    'veracity lineage evaluation.json',
  ],
  run: async (input, context) => {
    const lineage = await traceLineage(readId(input), { readsFiles: true }, context);
    return { json: lineage, text: formatLineage(lineage) };
  },
};

/** @throws USAGE */
function readId({ args }: CommandInput): string {
  const [id, ...more] = args;
  if (id !== undefined && more.length === 0) return id;
  throw appError('USAGE', {
    where: 'lineage',
    problem: `expected one id, got ${args.length}`,
    hint: 'For example: veracity lineage sample@1. Lists of ids: veracity models list, runs list, data list.',
  });
}
