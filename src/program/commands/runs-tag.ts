// veracity runs tag: add tags to runs, or remove them.
import { appError, isDatedId } from '../../foundation/core/index.ts';
import { tagRuns } from '../../workflows/runs/index.ts';
import type { Command, CommandInput } from './command.ts';

export const runsTagCommand: Command = {
  name: 'runs tag',
  summary: 'add tags to runs, or remove them',
  argumentsUsage: '<run-or-tag...>',
  options: [{ flags: '--remove <tag>', description: 'remove this tag', repeatable: true }],
  examples: [
    'veracity runs tag run-20260101-000000-abcd baseline',
    'veracity runs tag run-20260101-000000-abcd good --remove draft',
  ],
  run: async (input, context) => {
    const { ids, add, remove } = readTagArguments(input);
    const tagged = await tagRuns(ids, { add, remove }, context);
    const lines = tagged.map(({ id, tags }) => `${id}  ${tags.length === 0 ? '(no tags)' : tags.join(' ')}`);
    return { json: tagged, text: lines.join('\n') };
  },
};

function readTagArguments({ args, options }: CommandInput): {
  ids: string[];
  add: string[];
  remove: readonly string[];
} {
  const ids = args.filter((arg) => isDatedId('run', arg));
  const add = args.filter((arg) => !isDatedId('run', arg));
  const remove = Array.isArray(options.remove) ? options.remove : [];
  if (ids.length > 0 && add.length + remove.length > 0) return { ids, add, remove };
  throw appError('USAGE', {
    where: 'runs tag',
    problem:
      ids.length === 0 ? 'expected at least one run id, got none' : 'expected a tag to add or --remove',
    hint: 'For example: veracity runs tag run-20260101-000000-abcd baseline',
  });
}
