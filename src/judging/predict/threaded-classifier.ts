// A classifier whose model, tokenizer and cleaning run in a worker thread: a text of a megabyte or a batch of 256 blocks
// that thread, not the caller's event loop. The thread handles one call after the other, so long lists are sent in
// batches: a single article waits for one batch of another caller, never for a whole list.
import type { ArticleText, ModelFolder } from '../../foundation/records/index.ts';
import { WorkerChannel } from '../../foundation/threads/index.ts';
import { assertArticlesHaveText } from './article-refusal.ts';
import type { LoadClassifierOptions } from './classifier.ts';
import { CLASSIFIER_WORKER, type ClassifierMethods } from './classifier-contract.ts';
import type { DetailedClassifier, DetailedPrediction } from './detailed-prediction.ts';

const BATCH_ARTICLES = 32;
/** About 32 articles of a newspaper's length. */
const BATCH_CHARACTERS = 128_000;

/**
 * Starts the thread and loads the model in it.
 * @throws what loadInlineClassifier throws
 */
export async function loadThreadedClassifier(
  folder: string,
  info: ModelFolder,
  options: LoadClassifierOptions,
): Promise<DetailedClassifier> {
  const channel = new WorkerChannel(CLASSIFIER_WORKER);
  try {
    await channel.call('load', { folder, options });
  } catch (error) {
    await channel.close();
    throw error;
  }
  return createThreadedClassifier(channel, info, options.modelVersion ?? info.runId);
}

function createThreadedClassifier(
  channel: WorkerChannel<ClassifierMethods>,
  info: ModelFolder,
  modelVersion: string,
): DetailedClassifier {
  const predictDetailed = async (articles: readonly ArticleText[]): Promise<DetailedPrediction[]> => {
    const predictions: DetailedPrediction[] = new Array(articles.length);
    for (const rows of planThreadBatches(articles)) {
      const answers = await channel.call('predictDetailed', pickTexts(articles, rows));
      rows.forEach((row, position) => {
        predictions[row] = answers[position]!;
      });
    }
    return predictions;
  };
  return {
    info,
    modelVersion,
    predictDetailed,
    computeLogits: async (articles) => {
      const classes = info.classNames.length; // C
      const logits = new Float32Array(articles.length * classes); // [N, C]
      for (const rows of planThreadBatches(articles)) {
        const answers = await channel.call('computeLogits', pickTexts(articles, rows)); // [rows, C]
        rows.forEach((row, position) => {
          logits.set(answers.subarray(position * classes, (position + 1) * classes), row * classes);
        });
      }
      return logits;
    },
    predict: async (articles) => {
      assertArticlesHaveText(articles, info);
      return (await predictDetailed(articles)).map((detailed) => detailed.prediction);
    },
    dispose: () => channel.close(),
  };
}

/** Only title and text cross to the thread, whatever else the caller's objects hold. */
function pickTexts(articles: readonly ArticleText[], rows: readonly number[]): ArticleText[] {
  return rows.map((row) => ({ title: articles[row]!.title, text: articles[row]!.text }));
}

/** Splits indices into batches of articles of similar length, which need little padding. */
function planThreadBatches(articles: readonly ArticleText[]): number[][] {
  const lengths = articles.map(({ title, text }) => title.length + text.length);
  const batches: number[][] = [];
  let current: number[] = [];
  let characters = 0;
  for (const row of lengths.map((_, index) => index).sort((a, b) => lengths[a]! - lengths[b]! || a - b)) {
    if (
      current.length > 0 &&
      (current.length === BATCH_ARTICLES || characters + lengths[row]! > BATCH_CHARACTERS)
    ) {
      batches.push(current);
      current = [];
      characters = 0;
    }
    current.push(row);
    characters += lengths[row]!;
  }
  if (current.length > 0) batches.push(current);
  return batches;
}
