// veracity models delete: delete model versions; their numbers are not given again
import { planModelDeletion } from '../../workflows/storage/index.ts';
import type { Command } from './command.ts';
import { carryOut, forceOption, readNames, removalOptions } from './removal-output.ts';

export const modelsDeleteCommand: Command = {
  name: 'models delete',
  summary: 'delete model versions; their numbers are not given again',
  argumentsUsage: '<version...>',
  options: [...removalOptions, forceOption],
  examples: ['veracity models delete sample@3', 'veracity models delete sample@3 --yes'],
  run: async (input, context) => {
    const force = input.options.force === true;
    const names = readNames('models delete', input, 'model version');
    return carryOut(await planModelDeletion(names, { force }, context), input, context);
  },
};
