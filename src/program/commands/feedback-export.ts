// veracity feedback export: writes readers' feedback as rows that `data prepare` reads.
import { appError, resolveUserPath } from '../../foundation/core/index.ts';
import { exportFeedback } from '../../workflows/feedback/index.ts';
import type { Command } from './command.ts';

export const feedbackExportCommand: Command = {
  name: 'feedback export',
  summary: "write readers' feedback as rows for the next dataset",
  argumentsUsage: '',
  options: [
    { flags: '--out <file>', description: 'JSON Lines file to write, one row per prediction' },
    {
      flags: '--ready',
      description: 'only rows with an article and an undisputed label, which `data prepare` can use',
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
    const out = resolveUserPath(context.workingDirectory, options.out);
    const { predictions, ...json } = await exportFeedback(
      { out, readyOnly: options.ready === true },
      context,
    );
    const { rows, ready, withoutArticle, withoutLabel, disputed } = json;
    return {
      json,
      text: `wrote ${rows} ${rows === 1 ? 'row' : 'rows'} to ${out}; ${predictions} ${predictions === 1 ? 'prediction has' : 'predictions have'} feedback; ${ready} usable for training (${withoutArticle} without the article, ${withoutLabel} without a label, ${disputed} disputed)`,
    };
  },
};
