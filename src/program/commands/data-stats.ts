// veracity data stats: sizes, lengths, balance, languages, sources, months and copies of a dataset.
import { appError, resolveUserPath, writeFileAtomic } from '../../foundation/core/index.ts';
import { loadTrainConfig } from '../../workflows/configuration/index.ts';
import { describeData, formatStatisticsHtml, formatStatisticsText } from '../../workflows/inspect/index.ts';
import type { Command } from './command.ts';
import { addDataPath, splitDataArguments } from './data-arguments.ts';

export const dataStatsCommand: Command = {
  name: 'data stats',
  summary: 'sizes, lengths, balance, languages, sources and copies of a dataset',
  argumentsUsage: '[data] [overrides...]',
  options: [
    { flags: '--html <file>', description: 'write the statistics as a page with plots, too' },
    {
      flags: '--tokenizer <model>',
      description: 'count the tokens of this model or folder (default: words and punctuation marks)',
    },
  ],
  examples: [
    'veracity data stats',
    'veracity data stats data/train.csv --html stats.html',
    'veracity data stats ds-0123456789ab --json',
    "veracity data stats main:data/train.csv 'data.columns={text: body, label: class}'",
  ],
  listOverrides: ({ args }) => {
    const { references, overrides } = splitDataArguments(args);
    return addDataPath(overrides, references[0]);
  },
  run: async ({ args, options }, context) => {
    const { references, overrides } = splitDataArguments(args);
    const [reference = null] = references;
    if (references.length > 1)
      throw appError('USAGE', {
        where: 'data stats',
        problem: `expected at most one dataset, got ${references.length}`,
        hint: 'To compare two: veracity data diff BEFORE AFTER',
      });
    const tokenizer = typeof options.tokenizer === 'string' ? options.tokenizer : null;
    const { config } = loadTrainConfig(addDataPath(overrides, reference ?? undefined), context);
    const statistics = await describeData({ reference, data: config.data, tokenizer }, context);
    if (typeof options.html === 'string') {
      const path = resolveUserPath(context.workingDirectory, options.html);
      writeFileAtomic(path, formatStatisticsHtml(statistics));
      context.say(`wrote the page of the statistics: ${path}`);
    }
    return { json: statistics, text: formatStatisticsText(statistics) };
  },
};
