// The options that `serve` and `demo` share, and the configuration overrides that they stand for.
import { quoteText } from '../../foundation/config/index.ts';
import { appError } from '../../foundation/core/index.ts';
import type { ServedUntilStopped } from '../../workflows/serve/index.ts';
import type { Command, CommandInput, CommandResult } from './command.ts';

export const SERVE_OPTIONS: Command['options'] = [
  { flags: '--port <port>', description: 'port to listen on; 0 takes any free one (default 8000)' },
  { flags: '--host <host>', description: 'address to listen on (default 127.0.0.1: this machine only)' },
  { flags: '--insecure', description: 'ask for no API key, even if other machines can reach the server' },
];

/** Turns --port, --host, --model and --insecure into overrides; values are quoted, since a path may hold any character. */
export function listServeOverrides({ args, options }: CommandInput): string[] {
  const overrides = [...args];
  if (typeof options.port === 'string') {
    if (!/^\d{1,5}$/.test(options.port)) {
      throw appError('USAGE', {
        where: '--port',
        problem: `expected a number from 0 to 65535, got ${options.port}`,
        hint: 'For example --port 8080.',
      });
    }
    overrides.push(`serve.port=${options.port}`);
  }
  if (options.insecure === true) overrides.push('serve.access=open');
  for (const name of ['host', 'model'] as const) {
    const value = options[name];
    if (typeof value === 'string') overrides.push(`serve.${name}=${quoteText(value)}`);
  }
  return overrides;
}

/** The result that both commands print when the server has stopped. */
export function formatStopped({ url }: ServedUntilStopped): CommandResult {
  return { json: { url, stopped: true }, text: 'stopped' };
}
