// veracity models rollback: puts the version that was in production before back.
import { appError } from '../../foundation/core/index.ts';
import { createRegistry } from '../../keeping/registry/index.ts';
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
    const name = readModelArgument('models rollback', input);
    if (name.includes('@')) {
      const problem = `expected NAME alone, got ${name}`;
      const hint = `It goes back to the version before: veracity models rollback ${name.split('@')[0]}`;
      throw appError('USAGE', { where: 'models rollback', problem, hint });
    }
    const promotion = await createRegistry(home, clock).rollback(name);
    return { json: promotion, text: formatPromotion(promotion) };
  },
};
