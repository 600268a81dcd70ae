// veracity runs note: write down what a run was for, or what came out.
import { appError } from '../../foundation/core/index.ts';
import { noteRun } from '../../workflows/runs/index.ts';
import type { Command } from './command.ts';

export const runsNoteCommand: Command = {
  name: 'runs note',
  summary: 'write a note to a run, or delete it',
  argumentsUsage: '<run> [text]',
  options: [{ flags: '--delete', description: 'delete the note' }],
  examples: [
    'veracity runs note run-20260101-000000-abcd "longer articles, same learning rate"',
    'veracity runs note run-20260101-000000-abcd --delete',
  ],
  run: async ({ args, options }, context) => {
    const [id, text, ...rest] = args;
    const isDeletion = options.delete === true;
    if (id === undefined || rest.length > 0 || (text === undefined) !== isDeletion)
      throw appError('USAGE', {
        where: 'runs note',
        problem: 'expected a run id and one text in quotes, or a run id and --delete',
        hint: 'For example: veracity runs note run-20260101-000000-abcd "longer articles"',
      });
    await noteRun(id, isDeletion ? null : text!, context);
    return {
      json: { id, note: isDeletion ? null : text },
      text: `${id}  ${isDeletion ? 'note deleted' : text}`,
    };
  },
};
