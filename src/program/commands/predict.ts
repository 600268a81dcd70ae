// veracity predict: one article from the command line, or a file of them as a stream, answers in the file's order.
import { createWriteStream, existsSync, statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { appError, asDiskError, EXIT_STOPPED } from '../../foundation/core/index.ts';
import type { ArticleText, Explanation } from '../../foundation/records/index.ts';
import type { DetailedClassifier } from '../../judging/predict/index.ts';
import {
  type ArticleRow,
  loadClassifier,
  predictStream,
  type RowAnswer,
} from '../../judging/predict/index.ts';
import { ARTICLE_COLUMNS, formatOfFile, readArticleRow, readRawRows } from '../../learning/data/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import { locateModel } from '../../workflows/locate-model/index.ts';
import type { Command, CommandInput, CommandResult } from './command.ts';

export const predict: Command = {
  name: 'predict',
  summary: 'judge one article, or a file of them',
  argumentsUsage: '',
  options: [
    { flags: '--title <title>', description: 'title of the article' },
    { flags: '--text <text>', description: 'text of the article' },
    {
      flags: '--file <file>',
      description: 'articles as CSV or JSON Lines with the columns title and text, and id if there is one',
    },
    {
      flags: '--out <file>',
      description: 'where the answers to --file go, one JSON object a line (default: standard output)',
    },
    {
      flags: '--model <model>',
      description: 'NAME, NAME@VERSION, a run id or a model folder (default: production, else the newest)',
    },
    { flags: '--explain', description: 'say which sentences and words the answer to one article rests on' },
    { flags: '--threads <n>', description: 'threads of the model (default 0: as many as cores)' },
  ],
  examples: [
    'veracity predict --title "Ferry resumes" --text "The ferry sailed on Tuesday."',
    'veracity predict --file articles.csv --out answers.jsonl',
  ],
  run: async (input, context) => {
    const request = parseRequest(input);
    const model = await locateModel(request.model, context);
    const classifier = await loadClassifier(model.folder, {
      threads: request.threads,
      ...(model.modelVersion === undefined ? {} : { modelVersion: model.modelVersion }),
    });
    try {
      return request.file === null
        ? await predictOne(request, classifier, model.folder)
        : await predictFile(request.file, request.out, classifier, context);
    } finally {
      await classifier.dispose();
    }
  },
};

interface PredictRequest {
  readonly title: string;
  readonly text: string;
  readonly file: string | null;
  readonly out: string | null;
  readonly model: string | null;
  readonly threads: number;
  readonly explain: boolean;
}

/** @throws USAGE */
function parseRequest({ args, options }: CommandInput): PredictRequest {
  const usage = (problem: string): Error =>
    appError('USAGE', {
      where: 'predict',
      problem,
      hint: 'Give --title and --text, or --file and --out; see veracity predict --help.',
    });
  const read = (name: string): string | null => (typeof options[name] === 'string' ? options[name] : null);
  const [title, text, file, out] = [read('title'), read('text'), read('file'), read('out')];
  if (args.length > 0)
    throw usage(
      `expected options only, got ${args.length} argument(s); put a text of several words in quotes`,
    );
  if (file !== null && (title !== null || text !== null))
    throw usage('expected either one article or --file, got both');
  if (file === null && out !== null) throw usage('expected --file beside --out, got none');
  if (file === null && `${title ?? ''}${text ?? ''}`.trim() === '')
    throw usage('expected a title or a text, got none');
  const explain = options.explain === true;
  if (explain && file !== null) throw usage('expected one article beside --explain, got --file');
  const threads = read('threads') ?? '0';
  if (!/^\d{1,4}$/.test(threads)) throw usage(`expected a whole number after --threads, got ${threads}`);
  return {
    title: title ?? '',
    text: text ?? '',
    file,
    out,
    model: read('model'),
    threads: Number(threads),
    explain,
  };
}

async function predictOne(
  request: PredictRequest,
  classifier: DetailedClassifier,
  folder: string,
): Promise<CommandResult> {
  const article = { title: request.title, text: request.text };
  const [judgement] = await classifier.predictDetailed([article]);
  const { prediction, warnings } = judgement!;
  const percent = `${(prediction.probability * 100).toFixed(1)}%`;
  const verdict = prediction.abstained
    ? `not sure (most likely ${prediction.label}, ${percent})`
    : `${prediction.label} (${percent})`;
  const lines = [`${verdict}, says ${prediction.modelVersion}`, ...warnings];
  if (!request.explain) return { json: prediction, text: lines.join('\n') };
  const { loadExplainer } = await import('../../judging/explain/index.ts');
  const explainer = await loadExplainer(folder, { threads: request.threads });
  try {
    const explanation = await explainer.explain(article);
    lines.push(...formatExplanation(article, explanation));
    return { json: { ...prediction, explanation }, text: lines.join('\n') };
  } finally {
    await explainer.dispose();
  }
}

const SHOWN = 5;

/** The parts that count most, in points of the label's probability. */
function formatExplanation(
  article: ArticleText,
  { label, sentences, words, occlusion }: Explanation,
): string[] {
  const rank = (parts: readonly Explanation['sentences'][number][]): string[] =>
    parts
      .filter(({ influence }) => influence !== null)
      .sort((a, b) => Math.abs(b.marginInfluence ?? 0) - Math.abs(a.marginInfluence ?? 0))
      .slice(0, SHOWN)
      .map(({ field, start, end, influence }) => {
        const points = (100 * (influence ?? 0)).toFixed(1);
        return `  ${points.startsWith('-') ? '' : '+'}${points}  ${article[field].slice(start, end).slice(0, 100)}`;
      });
  return [
    `points of ${label} that go without the sentence:`,
    ...rank(sentences),
    `and without the word (${occlusion.wordsTried} of ${occlusion.wordsTotal} were left out one by one):`,
    ...rank(words),
  ];
}

/**
 * Streams answers; a half-written answer file never bears the wanted name.
 * @throws USAGE, FILE_NOT_FOUND, DATA_FILE_INVALID, DISK_FULL
 */
async function predictFile(
  file: string,
  out: string | null,
  classifier: DetailedClassifier,
  context: WorkflowContext,
): Promise<CommandResult> {
  const startMs = context.clock.monotonicMs();
  const path = resolve(context.workingDirectory, file);
  if (!existsSync(path) || !statSync(path).isFile())
    throw appError('FILE_NOT_FOUND', { path: file, kind: 'file' });
  const target = out === null ? null : resolve(context.workingDirectory, out);
  if (target === path) {
    const problem = 'expected --out to be another file than --file, got the same';
    throw appError('USAGE', { where: 'predict', problem, hint: 'Give the answers a name of their own.' });
  }
  const partial = target === null ? null : `${target}.partial`;
  const bar = context.progress('predict', statSync(path).size, 'bytes');
  const counts = { predicted: 0, failed: 0 };
  const rows = readArticleRows(path, context.signal, (bytes) =>
    bar.update(bytes, `${counts.predicted} articles`),
  );
  const lines = formatLines(predictStream(rows, classifier), counts);
  try {
    if (partial === null) await pipeline(Readable.from(lines), process.stdout, { end: false });
    else await pipeline(Readable.from(lines), createWriteStream(partial));
  } catch (error) {
    throw asDiskError(error, out ?? 'standard output');
  } finally {
    bar.stop();
  }
  const seconds = Math.round((context.clock.monotonicMs() - startMs) / 10) / 100;
  const stopped = context.signal.aborted;
  if (target !== null && partial !== null && !stopped) await rename(partial, target);
  const where = stopped ? partial : target;
  const total = counts.predicted + counts.failed;
  const summary = `judged ${counts.predicted} of ${total} articles in ${seconds} s${counts.failed > 0 ? `; ${counts.failed} rows could not be read: see their error lines` : ''}`;
  if (stopped) context.say(`${summary}; stopped early: run the same command again to judge the whole file`);
  const exit = stopped ? { exitCode: EXIT_STOPPED } : {};
  if (where === null) {
    if (!stopped) context.say(summary);
    return { json: undefined, text: '', ...exit };
  }
  return {
    json: { ...counts, seconds, out: where, modelVersion: classifier.modelVersion, stopped },
    text: `${summary}\n${where}`,
    ...exit,
  };
}

async function* readArticleRows(
  path: string,
  signal: AbortSignal,
  onBytes: (bytesRead: number) => void,
): AsyncGenerator<ArticleRow> {
  const name = basename(path);
  const format = formatOfFile(path);
  const columns = ARTICLE_COLUMNS;
  for await (const { rows, bytesRead } of readRawRows({ path, format, columns })) {
    for (const row of rows) {
      if (signal.aborted) return;
      yield readArticleRow(name, format, row);
    }
    onBytes(bytesRead);
  }
}

async function* formatLines(
  answers: AsyncIterable<RowAnswer>,
  counts: { predicted: number; failed: number },
): AsyncGenerator<string> {
  for await (const answer of answers) {
    if ('error' in answer) counts.failed++;
    else counts.predicted++;
    yield `${JSON.stringify(answer)}\n`;
  }
}
