// veracity keys revoke: from a second later, running servers refuse the key.
import { appError } from '../../foundation/core/index.ts';
import { createKeyRing } from '../../serving/access/index.ts';
import type { Command } from './command.ts';

export const keysRevoke: Command = {
  name: 'keys revoke',
  summary: 'refuse an API key from now on',
  argumentsUsage: '<id>',
  options: [],
  examples: ['veracity keys revoke 0123abcd'],
  run: async ({ args }, { home, clock }) => {
    const [id, ...more] = args;
    if (id === undefined || more.length > 0) {
      const problem = `expected the id of one key, got ${args.length} arguments`;
      throw appError('USAGE', { where: 'keys revoke', problem, hint: 'See veracity keys list.' });
    }
    // a whole key is taken too: what leaked is what one has at hand
    const key = createKeyRing(home.keys, clock).revoke(/^vk_([0-9a-f]{8})_/.exec(id)?.[1] ?? id);
    return { json: key, text: `revoked ${key.id} (${key.name})` };
  },
};
