// veracity serve: serves one model with the HTTP API and the web page.
import { loadServeConfig } from '../../workflows/configuration/index.ts';
import { serveUntilStopped } from '../../workflows/serve/index.ts';
import type { Command } from './command.ts';
import { formatStopped, listServeOverrides, SERVE_OPTIONS } from './serve-options.ts';

export const serveCommand: Command = {
  name: 'serve',
  summary: 'serve the HTTP API and the web page',
  argumentsUsage: '[overrides...]',
  options: [
    ...SERVE_OPTIONS,
    {
      flags: '--model <model>',
      description: 'NAME, NAME@VERSION, a run id or a model folder (default: production, else the newest)',
    },
  ],
  examples: [
    'veracity serve',
    'veracity serve --port 8080 --model sample@production',
    'veracity serve threads=1 serve.log_level=warn',
  ],
  listOverrides: listServeOverrides,
  run: async (input, context) => {
    const { config } = loadServeConfig(listServeOverrides(input), context);
    return formatStopped(await serveUntilStopped(config, context));
  },
};
