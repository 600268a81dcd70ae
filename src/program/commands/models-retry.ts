// veracity models retry: a version that a server tried out on some clients and took back may be tried out again.
import { appError } from '../../foundation/core/index.ts';
import { loadReturnedCanaries, saveReturnedCanaries } from '../../serving/live/index.ts';
import type { Command } from './command.ts';
import { readModelArgument } from './model-argument.ts';

export const modelsRetry: Command = {
  name: 'models retry',
  summary: 'let a version be tried out again that a server took back for errors or latency',
  argumentsUsage: '<name@version>',
  options: [],
  examples: ['veracity models retry compact@2'],
  run: async (input, { home }) => {
    const reference = readModelArgument('models retry', input);
    const returned = loadReturnedCanaries(home.canaries);
    const found = returned.find(({ version }) => version === reference);
    if (found === undefined) {
      const known = returned.map(({ version }) => version).join(', ');
      const problem = `expected a version that was taken back (${known || 'there is none'}), got ${reference}`;
      const hint = 'GET /model/ of the server says which one it was.';
      throw appError('USAGE', { where: 'models retry', problem, hint });
    }
    saveReturnedCanaries(
      home.canaries,
      returned.filter((one) => one !== found),
    );
    const { reason, at } = found;
    return {
      json: { version: reference, reason, at },
      text: `${reference} (taken back ${at} for ${reason}) is tried out again at the server's next look`,
    };
  },
};
