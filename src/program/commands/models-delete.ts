// veracity models delete: delete model versions; their numbers are not given again
import { listModels } from '../../workflows/models/index.ts';
import { planModelDeletion } from '../../workflows/storage/index.ts';
import type { Command } from './command.ts';
import { formatServed } from './models-promote.ts';
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
    const result = await carryOut(await planModelDeletion(names, { force }, context), input, context);
    if (!force || input.options.yes !== true) return result;
    // What was deleted may have been the default.
    const { served } = await listModels(context);
    const now = served === null ? 'default: no version is used when no model is named' : formatServed(served);
    return {
      ...result,
      json: { ...result.json, served: served?.reference ?? null },
      text: `${result.text}\n${now}`,
    };
  },
};
