// veracity keys revoke: makes running servers refuse a key within a second.
import { appError } from '../../foundation/core/index.ts';
import { openKeyRing } from '../../workflows/keys/index.ts';
import type { Command } from './command.ts';

export const keysRevokeCommand: Command = {
  name: 'keys revoke',
  summary: 'refuse an API key from now on',
  argumentsUsage: '<id>',
  options: [],
  examples: ['veracity keys revoke 0123abcd'],
  run: async ({ args }, context) => {
    const [id, ...more] = args;
    if (id === undefined || more.length > 0) {
      const problem = `expected the id of one key, got ${args.length} arguments`;
      throw appError('USAGE', { where: 'keys revoke', problem, hint: 'See veracity keys list.' });
    }
    // A whole key is accepted too: after a leak it is what people have at hand.
    const key = openKeyRing(context).revoke(/^vk_([0-9a-f]{8})_/.exec(id)?.[1] ?? id);
    return { json: key, text: `revoked ${key.id} (${key.name})` };
  },
};
