// veracity data delete: delete dataset versions with the articles that only they hold
import { planDatasetDeletion } from '../../workflows/storage/index.ts';
import type { Command } from './command.ts';
import { carryOut, forceOption, readNames, removalOptions } from './removal-output.ts';

export const dataDeleteCommand: Command = {
  name: 'data delete',
  summary: 'delete dataset versions with the articles that only they hold',
  argumentsUsage: '<dataset...>',
  options: [...removalOptions, forceOption],
  examples: ['veracity data delete ds-0123456789ab', 'veracity data delete ds-0123456789ab --yes'],
  run: async (input, context) => {
    const force = input.options.force === true;
    const names = readNames('data delete', input, 'dataset version');
    return carryOut(await planDatasetDeletion(names, { force }, context), input, context);
  },
};
