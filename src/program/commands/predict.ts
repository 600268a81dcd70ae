// veracity predict: predicts one article from the command line, or every article of a file.
import { appError, EXIT_STOPPED, limitThreads, resolveUserPath } from '../../foundation/core/index.ts';
import {
  type ArticleExplanation,
  type ArticleText,
  buildExplanationAnswer,
  buildWarningAnswer,
  formatApart,
  formatSharePercent,
  nameNouns,
} from '../../foundation/records/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import {
  type FilePrediction,
  type PredictArticleRequest,
  type PredictedArticle,
  type PredictFileRequest,
  predictArticle,
  predictFile,
} from '../../workflows/predict/index.ts';
import type { Command, CommandInput, CommandResult } from './command.ts';
import { describeReadingFlags, parseReadingFlags, readingFlags } from './reading-flags.ts';

export const predictCommand: Command = {
  name: 'predict',
  summary: 'predict the class of one article, or of every article of a file',
  argumentsUsage: '',
  options: [
    { flags: '--title <title>', description: 'title of the article' },
    { flags: '--text <text>', description: 'text of the article' },
    {
      flags: '--file <file>',
      description:
        "articles as CSV, JSON Lines, JSON or Parquet, plain or in gzip or zip, with the columns of the model's training file, or title, text and id; - reads standard input",
    },
    {
      flags: '--columns <columns>',
      description: 'columns of --file: title=NAME,text=NAME,id=NAME; names with commas in "quotes"',
    },
    ...describeReadingFlags('--file'),
    {
      flags: '--format <format>',
      description: 'csv or jsonl, if neither the name nor the content tells',
      values: ['csv', 'jsonl'],
    },
    {
      flags: '--out <file>',
      description: 'file for the predictions of --file, one JSON object per line (default: standard output)',
    },
    {
      flags: '--model <model>',
      description: 'NAME, NAME@VERSION, a run id or a model folder (default: production, else the newest)',
    },
    {
      flags: '--explain',
      description: 'show which sentences and words led to the prediction of one article',
    },
    { flags: '--threads <n>', description: 'threads of the model (default 0: one per core)' },
  ],
  examples: [
    'veracity predict --title "Ferry resumes" --text "The ferry sailed on Tuesday."',
    'veracity predict --file articles.csv --out answers.jsonl',
    'veracity predict --file mails.csv --columns title=Betreff,text=Nachricht',
    'cat articles.jsonl | veracity predict --file -',
  ],
  run: async (input, context) => {
    const parsed = parseArguments(input, context);
    return parsed.kind === 'article'
      ? formatPrediction(parsed.request.article, await predictArticle(parsed.request, context))
      : formatFilePrediction(await predictFile(parsed.request, context), context);
  },
};

type PredictArguments =
  | { readonly kind: 'article'; readonly request: PredictArticleRequest }
  | { readonly kind: 'file'; readonly request: PredictFileRequest };

/** @throws USAGE */
function parseArguments({ args, options }: CommandInput, context: WorkflowContext): PredictArguments {
  const read = (name: string): string | null => (typeof options[name] === 'string' ? options[name] : null);
  const [title, text, file, out] = [read('title'), read('text'), read('file'), read('out')];
  if (args.length > 0)
    throw usage(
      `expected options only, got ${args.length} argument(s); put a text of several words in quotes`,
    );
  const threads = read('threads') ?? '0';
  if (!/^\d{1,4}$/.test(threads)) throw usage(`expected a whole number after --threads, got ${threads}`);
  const explain = options.explain === true;
  const model = { model: read('model'), threads: limitThreads(Number(threads), context.warn) };
  if (file !== null) {
    if (title !== null || text !== null) throw usage('expected either one article or --file, got both');
    if (explain) throw usage('expected one article beside --explain, got --file');
    const format = read('format');
    if (format !== null && format !== 'csv' && format !== 'jsonl')
      throw usage(`expected csv or jsonl after --format, got ${format}`);
    const more = { format, reading: parseReadingFlags(read, usage), columns: read('columns') } as const;
    return { kind: 'file', request: { ...model, ...more, ...resolveFiles(file, out, context) } };
  }
  for (const name of ['out', 'columns', 'format', ...readingFlags])
    if (read(name) !== null) throw usage(`expected --file beside --${name}, got none`);
  const article = { title: title ?? '', text: text ?? '' };
  if (`${article.title}${article.text}`.trim() === '') throw usage('expected a title or a text, got none');
  return { kind: 'article', request: { ...model, article, explain } };
}

/** @throws USAGE */
function resolveFiles(
  file: string,
  out: string | null,
  { workingDirectory }: WorkflowContext,
): Pick<PredictFileRequest, 'file' | 'out'> {
  const path = resolveUserPath(workingDirectory, file);
  const source = file === '-' ? { stream: process.stdin } : { path };
  if (out === null || out === '-') return { file: source, out: { stream: process.stdout } };
  const target = resolveUserPath(workingDirectory, out);
  if (target === path && file !== '-') {
    const problem = 'expected --out to be another file than --file, got the same';
    throw appError('USAGE', {
      where: 'predict',
      problem,
      hint: 'Give the predictions a file name of their own.',
    });
  }
  return { file: source, out: { path: target } };
}

function usage(problem: string): Error {
  return appError('USAGE', {
    where: 'predict',
    problem,
    hint: 'Give --title and --text, or --file and --out; see veracity predict --help.',
  });
}

function formatPrediction(
  article: ArticleText,
  { prediction, warnings, explanation, info }: PredictedArticle,
): CommandResult {
  const { label: likeliest, probability, abstained } = prediction;
  const [percent, needed] = formatApart(probability, info.calibration.abstainBelow, formatSharePercent, 1);
  const label = abstained
    ? `not sure (most likely ${likeliest}, ${percent}; needs ${needed})`
    : `${likeliest} (${percent})`;
  const { warnings: sentences, warningFacts } = buildWarningAnswer(warnings, nameNouns(info));
  const lines = [`${label}, predicted by ${prediction.modelVersion}`, ...sentences];
  const json = { ...prediction, warningFacts };
  if (explanation === null) return { json, text: lines.join('\n') };
  lines.push(...formatExplanation(article, explanation));
  return { json: { ...json, explanation: buildExplanationAnswer(explanation) }, text: lines.join('\n') };
}

const SHOWN = 5;

/** The sentences and words with the largest influence, in percentage points of the label's probability. */
function formatExplanation(
  article: ArticleText,
  { label, sentences, words, occlusion }: ArticleExplanation,
): string[] {
  const rank = (parts: readonly ArticleExplanation['sentences'][number][]): string[] =>
    parts
      .filter(({ influence }) => influence !== null)
      .sort((a, b) => Math.abs(b.marginInfluence ?? 0) - Math.abs(a.marginInfluence ?? 0))
      .slice(0, SHOWN)
      .map(({ field, start, end, influence }) => {
        const points = (100 * (influence ?? 0)).toFixed(1);
        return `  ${points.startsWith('-') ? '' : '+'}${points}  ${article[field].slice(start, end).slice(0, 100)}`;
      });
  return [
    `how far the probability of ${label} falls without each sentence, in percentage points:`,
    ...rank(sentences),
    `and without each word (${occlusion.wordsTried} of ${occlusion.wordsTotal} words were tried):`,
    ...rank(words),
  ];
}

/** The summary goes to standard error while the predictions themselves are on standard output. */
function formatFilePrediction(prediction: FilePrediction, { say }: WorkflowContext): CommandResult {
  const { out, predicted, failed, seconds, modelVersion, stopped, columns, columnNotes } = prediction;
  const { fileNotes, readings } = prediction;
  const unread =
    failed > 0 ? `; ${failed} ${failed === 1 ? 'row' : 'rows'} got no prediction: see the error lines` : '';
  const summary = `predicted ${predicted} of ${predicted + failed} articles in ${seconds} s${unread}`;
  if (stopped) say(`${summary}; stopped early; run the same command again to predict the whole file`);
  else if (out === null) say(summary);
  const exit = stopped ? { exitCode: EXIT_STOPPED } : {};
  if (out === null) return { json: undefined, text: '', ...exit };
  return {
    json: {
      predicted,
      failed,
      seconds,
      out,
      modelVersion,
      stopped,
      columns,
      columnNotes,
      fileNotes,
      readings,
    },
    text: `${summary}\n${out}`,
    ...exit,
  };
}
