// veracity data diff: the rows that were added, removed, relabelled or rewritten between two states of the data.
import { appError, resolveUserPath, writeFileAtomic } from '../../foundation/core/index.ts';
import { loadTrainConfig } from '../../workflows/configuration/index.ts';
import {
  compareDataStates,
  formatDifferenceHtml,
  formatDifferenceText,
} from '../../workflows/inspect/index.ts';
import type { Command } from './command.ts';
import { addDataPath, splitDataArguments } from './data-arguments.ts';

const LISTED = 10;

export const dataDiffCommand: Command = {
  name: 'data diff',
  summary: 'rows added, removed, relabelled or rewritten between two states of the data',
  argumentsUsage: '<before> <after> [overrides...]',
  options: [
    { flags: '--titles', description: 'show the titles of listed rows, at most 12 words of each' },
    { flags: '--rows <count>', description: `rows of each kind that are listed (default: ${LISTED})` },
    { flags: '--html <file>', description: 'write the difference as a page, too' },
  ],
  examples: [
    'veracity data diff old.csv new.csv',
    'veracity data diff main:data/train.csv.dvc data/train.csv --titles',
    'veracity data diff ds-0123456789ab ds-ba9876543210 --html diff.html',
    "veracity data diff old.csv new.csv 'data.columns={text: body, label: class}'",
  ],
  listOverrides: ({ args }) => {
    const { references, overrides } = splitDataArguments(args);
    return addDataPath(overrides, references[0]);
  },
  run: async ({ args, options }, context) => {
    const { references, overrides } = splitDataArguments(args);
    const [before, after] = references;
    if (before === undefined || after === undefined || references.length > 2)
      throw usage(`expected two states of the data, got ${references.length}`);
    const listed = Number(options.rows ?? LISTED);
    if (!Number.isInteger(listed) || listed < 0)
      throw usage(`expected a number after --rows, got ${options.rows}`);
    const { config } = loadTrainConfig(addDataPath(overrides, after), context);
    const request = { before, after, data: config.data, titles: options.titles === true, listed };
    const difference = await compareDataStates(request, context);
    if (typeof options.html === 'string') {
      const path = resolveUserPath(context.workingDirectory, options.html);
      writeFileAtomic(path, formatDifferenceHtml(difference));
      context.say(`wrote the page of the difference: ${path}`);
    }
    return { json: difference, text: formatDifferenceText(difference) };
  },
};

function usage(problem: string): Error {
  return appError('USAGE', {
    where: 'data diff',
    problem,
    hint: 'For example: veracity data diff old.csv new.csv',
  });
}
