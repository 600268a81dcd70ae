// veracity ci data: the check of a pull request that changes data.
import { appError } from '../../foundation/core/index.ts';
import { checkData } from '../../workflows/ci/index.ts';
import { loadTrainConfig } from '../../workflows/configuration/index.ts';
import { answerCheck, REPORT_OPTION } from './ci-output.ts';
import type { Command } from './command.ts';
import { splitDataArguments } from './data-arguments.ts';

export const ciDataCommand: Command = {
  name: 'ci data',
  summary: 'check the data of a pull request: pull, audit, statistics, difference',
  argumentsUsage: '[overrides...]',
  options: [
    { flags: '--base <revision>', description: 'the revision of Git that the data is compared with' },
    {
      flags: '--remote <remote>',
      description: 'where the data is fetched from (default: of the configuration)',
    },
    { flags: '--no-pull', description: 'take the data as it lies there' },
    REPORT_OPTION,
  ],
  examples: [
    'veracity ci data data=csv data.path=data/train.csv --base origin/main --out report.md',
    'veracity ci data data=isot data.path=data/isot --no-pull --json',
  ],
  run: async (input, context) => {
    const { options } = input;
    const { references, overrides } = splitDataArguments(input.args);
    if (references.length > 0)
      throw appError('USAGE', {
        where: 'ci data',
        problem: `expected overrides such as data.path=FILE, got ${references[0]}`,
        hint: `For example: veracity ci data data=csv data.path=${references[0]}`,
      });
    const { config } = loadTrainConfig(overrides, context);
    const request = {
      data: config.data,
      base: typeof options.base === 'string' && options.base !== '' ? options.base : null,
      remote: typeof options.remote === 'string' ? options.remote : null,
      pulls: options.pull !== false,
    };
    return answerCheck('ci data', await checkData(request, context), input, context);
  },
};
