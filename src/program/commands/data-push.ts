// veracity data push: sends the data that pointers name to the remote.
import { pushData } from '../../workflows/versioning/index.ts';
import { ALLOW_SECRET_OPTION, readAllowSecret } from './ci-secrets.ts';
import type { Command } from './command.ts';
import {
  exitCodeOfTransfer,
  formatTransferSum,
  readTransferOptions,
  transferOptions,
} from './transfer-output.ts';

export const dataPushCommand: Command = {
  name: 'data push',
  summary: 'send the data that pointers name to the remote',
  argumentsUsage: '[path|override...]',
  options: [
    ...transferOptions,
    {
      flags: '--verify',
      description:
        'also compare the md5 of what the remote has, and replace wrong objects (reads them if need be)',
    },
    ALLOW_SECRET_OPTION,
  ],
  examples: [
    'veracity data push',
    'veracity data push data/raw --remote store --jobs 32',
    'veracity data push --remote s3://bucket/folder --json',
    'veracity data push --verify data/raw',
    'veracity data push remote=s3 remote.url=s3://bucket/folder remote.endpoint=http://127.0.0.1:9000',
  ],
  run: async (input, context) => {
    const options = readTransferOptions('data push', input);
    const allowedSecrets = readAllowSecret(input.options);
    const answer = await pushData(
      options.paths,
      { ...options, allowedSecrets, verifies: input.options.verify === true },
      context,
    );
    const left = answer.left.map(({ path, reason }) => `${path} is not pushed: ${reason}`);
    const text =
      answer.data.length + left.length === 0
        ? ['no data with pointers yet; add some with: veracity data add PATH']
        : [...left, ...formatTransferSum(answer, 'pushed')];
    return { json: answer, text: text.join('\n'), exitCode: exitCodeOfTransfer(answer) };
  },
};
