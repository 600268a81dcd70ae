// veracity models rollback: puts the version that was in production before back.
import { appError } from '../../foundation/core/index.ts';
import { rollbackModel } from '../../workflows/models/index.ts';
import type { Command } from './command.ts';
import { readModelArgument } from './model-argument.ts';
import { formatPromotion, REASON_OPTION, readReason } from './models-promote.ts';

export const modelsRollbackCommand: Command = {
  name: 'models rollback',
  summary: 'put the version that was in production before back',
  argumentsUsage: '<name>',
  options: [REASON_OPTION],
  examples: ['veracity models rollback sample', 'veracity models rollback sample --reason "complaints"'],
  run: async (input, context) => {
    const name = readModelArgument('models rollback', input);
    if (name.includes('@')) {
      const problem = `expected NAME alone, got ${name}`;
      const hint = `It goes back to the version before: veracity models rollback ${name.split('@')[0]}`;
      throw appError('USAGE', { where: 'models rollback', problem, hint });
    }
    const promotion = await rollbackModel(name, context, readReason(input));
    return { json: promotion, text: formatPromotion(promotion) };
  },
};
