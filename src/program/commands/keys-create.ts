// veracity keys create: makes an API key and shows it. It is shown only once.
import { appError } from '../../foundation/core/index.ts';
import { type ApiScope, apiScopes } from '../../foundation/records/index.ts';
import { openKeyRing } from '../../workflows/keys/index.ts';
import type { Command, CommandInput } from './command.ts';

export const keysCreateCommand: Command = {
  name: 'keys create',
  summary: 'create an API key; it is shown only once',
  argumentsUsage: '[name]',
  options: [
    {
      flags: '--scope <scopes>',
      description: `what it may be used for, separated by commas: ${apiScopes.join(', ')} (default predict)`,
    },
  ],
  examples: ['veracity keys create newsroom', 'veracity keys create desk --scope predict,feedback'],
  run: async ({ args, options }, context) => {
    const [name = 'key', ...more] = args;
    if (more.length > 0 || name.trim() === '' || name.length > 100)
      throw usage('expected one name of at most 100 characters');
    const scopes = parseScopes(options.scope);
    const { key, secret } = openKeyRing(context).create({ name, scopes });
    return {
      json: { ...key, secret },
      text: `${secret}\nkey ${key.id} (${key.name}), scopes: ${key.scopes.join(', ')}. The key is shown only once. Send it in the header\nauthorization: Bearer KEY`,
    };
  },
};

function parseScopes(option: CommandInput['options'][string]): ApiScope[] {
  if (typeof option !== 'string') return ['predict'];
  return option.split(',').map((text) => {
    const scope = apiScopes.find((known) => known === text.trim());
    if (scope === undefined) throw usage(`expected scopes out of ${apiScopes.join(', ')}, got ${text}`);
    return scope;
  });
}

function usage(problem: string): Error {
  return appError('USAGE', {
    where: 'keys create',
    problem,
    hint: 'For example: veracity keys create newsroom --scope predict,feedback',
  });
}
