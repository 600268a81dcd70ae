// Tests that explanations name what influenced the model, on models trained on the sample: if the sentences and words that
// an explanation names first are removed, the label's probability must change more than if as many others are removed. Also
// tests the warnings with real training data: articles in other languages get one, the collection's own articles hardly ever.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/core/clock.ts';
import { createRandom } from '../../src/foundation/core/random.ts';
import type { ArticleText } from '../../src/foundation/records/article.ts';
import type { ArticleExplanation } from '../../src/foundation/records/explanation.ts';
import { locateHome } from '../../src/foundation/records/home.ts';
import { modelFolderRecord } from '../../src/foundation/records/model-folder.ts';
import { loadRecord, saveRecord } from '../../src/foundation/records/record.ts';
import { type Explainer, loadExplainer } from '../../src/judging/explain/explainer.ts';
import type { DetailedClassifier } from '../../src/judging/predict/detailed-prediction.ts';
import { loadClassifier } from '../../src/judging/predict/load-classifier.ts';
import { compressFolder } from '../../src/learning/compress/compress-folder.ts';
import { createStores } from '../../src/workflows/context/stores.ts';
import { train } from '../../src/workflows/train/library.ts';
import { repositoryRoot } from '../architecture/source-imports.ts';

const ARTICLES = 16;
const WORDS = 5;

/** The article without the spans; the white space around them stays, as if a person had deleted them. */
function leaveOut(article: ArticleText, spans: readonly ArticleExplanation['unread'][number][]): ArticleText {
  const cut = { ...article };
  for (const { field, start, end } of [...spans].sort((a, b) => b.start - a.start))
    cut[field] = `${cut[field].slice(0, start)}${cut[field].slice(end)}`;
  return cut;
}

const COMPACT = [
  'model=compact',
  'model.layers=2',
  'model.width=128',
  'model.heads=2',
  'model.feed_forward=128',
  'train.epochs=4',
];

const home = mkdtempSync(join(tmpdir(), 'veracity-faithful-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const trainings = new Map<readonly string[], ReturnType<typeof train>>();
/** Trains each model once for all of its precisions. */
function trainOnce(overrides: readonly string[]): ReturnType<typeof train> {
  const common = ['register_index=true', 'threads=1', 'evaluate.bootstrap=10', 'evaluate.collections=[]'];
  const training = trainings.get(overrides) ?? train([...overrides, ...common], { home });
  trainings.set(overrides, training);
  return training;
}

describe.each([
  ['linear', 'fp32', ['model=linear']],
  ['compact', 'fp32', COMPACT],
  ['compact', 'int8', COMPACT],
] as const)('explanations of model=%s in %s, trained on the sample', (_, precision, overrides) => {
  let explainer: Explainer;
  let classifier: DetailedClassifier;
  let articles: ArticleText[] = [];
  const explanations: ArticleExplanation[] = [];
  beforeAll(async () => {
    const outcome = await trainOnce(overrides);
    if (outcome.status !== 'finished') throw new Error('the training was stopped');
    const { path: trained, datasetVersion } = outcome.result;
    const path = precision === 'fp32' ? trained : join(home, precision);
    if (precision !== 'fp32') {
      const info = loadRecord(modelFolderRecord, join(trained, 'veracity.json'));
      mkdirSync(path);
      compressFolder(trained, info, path, { precision, heads: null });
      cpSync(join(trained, 'similar'), join(path, 'similar'), { recursive: true });
      saveRecord(modelFolderRecord, join(path, 'veracity.json'), { ...info, precision });
    }
    explainer = await loadExplainer(path, { threads: 1 });
    classifier = await loadClassifier(path, { threads: 1, inline: true });
    const { datasets } = createStores(locateHome(home), systemClock);
    for await (const article of datasets.readSplit(await datasets.load(datasetVersion), 'test'))
      articles.push(article);
    articles = articles.slice(0, ARTICLES);
    for (const article of articles) explanations.push(await explainer.explain(article));
  });
  afterAll(async () => {
    await explainer?.dispose();
    await classifier?.dispose();
  });

  /** Mean fall of the label's probability when the chosen spans of each article are left out. */
  async function measureFall(
    choose: (
      explanation: ArticleExplanation,
      article: number,
    ) => readonly ArticleExplanation['unread'][number][],
  ): Promise<number> {
    const cut = articles.map((article, i) => leaveOut(article, choose(explanations[i]!, i)));
    const predictions = await classifier.predict(cut);
    const falls = predictions.map(
      ({ probabilities }, i) => explanations[i]!.probability - probabilities[explanations[i]!.label]!,
    );
    return falls.reduce((sum, fall) => sum + fall, 0) / falls.length;
  }
  const pickTop =
    (part: 'sentences' | 'words', by: 'marginInfluence' | 'gradient', count: number) =>
    (found: ArticleExplanation) =>
      [...found[part]].sort((a, b) => (b[by] ?? -1e9) - (a[by] ?? -1e9)).slice(0, count);
  const pickRandom =
    (part: 'sentences' | 'words', count: number, seed: number) => (found: ArticleExplanation, i: number) =>
      createRandom(seed, part, i)
        .shuffle([...found[part]])
        .slice(0, count);

  test.each([
    ['sentences', 'marginInfluence', 1],
    ['words', 'marginInfluence', WORDS],
    ['words', 'gradient', WORDS],
    ['sentences', 'gradient', 1],
  ] as const)(
    'leaving out the %s with the largest %s moves the probability more than random ones',
    async (part, by, count) => {
      const top = await measureFall(pickTop(part, by, count));
      const random: number[] = [];
      for (let seed = 1; seed <= 3; seed++) random.push(await measureFall(pickRandom(part, count, seed)));
      const mean = random.reduce((sum, fall) => sum + fall, 0) / random.length;
      console.log(
        `${part} by ${by}: ${top.toFixed(4)}; at random ${random.map((fall) => fall.toFixed(4)).join(', ')}`,
      );
      expect(top).toBeGreaterThan(mean);
      expect(top).toBeGreaterThan(Math.max(...random));
    },
  );

  test('gradients sum to the margin except for the stated gap', () => {
    for (const { gradients, words } of explanations) {
      const sum = words.reduce((total, { gradient }) => total + gradient!, 0);
      const difference = gradients!.margin - gradients!.baselineMargin;
      expect(Math.abs(difference - sum)).toBeLessThan(0.02 * Math.max(1, Math.abs(difference)));
    }
  });

  test('gradients explain the prediction within the error of rounded activations', () => {
    const gaps = explanations.map(({ margin, probability, gradients }) => ({
      margin: Math.abs(gradients!.margin - margin),
      probability: Math.abs(1 / (1 + Math.exp(-gradients!.margin)) - probability),
    }));
    const most = (part: 'margin' | 'probability'): number => Math.max(...gaps.map((gap) => gap[part]));
    console.log(`gradients beside the answer: margin ${most('margin')}, probability ${most('probability')}`);
    expect(most('margin')).toBeLessThan(precision === 'int8' ? 0.15 : 1e-4);
    expect(most('probability')).toBeLessThan(precision === 'int8' ? 0.02 : 1e-5);
  });

  test('a training article is the nearest to itself', async () => {
    const lines = readFileSync(join(repositoryRoot, 'sample/articles.jsonl'), 'utf8').trim().split('\n');
    const sample = lines.map((line) => JSON.parse(line) as ArticleText);
    let [found, asked] = [0, 0];
    for (const article of sample.slice(0, 20)) {
      const similar = await explainer.findSimilar(article, 1);
      // some of them are validation or test articles
      asked++;
      if (similar![0]!.similarity > 0.98) found++;
    }
    console.log(`${found} of ${asked} sample articles have a training article at 0.98 or nearer`);
    expect(found / asked).toBeGreaterThan(0.5);
  });

  test('warns of another language and hardly ever of the test articles', async () => {
    const own = await classifier.predictDetailed(articles);
    const warned = own.filter(({ warnings }) =>
      warnings.some(({ code }) => code === 'OUT_OF_DISTRIBUTION_LETTERS'),
    );
    expect(warned.length).toBeLessThanOrEqual(1);
    const foreign = {
      title: 'Das Hafenamt meldet',
      text: 'Das Hafenamt teilte am Dienstag mit, dass die F\u00e4hre nach der Reparatur ihrer Maschine wieder fahren werde und dass bereits gekaufte Fahrkarten sp\u00e4ter im Monat g\u00fcltig bleiben. Verletzt wurde niemand.',
    };
    const [judgement] = await classifier.predictDetailed([foreign]);
    expect(judgement!.warnings).toContainEqual(
      expect.objectContaining({ code: 'OUT_OF_DISTRIBUTION_LETTERS' }),
    );
    console.log(judgement!.warnings);
  });
});
