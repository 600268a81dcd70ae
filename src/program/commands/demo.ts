// veracity demo, which is what `npm start` runs: trains on the bundled sample once, then serves the model with the page.
import { EXIT_STOPPED } from '../../foundation/core/index.ts';
import { loadServeConfig } from '../../workflows/configuration/index.ts';
import { runDemo } from '../../workflows/demo/index.ts';
import type { Command } from './command.ts';
import { formatStopped, listServeOverrides, SERVE_OPTIONS } from './serve-options.ts';

export const demoCommand: Command = {
  name: 'demo',
  summary: 'train on the bundled sample, then serve the result with the web page',
  argumentsUsage: '[overrides...]',
  options: SERVE_OPTIONS,
  examples: ['veracity demo', 'veracity demo --port 8080'],
  listOverrides: listServeOverrides,
  run: async (input, context) => {
    const { config } = loadServeConfig(listServeOverrides(input), context);
    const outcome = await runDemo(config, context);
    if (outcome.status === 'served') return formatStopped(outcome);
    const { training } = outcome;
    const text = `stopped at step ${training.steps}; \`veracity demo\` continues from there`;
    return { json: training, text, exitCode: EXIT_STOPPED };
  },
};
