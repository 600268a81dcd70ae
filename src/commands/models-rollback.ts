// veracity models rollback: puts the version that was in production before back.
import { createRegistry } from '../registry/registry.ts';
import type { Command } from './command.ts';
import { readModelArgument } from './model-argument.ts';
import { formatPromotion } from './models-promote.ts';

export const modelsRollback: Command = {
  name: 'models rollback',
  summary: 'put the version that was in production before back',
  argumentsUsage: '<name>',
  options: [],
  examples: ['veracity models rollback compact'],
  run: async (input, { home, clock }) => {
    const promotion = await createRegistry(home, clock).rollback(readModelArgument('models rollback', input));
    return { json: promotion, text: formatPromotion(promotion) };
  },
};
