// veracity replay: predicts the article of a recorded prediction again and compares. Exit code 0: the same; 1: different.
import { readFileSync } from 'node:fs';
import {
  appError,
  EXIT_REFUSED,
  errorCodeOf,
  limitThreads,
  resolveUserPath,
} from '../../foundation/core/index.ts';
import type { ArticleText, Prediction } from '../../foundation/records/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import {
  type ReplayDifference,
  type ReplayedPrediction,
  replayPrediction,
} from '../../workflows/replay/index.ts';
import type { Command, CommandInput } from './command.ts';

/** Float32 sums come out slightly different with other threads or other articles in the batch. */
const TOLERANCE = '1e-3';

export const replayCommand: Command = {
  name: 'replay',
  summary: 'repeat a stored prediction and compare the results',
  argumentsUsage: '<id>',
  options: [
    {
      flags: '--text-file <file>',
      description:
        'the article, if the server did not store it: JSON with title and text, or plain text (see --title)',
    },
    { flags: '--title <title>', description: 'title of the article in --text-file' },
    { flags: '--tolerance <share>', description: `how far probabilities may differ (default ${TOLERANCE})` },
    { flags: '--model <model>', description: 'another model than the one that made the prediction' },
    { flags: '--threads <n>', description: 'threads of the model (default 0: one per core)' },
  ],
  examples: ['veracity replay 0mjv6k2g0abcdefghijklmnop', 'veracity replay ID --text-file article.json'],
  run: async (input, context) => {
    const { id, tolerance, threads, model, ...place } = parseArguments(input, context);
    const article = readArticle(place, context);
    const replayed = await replayPrediction({ id, article, model, tolerance, threads }, context);
    const { receipt, repeated } = replayed;
    const differences = replayed.differences.map(formatDifference);
    return {
      json: {
        id,
        same: differences.length === 0,
        differences,
        before: pickPrediction(receipt),
        after: pickPrediction(repeated.prediction),
      },
      text: formatReplay(replayed),
      ...(differences.length === 0 ? {} : { exitCode: EXIT_REFUSED }),
    };
  },
};

interface ReplayArguments {
  readonly id: string;
  readonly textFile: string | null;
  readonly title: string | null;
  readonly model: string | null;
  readonly tolerance: number;
  readonly threads: number;
}

/** @throws USAGE */
function parseArguments({ args, options }: CommandInput, context: WorkflowContext): ReplayArguments {
  const usage = (problem: string): Error =>
    appError('USAGE', {
      where: 'replay',
      problem,
      hint: 'For example: veracity replay ID --text-file article.json',
    });
  const read = (name: string): string | null => (typeof options[name] === 'string' ? options[name] : null);
  const [id, ...more] = args;
  if (id === undefined || more.length > 0)
    throw usage(`expected the id of one prediction, got ${args.length}`);
  const [textFile, title] = [read('textFile'), read('title')];
  if (title !== null && textFile === null) throw usage('expected --text-file beside --title, got none');
  const tolerance = Number(read('tolerance') ?? TOLERANCE);
  if (!(tolerance >= 0 && tolerance <= 1)) throw usage('expected a share from 0 to 1 after --tolerance');
  const threads = read('threads') ?? '0';
  if (!/^\d{1,4}$/.test(threads)) throw usage(`expected a whole number after --threads, got ${threads}`);
  return {
    id,
    textFile,
    title,
    model: read('model'),
    tolerance,
    threads: limitThreads(Number(threads), context.warn),
  };
}

/** The article in --text-file; null without that option. @throws FILE_NOT_FOUND */
function readArticle(
  { textFile, title }: Pick<ReplayArguments, 'textFile' | 'title'>,
  { workingDirectory }: WorkflowContext,
): ArticleText | null {
  if (textFile === null) return null;
  let content: string;
  try {
    content = readFileSync(resolveUserPath(workingDirectory, textFile), 'utf8');
  } catch (error) {
    if (errorCodeOf(error) !== 'ENOENT' && errorCodeOf(error) !== 'EISDIR') throw error;
    throw appError('FILE_NOT_FOUND', { path: textFile, kind: 'file' });
  }
  return title === null ? (parseArticle(content) ?? { title: '', text: content }) : { title, text: content };
}

function parseArticle(content: string): ArticleText | undefined {
  try {
    const { title, text } = JSON.parse(content) as Partial<Record<'title' | 'text', unknown>>;
    return typeof title === 'string' && typeof text === 'string' ? { title, text } : undefined;
  } catch {
    return undefined; // not JSON: plain text
  }
}

function formatDifference(difference: ReplayDifference): string {
  const { before, after } = difference;
  return `${formatSubject(difference)}: ${before ?? 'none'} then, ${after ?? 'none'} now`;
}

function formatSubject(difference: ReplayDifference): string {
  if (difference.kind === 'tokens') return 'tokens read';
  return difference.kind === 'probability' ? `probability of ${difference.className}` : difference.kind;
}

function pickPrediction({
  label,
  probability,
  probabilities,
  abstained,
  modelVersion,
}: Prediction): Prediction {
  return { label, probability, probabilities, abstained, modelVersion };
}

function formatReplay({ receipt, repeated, differences }: ReplayedPrediction): string {
  const { id, createdAt, modelVersion, label, probability } = receipt;
  const { prediction } = repeated;
  const formatLabel = (name: string, share: number): string => `${name} (${(share * 100).toFixed(2)}%)`;
  return [
    `${id} of ${createdAt}`,
    `then: ${formatLabel(label, probability)}, said ${modelVersion}`,
    `now:  ${formatLabel(prediction.label, prediction.probability)}, says ${prediction.modelVersion}`,
    ...(differences.length === 0
      ? ['the same']
      : differences.map((difference) => `different: ${formatDifference(difference)}`)),
  ].join('\n');
}
