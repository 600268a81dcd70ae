// A Classifier whose model, tokenizer and cleaning live in a worker thread: a text of a megabyte or a batch of 256
// keeps the thread, not the caller's event loop, busy. The thread takes one request after the other, so long lists are
// handed over in parts: a single article waits for one part of somebody else's batch, never for all of it.

import type { ArticleText, ModelFolder } from '../../foundation/records/index.ts';
import { WorkerChannel } from '../../foundation/threads/index.ts';
import type { LoadClassifierOptions } from './classifier.ts';
import { CLASSIFIER_WORKER, type ClassifierMethods } from './classifier-contract.ts';
import type { DetailedClassifier, DetailedPrediction } from './detailed-prediction.ts';

const PART_ARTICLES = 32;
/** About 32 articles of a newspaper's length. */
const PART_CHARACTERS = 128_000;

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
    for (const rows of planParts(articles)) {
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
      for (const rows of planParts(articles)) {
        const answers = await channel.call('computeLogits', pickTexts(articles, rows)); // [rows, C]
        rows.forEach((row, position) => {
          logits.set(answers.subarray(position * classes, (position + 1) * classes), row * classes);
        });
      }
      return logits;
    },
    predict: async (articles) => (await predictDetailed(articles)).map((detailed) => detailed.prediction),
    dispose: () => channel.close(),
  };
}

/** Only what the model reads crosses to the thread, whatever else the caller's objects hold. */
function pickTexts(articles: readonly ArticleText[], rows: readonly number[]): ArticleText[] {
  return rows.map((row) => ({ title: articles[row]!.title, text: articles[row]!.text }));
}

/** Indices in parts of like length: what goes through the model together should need little padding. */
function planParts(articles: readonly ArticleText[]): number[][] {
  const lengths = articles.map(({ title, text }) => title.length + text.length);
  const parts: number[][] = [];
  let current: number[] = [];
  let characters = 0;
  for (const row of lengths.map((_, index) => index).sort((a, b) => lengths[a]! - lengths[b]! || a - b)) {
    if (
      current.length > 0 &&
      (current.length === PART_ARTICLES || characters + lengths[row]! > PART_CHARACTERS)
    ) {
      parts.push(current);
      current = [];
      characters = 0;
    }
    current.push(row);
    characters += lengths[row]!;
  }
  if (current.length > 0) parts.push(current);
  return parts;
}
