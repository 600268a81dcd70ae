// veracity feedback export: what readers said, one row an answer, in the columns that `data prepare` reads. The last
// label that was said counts; a reader who only agrees says the label that was given.
import { resolve } from 'node:path';
import { appError, writeFileAtomic } from '../../foundation/core/index.ts';
import type { Feedback } from '../../foundation/records/index.ts';
import { openFeedbackLog } from '../../keeping/journal/index.ts';
import type { Command } from './command.ts';

/** One row of the file. */
export interface FeedbackRow {
  /** Of the prediction. */
  readonly id: string;
  /** Only where the article was kept (serve.log.text=true). */
  readonly title?: string;
  readonly text?: string;
  /** Class that readers say; null where they disagree without naming one, or only commented. */
  readonly label: string | null;
  readonly source: 'feedback';
  /** When it was last said. */
  readonly date: string;
  readonly contentSha256: string;
  readonly predicted: string;
  readonly probability: number;
  readonly modelVersion: string;
  /** How many said something, and the labels that were said, where these contradict each other. */
  readonly opinions: number;
  readonly disputed: boolean;
  readonly comments: readonly string[];
  readonly reviewers: readonly string[];
}

export const feedbackExport: Command = {
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
  run: async ({ args, options }, { home, clock, workingDirectory }) => {
    if (args.length > 0 || typeof options.out !== 'string' || options.out === '') {
      throw appError('USAGE', {
        where: 'feedback export',
        problem: 'expected --out and a file name',
        hint: 'For example: veracity feedback export --out feedback.jsonl',
      });
    }
    const all = collectRows(openFeedbackLog(home.feedback, clock).load());
    const ready = all.filter(isReady);
    const rows = options.ready === true ? ready : all;
    const path = resolve(workingDirectory, options.out);
    writeFileAtomic(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const json = {
      out: path,
      rows: rows.length,
      ready: ready.length,
      withoutArticle: all.filter(({ text }) => text === undefined).length,
      withoutLabel: all.filter(({ label }) => label === null).length,
      disputed: all.filter(({ disputed }) => disputed).length,
    };
    return {
      json,
      text: `wrote ${rows.length} rows to ${path}; of ${all.length} answers that were spoken of ${ready.length} can be learned from (${json.withoutArticle} without their article, ${json.withoutLabel} without a label, ${json.disputed} disputed)`,
    };
  },
};

function isReady({ text, label, disputed }: FeedbackRow): boolean {
  return text !== undefined && label !== null && !disputed;
}

/** One row an answer, in the order in which they were first spoken of. */
export function collectRows(log: readonly Feedback[]): FeedbackRow[] {
  const byId = new Map<string, Feedback[]>();
  for (const feedback of log) {
    const { id } = feedback.prediction;
    byId.set(id, [...(byId.get(id) ?? []), feedback]);
  }
  return [...byId.values()].map((opinions) => {
    const last = opinions.at(-1)!;
    const { id, article, contentSha256, label: predicted, probability, modelVersion } = last.prediction;
    const labels = opinions.flatMap(({ label, agrees }) => label ?? (agrees === true ? predicted : []));
    return {
      id,
      ...(article === undefined ? {} : { title: article.title, text: article.text }),
      label: labels.at(-1) ?? null,
      source: 'feedback',
      date: last.createdAt,
      contentSha256,
      predicted,
      probability,
      modelVersion,
      opinions: opinions.length,
      disputed: new Set(labels).size > 1,
      comments: opinions.flatMap(({ comment }) => comment ?? []),
      reviewers: [...new Set(opinions.flatMap(({ reviewer }) => reviewer ?? []))],
    };
  });
}
