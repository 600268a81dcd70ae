// veracity models retry: lets a server try a version again that it took out of a canary trial.
import { appError } from '../../foundation/core/index.ts';
import { retryVersion } from '../../workflows/models/index.ts';
import type { Command } from './command.ts';
import { readModelArgument } from './model-argument.ts';

export const modelsRetryCommand: Command = {
  name: 'models retry',
  summary: 'let a server try a version again that it withdrew for errors or latency',
  argumentsUsage: '<name@version>',
  options: [],
  examples: ['veracity models retry sample@2'],
  run: async (input, context) => {
    const reference = readModelArgument('models retry', input);
    const outcome = await retryVersion(reference, context);
    if (outcome.status === 'unknown') {
      const known = outcome.known.join(', ');
      const problem = `expected a version that a server withdrew (${known || 'there is none'}), got ${reference}`;
      const hint = 'GET /model/ of the server says which one it was.';
      throw appError('USAGE', { where: 'models retry', problem, hint });
    }
    const { reason, at } = outcome.returned;
    return {
      json: { version: reference, reason, at },
      text: `${reference} (withdrawn ${at} for ${reason}): the server tries it again when it next reads the registry`,
    };
  },
};
