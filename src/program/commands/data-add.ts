// veracity data add: puts files and folders into the cache and writes pointers beside them.
import { addData } from '../../workflows/versioning/index.ts';
import { ALLOW_SECRET_OPTION, readAllowSecret } from './ci-secrets.ts';
import type { Command } from './command.ts';
import { formatRecording } from './recording-output.ts';
import { readNames } from './removal-output.ts';

export const dataAddCommand: Command = {
  name: 'data add',
  summary: 'put a file or folder under version control: into the cache, with a pointer (.dvc) for Git',
  argumentsUsage: '<path...>',
  options: [
    { flags: '--force', description: 'record data as it is even if its last checkout was stopped' },
    ALLOW_SECRET_OPTION,
  ],
  examples: ['veracity data add data/articles.csv', 'veracity data add data/raw models/distil --json'],
  run: async (input, context) => {
    const paths = readNames('data add', input, 'file or folder');
    const options = {
      force: input.options.force === true,
      allowedSecrets: readAllowSecret(input.options),
    };
    return formatRecording(await addData(paths, options, context), 'added');
  },
};
