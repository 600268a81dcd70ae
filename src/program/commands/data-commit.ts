// veracity data commit: records what data with pointers is now.
import { commitData } from '../../workflows/versioning/index.ts';
import type { Command } from './command.ts';
import { formatRecording } from './recording-output.ts';

export const dataCommitCommand: Command = {
  name: 'data commit',
  summary: 'record what data with pointers is now',
  argumentsUsage: '[path...]',
  options: [{ flags: '--force', description: 'record data as it is even if its last checkout was stopped' }],
  examples: ['veracity data commit', 'veracity data commit data/articles.csv --json'],
  run: async ({ args, options }, context) =>
    formatRecording(await commitData(args, { force: options.force === true }, context), 'committed'),
};
