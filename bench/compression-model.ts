// One compressed model under measurement: its size, its predictions for the test articles, and their speed.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../src/foundation/core/clock.ts';
import type { DatasetArticle } from '../src/foundation/records/article.ts';
import { evaluateLogits } from '../src/judging/evaluate/index.ts';
import type { DetailedClassifier } from '../src/judging/predict/detailed-prediction.ts';
import { loadClassifier } from '../src/judging/predict/load-classifier.ts';
import { compareLogits } from '../src/learning/compress/agreement.ts';
import { medianOf, runInTurn, THREADS, timeMs } from './sides.ts';

export interface CompressedModel {
  readonly name: string;
  readonly folder: string;
  readonly classifier: DetailedClassifier;
  readonly loadMs: number;
}

export interface MeasuredModel {
  readonly name: string;
  /** Size of onnx/model.onnx, the file that predicts. */
  readonly sizeBytes: number;
  readonly accuracy: number;
  readonly interval: readonly [number, number];
  readonly ece: number;
  /** Share of the articles that get the same label from the first model. */
  readonly agreement: number;
  /** By round: median milliseconds for one article alone. */
  readonly latencies: readonly number[];
  /** By round: articles a second, with many at once. */
  readonly rates: readonly number[];
  readonly loadMs: number;
}

const ROUNDS = 3;
const SINGLE_ARTICLES = 20;
const BATCHED_ARTICLES = 64;
const RESAMPLES = 2000;

export async function openModel(name: string, folder: string): Promise<CompressedModel> {
  const startMs = performance.now();
  const classifier = await loadClassifier(folder, { threads: THREADS, inline: true });
  return { name, folder, classifier, loadMs: performance.now() - startMs };
}

/** Measures the models in turn, on the same articles; the first is the original. */
export async function measureModels(
  models: readonly CompressedModel[],
  articles: readonly DatasetArticle[],
): Promise<MeasuredModel[]> {
  const logits: Float32Array[] = [];
  for (const { classifier } of models) logits.push(await classifier.computeLogits(articles));
  const latencies = await runInTurn(
    Object.fromEntries(
      models.map(({ name, classifier }) => [name, () => measureAlone(classifier, articles)]),
    ),
    { rounds: ROUNDS },
  );
  const many = articles.slice(0, BATCHED_ARTICLES);
  const rates = await runInTurn(
    Object.fromEntries(
      models.map(({ name, classifier }) => [
        name,
        async () => (1000 * many.length) / (await timeMs(() => classifier.computeLogits(many))),
      ]),
    ),
    { rounds: ROUNDS },
  );
  return models.map(({ name, folder, classifier, loadMs }, i) => {
    const { info } = classifier;
    const report = evaluateLogits({
      logits: logits[i]!,
      labels: Int32Array.from(articles, ({ label }) => label),
      sources: articles.map(({ source }) => source),
      groups: articles.map(({ group }) => group),
      classNames: info.classNames,
      calibration: info.calibration,
      collection: 'test split',
      outOfSource: false,
      synthetic: info.synthetic,
      parents: [info.runId, info.datasetVersion],
      bootstrap: RESAMPLES,
      seed: 0,
      clock: systemClock,
    });
    return {
      name,
      sizeBytes: statSync(join(folder, 'onnx', 'model.onnx')).size,
      accuracy: report.metrics.accuracy,
      interval: report.intervals.accuracy,
      ece: report.metrics.ece,
      agreement: compareLogits(logits[0]!, logits[i]!, info.classNames.length).agreement,
      latencies: latencies[name]!,
      rates: rates[name]!,
      loadMs,
    };
  });
}

/** Median milliseconds for one article, including cleaning and tokenizing. */
async function measureAlone(
  classifier: DetailedClassifier,
  articles: readonly DatasetArticle[],
): Promise<number> {
  const times: number[] = [];
  for (const article of articles.slice(0, SINGLE_ARTICLES))
    times.push(await timeMs(() => classifier.computeLogits([article])));
  return medianOf(times);
}
