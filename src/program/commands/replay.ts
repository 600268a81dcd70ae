// veracity replay: the article of an answer judged again by the version that answered, and the two answers compared.
// Exit 0 when they are the same, 1 when they differ.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { appError, errorCodeOf } from '../../foundation/core/index.ts';
import type { ArticleText, PredictionReceipt } from '../../foundation/records/index.ts';
import type { DetailedPrediction } from '../../judging/predict/index.ts';
import { loadClassifier } from '../../judging/predict/index.ts';
import { findReceipt } from '../../keeping/journal/index.ts';
import { hashContent } from '../../serving/routes/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import { locateModel } from '../../workflows/locate-model/index.ts';
import type { Command, CommandInput } from './command.ts';

const EXIT_DIFFERENT = 1;
/** Other threads, and other articles in the same batch, add float32 in another order. */
const TOLERANCE = '1e-3';

export const replay: Command = {
  name: 'replay',
  summary: 'judge the article of an answer again, and compare',
  argumentsUsage: '<id>',
  options: [
    {
      flags: '--text-file <file>',
      description: 'the article, where it was not kept: JSON with title and text, or a text (see --title)',
    },
    { flags: '--title <title>', description: 'title of the article in --text-file' },
    { flags: '--tolerance <share>', description: `how far probabilities may differ (default ${TOLERANCE})` },
    { flags: '--model <model>', description: 'another version than the one that answered' },
    { flags: '--threads <n>', description: 'threads of the model (default 0: as many as cores)' },
  ],
  examples: ['veracity replay 0mjv6k2g0abcdefghijklmnop', 'veracity replay ID --text-file article.json'],
  run: async (input, context) => {
    const request = parseRequest(input);
    const receipt = await findReceipt(context.home.predictions, request.id);
    if (receipt === undefined) throw appError('PREDICTION_NOT_FOUND', { kept: true });
    const article = readArticle(request, receipt, context);
    const got = hashContent(article);
    if (got !== receipt.contentSha256)
      throw appError('REPLAY_TEXT_DIFFERS', { id: receipt.id, expected: receipt.contentSha256, got });
    const model = await locateModel(request.model ?? receipt.modelVersion, context);
    const classifier = await loadClassifier(model.folder, {
      threads: request.threads,
      inline: true,
      ...(model.modelVersion === undefined ? {} : { modelVersion: model.modelVersion }),
    });
    try {
      const [judgement] = await classifier.predictDetailed([article]);
      const differences = compareAnswers(receipt, judgement!, request.tolerance);
      if (classifier.info.runId !== receipt.runId)
        differences.unshift(`run: ${receipt.runId} then, ${classifier.info.runId} now`);
      return {
        json: {
          id: receipt.id,
          same: differences.length === 0,
          differences,
          before: pickAnswer(receipt),
          after: pickAnswer(judgement!.prediction),
        },
        text: formatOutcome(receipt, judgement!, differences),
        ...(differences.length === 0 ? {} : { exitCode: EXIT_DIFFERENT }),
      };
    } finally {
      await classifier.dispose();
    }
  },
};

interface ReplayRequest {
  readonly id: string;
  readonly textFile: string | null;
  readonly title: string | null;
  readonly model: string | null;
  readonly tolerance: number;
  readonly threads: number;
}

/** @throws USAGE */
function parseRequest({ args, options }: CommandInput): ReplayRequest {
  const usage = (problem: string): Error =>
    appError('USAGE', {
      where: 'replay',
      problem,
      hint: 'For example: veracity replay ID --text-file article.json',
    });
  const read = (name: string): string | null => (typeof options[name] === 'string' ? options[name] : null);
  const [id, ...more] = args;
  if (id === undefined || more.length > 0) throw usage(`expected the id of one answer, got ${args.length}`);
  const [textFile, title] = [read('textFile'), read('title')];
  if (title !== null && textFile === null) throw usage('expected --text-file beside --title, got none');
  const tolerance = Number(read('tolerance') ?? TOLERANCE);
  if (!(tolerance >= 0 && tolerance <= 1)) throw usage('expected a share from 0 to 1 after --tolerance');
  const threads = read('threads') ?? '0';
  if (!/^\d{1,4}$/.test(threads)) throw usage(`expected a whole number after --threads, got ${threads}`);
  return { id, textFile, title, model: read('model'), tolerance, threads: Number(threads) };
}

/** @throws REPLAY_TEXT_MISSING, FILE_NOT_FOUND */
function readArticle(
  { textFile, title }: ReplayRequest,
  { id, article }: PredictionReceipt,
  { workingDirectory }: WorkflowContext,
): ArticleText {
  if (textFile === null) {
    if (article === undefined) throw appError('REPLAY_TEXT_MISSING', { id });
    return article;
  }
  let content: string;
  try {
    content = readFileSync(resolve(workingDirectory, textFile), 'utf8');
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
    return undefined; // a text, then
  }
}

/** What differs, in words; empty when nothing does. */
export function compareAnswers(
  then: Pick<PredictionReceipt, 'label' | 'probabilities' | 'abstained' | 'tokens'>,
  now: Pick<DetailedPrediction, 'prediction' | 'tokens'>,
  tolerance: number,
): string[] {
  const differences: string[] = [];
  const { prediction } = now;
  if (then.label !== prediction.label) differences.push(`label: ${then.label} then, ${prediction.label} now`);
  if (then.tokens !== now.tokens) differences.push(`tokens read: ${then.tokens} then, ${now.tokens} now`);
  let near = true;
  for (const name of new Set([
    ...Object.keys(then.probabilities),
    ...Object.keys(prediction.probabilities),
  ])) {
    const [before, after] = [then.probabilities[name], prediction.probabilities[name]];
    if (before !== undefined && after !== undefined && Math.abs(before - after) <= tolerance) continue;
    near = false;
    differences.push(`probability of ${name}: ${before ?? 'none'} then, ${after ?? 'none'} now`);
  }
  // within the tolerance a probability may fall on either side of the threshold
  if (then.abstained !== prediction.abstained && !near)
    differences.push(`abstained: ${then.abstained} then, ${prediction.abstained} now`);
  return differences;
}

function pickAnswer({
  label,
  probability,
  probabilities,
  abstained,
  modelVersion,
}: DetailedPrediction['prediction']): DetailedPrediction['prediction'] {
  return { label, probability, probabilities, abstained, modelVersion };
}

function formatOutcome(
  { id, createdAt, modelVersion, label, probability }: PredictionReceipt,
  { prediction }: DetailedPrediction,
  differences: readonly string[],
): string {
  const describe = (name: string, share: number): string => `${name} (${(share * 100).toFixed(2)}%)`;
  return [
    `${id} of ${createdAt}`,
    `then: ${describe(label, probability)}, said ${modelVersion}`,
    `now:  ${describe(prediction.label, prediction.probability)}, says ${prediction.modelVersion}`,
    ...(differences.length === 0 ? ['the same'] : differences.map((line) => `different: ${line}`)),
  ].join('\n');
}
