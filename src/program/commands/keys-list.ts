// veracity keys list: lists the API keys of this home; their secrets are not stored.
import { openKeyRing } from '../../workflows/keys/index.ts';
import type { Command } from './command.ts';
import { formatTable } from './table.ts';

export const keysListCommand: Command = {
  name: 'keys list',
  summary: 'list the API keys of this home',
  argumentsUsage: '',
  options: [],
  examples: ['veracity keys list'],
  run: async (_input, context) => {
    const keys = openKeyRing(context).list();
    const shortTime = (iso: string): string => iso.slice(0, 16).replace('T', ' ');
    const rows = keys.map(({ id, name, scopes, createdAt, revokedAt }) => [
      id,
      name,
      scopes.join(', '),
      shortTime(createdAt),
      revokedAt === null ? '-' : shortTime(revokedAt),
    ]);
    return {
      json: keys,
      text:
        rows.length === 0
          ? `no API keys in ${context.home.keys}; create one with: veracity keys create`
          : formatTable(['id', 'name', 'scopes', 'created', 'revoked'], rows),
    };
  },
};
