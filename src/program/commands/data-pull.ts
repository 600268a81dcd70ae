// veracity data pull: fetches the data that pointers name from the remote, and checks it out.
import { pullData } from '../../workflows/versioning/index.ts';
import type { Command } from './command.ts';
import { formatCheckout } from './data-checkout.ts';
import { namesSource, pullNamedSource } from './source-output.ts';
import {
  exitCodeOfTransfer,
  formatTransferSum,
  readTransferOptions,
  transferOptions,
} from './transfer-output.ts';

export const dataPullCommand: Command = {
  name: 'data pull',
  summary: 'fetch the data that pointers name from the remote, or a known dataset such as isot',
  argumentsUsage: '[path|override...]',
  options: [
    ...transferOptions,
    { flags: '--force', description: 'also where a change of the data here is lost that is in no cache' },
  ],
  examples: [
    'git pull && veracity data pull',
    'veracity data pull data/raw --remote store',
    'veracity data pull --remote gs://bucket/folder --json',
    'veracity data pull isot',
    "veracity data pull isot 'source.urls=[https://HOST/archive.zip]'",
  ],
  run: async (input, context) => {
    if (namesSource(input.args, context)) return pullNamedSource(input.args, context);
    const options = readTransferOptions('data pull', input);
    const answer = await pullData(
      options.paths,
      { ...options, force: input.options.force === true },
      context,
    );
    const { data, failed } = answer;
    const isDamaged = failed.some(({ code }) => code === 'REMOTE_OBJECT_CORRUPT');
    const text = [
      ...formatTransferSum(answer, 'fetched'),
      ...(isDamaged
        ? [
            'what is damaged at the remote is mended by a machine that has it whole: veracity data push --verify',
          ]
        : []),
      ...(failed.length > 0 && data.length === 0 ? [] : [formatCheckout(answer)]),
    ];
    return { json: answer, text: text.join('\n'), exitCode: exitCodeOfTransfer(answer) };
  },
};
