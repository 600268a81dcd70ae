// veracity feedback export: writes readers' feedback as rows that `data prepare` reads.
import { resolve } from 'node:path';
import { appError } from '../../foundation/core/index.ts';
import { exportFeedback } from '../../workflows/feedback/index.ts';
import type { Command } from './command.ts';

export const feedbackExportCommand: Command = {
  name: 'feedback export',
  summary: 'write what readers said about answers, as rows for the next data set',
  argumentsUsage: '',
  options: [
    { flags: '--out <file>', description: 'JSON Lines file to write, one row an answer' },
    {
      flags: '--ready',
      description:
        'only rows with an article and a label nobody disputes: what `data prepare` can learn from',
    },
  ],
  examples: [
    'veracity feedback export --out feedback.jsonl',
    'veracity feedback export --ready --out corrected.jsonl',
  ],
  run: async ({ args, options }, context) => {
    if (args.length > 0 || typeof options.out !== 'string' || options.out === '') {
      throw appError('USAGE', {
        where: 'feedback export',
        problem: 'expected --out and a file name',
        hint: 'For example: veracity feedback export --out feedback.jsonl',
      });
    }
    const out = resolve(context.workingDirectory, options.out);
    const { predictions, ...json } = await exportFeedback(
      { out, readyOnly: options.ready === true },
      context,
    );
    const { rows, ready, withoutArticle, withoutLabel, disputed } = json;
    return {
      json,
      text: `wrote ${rows} rows to ${out}; of ${predictions} answers that were spoken of ${ready} can be learned from (${withoutArticle} without their article, ${withoutLabel} without a label, ${disputed} disputed)`,
    };
  },
};
