// veracity ci init: writes the workflows for GitHub Actions that call the checks.
import { EXIT_REFUSED } from '../../foundation/core/index.ts';
import { writeWorkflows } from '../../workflows/ci/index.ts';
import type { Command } from './command.ts';

export const ciInitCommand: Command = {
  name: 'ci init',
  summary: 'write workflows for GitHub Actions that call the checks',
  argumentsUsage: '',
  options: [{ flags: '--force', description: 'replace files that are there with another content' }],
  examples: ['veracity ci init'],
  run: async ({ options }, context) => {
    const files = writeWorkflows(options.force === true, context);
    const kept = files.filter(({ status }) => status === 'kept');
    const lines = files.map(({ path, status }) => `${status.padEnd(9)}  ${path}`);
    if (kept.length > 0) lines.push('Kept what is there with another content; --force replaces it.');
    else lines.push('Set DATA in veracity-data.yml and MODELS in veracity-model.yml, then commit them.');
    return { json: { files }, text: lines.join('\n'), exitCode: kept.length > 0 ? EXIT_REFUSED : 0 };
  },
};
