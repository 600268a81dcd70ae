// veracity studio: runs, sweeps, the registry and lineage of this home in the browser, without a model.
import { appError } from '../../foundation/core/index.ts';
import { serveStudioUntilStopped } from '../../workflows/serve/index.ts';
import type { Command } from './command.ts';
import { formatStopped } from './serve-options.ts';

const DEFAULT_PORT = 8001;

export const studioCommand: Command = {
  name: 'studio',
  summary: 'show runs, sweeps and the registry of this home in the browser',
  argumentsUsage: '',
  options: [
    {
      flags: '--port <port>',
      description: `port to listen on; 0 takes any free one (default ${DEFAULT_PORT})`,
    },
    {
      flags: '--host <host>',
      description:
        'address to listen on (default 127.0.0.1: this machine only); for others, create a key: keys create --scope admin',
    },
  ],
  examples: ['veracity studio', 'veracity studio --port 8080'],
  run: async ({ args, options }, context) => {
    if (args.length > 0)
      throw appError('USAGE', {
        where: 'studio',
        problem: `expected no arguments, got ${args.length}`,
        hint: 'The home is that of VERACITY_HOME.',
      });
    const { port = `${DEFAULT_PORT}`, host = '127.0.0.1' } = options;
    if (typeof port !== 'string' || !/^\d{1,5}$/.test(port) || Number(port) > 65_535)
      throw appError('USAGE', {
        where: '--port',
        problem: `expected a number from 0 to 65535, got ${String(port)}`,
        hint: 'For example --port 8080.',
      });
    return formatStopped(await serveStudioUntilStopped({ host: String(host), port: Number(port) }, context));
  },
};
