import { describe, expect, it } from 'vitest';
import { evaluationReportSchema } from '../../foundation/records/evaluation.ts';
import { modelFolderRecord } from '../../foundation/records/model-folder.ts';
import type { Classifier } from '../predict/classifier.ts';
import { evaluateClassifier, type LabelledArticle } from './classifier-evaluation.ts';
import { type EvaluationInput, evaluateLogits } from './evaluation.ts';

const clock = { nowIso: () => '2026-01-02T00:00:00.000Z', monotonicMs: () => 0 };
const common = {
  collection: 'sample (test split)',
  outOfSource: false,
  synthetic: true,
  parents: ['compact@1', 'ds-0123456789ab'],
  bootstrap: 50,
  seed: 1,
  clock,
};

function evaluate(changes: Partial<EvaluationInput> = {}) {
  return evaluateLogits({
    ...common,
    logits: Float32Array.of(4, 0, 0, 4, 1, 0, 0, 1),
    labels: Int32Array.of(0, 1, 1, 1),
    sources: ['a', 'b', 'b', null],
    classNames: ['FAKE', 'REAL'],
    calibration: { temperature: 1, abstainBelow: 0 },
    ...changes,
  });
}

describe('evaluateLogits', () => {
  it('gives a valid report with all its parts', () => {
    const report = evaluationReportSchema.parse(evaluate());
    expect(report).toMatchObject({
      n: 4,
      testSet: 'ds-0123456789ab/test',
      confusion: [
        [1, 0],
        [1, 2],
      ],
      metrics: { accuracy: 0.75 },
      seenInTraining: null,
    });
    expect(report.reliability).toHaveLength(15);
    expect(report.roc).toMatchObject([{ positive: 'REAL' }]);
  });

  it('reports each source, the largest first, without articles that have none', () => {
    expect(evaluate().perSource).toEqual([
      { source: 'b', n: 2, accuracy: 0.5, macroF1: expect.closeTo(1 / 3, 12) },
      { source: 'a', n: 1, accuracy: 1, macroF1: 1 },
    ]);
  });

  it('counts only predictions at or above the abstention threshold', () => {
    const { abstention } = evaluate({ calibration: { temperature: 1, abstainBelow: 0.9 } });
    expect(abstention).toEqual({ threshold: 0.9, answered: 0.5, accuracyAnswered: 1 });
    const none = evaluate({ calibration: { temperature: 1, abstainBelow: 0.999 } });
    expect(none.abstention).toMatchObject({ answered: 0, accuracyAnswered: null });
  });

  it('evaluates calibrated probabilities', () => {
    const cooled = evaluate({ calibration: { temperature: 4, abstainBelow: 0 } });
    expect(cooled.metrics.accuracy).toBe(0.75);
    expect(cooled.metrics.ece).not.toBeCloseTo(evaluate().metrics.ece, 3);
  });

  it('reports a collection of one class only', () => {
    const report = evaluationReportSchema.parse(evaluate({ labels: Int32Array.of(1, 1, 1, 1) }));
    expect(report).toMatchObject({
      metrics: { rocAuc: null },
      intervals: { rocAuc: null },
      roc: [{ points: [] }],
    });
  });

  it('refuses an empty collection', () => {
    expect(() =>
      evaluate({ logits: new Float32Array(), labels: new Int32Array(), sources: [] }),
    ).toThrowError(expect.objectContaining({ code: 'EVALUATION_EMPTY' }));
  });
});

/** Answers REAL to titles that begin with "r", FAKE to others; remembers how many it was asked at once. */
function createFakeClassifier(): Classifier & { calls: number[] } {
  const calls: number[] = [];
  return {
    calls,
    info: modelFolderRecord.example,
    modelVersion: 'compact@1',
    computeLogits: async (articles) => {
      calls.push(articles.length);
      return Float32Array.from(articles.flatMap(({ title }) => (title.startsWith('r') ? [0, 2] : [2, 0])));
    },
    predict: async () => [],
    dispose: async () => {},
  };
}

async function* listArticles(n: number): AsyncGenerator<LabelledArticle> {
  for (let i = 0; i < n; i++) {
    yield { title: `${i % 2 === 0 ? 'f' : 'r'}${i}`, text: '', label: i % 2, source: null, group: `g${i}` };
  }
}

describe('evaluateClassifier', () => {
  it('predicts all articles in order, some at a time', async () => {
    const classifier = createFakeClassifier();
    const done: number[] = [];
    const report = await evaluateClassifier(classifier, listArticles(150), {
      ...common,
      onProgress: (articles) => done.push(articles),
    });
    expect(report).toMatchObject({ n: 150, metrics: { accuracy: 1 } });
    expect(classifier.calls.reduce((sum, count) => sum + count, 0)).toBe(150);
    expect(classifier.calls.length).toBeGreaterThan(1);
    expect(done.at(-1)).toBe(150);
  });

  it('counts the articles that the model was trained on only if a training index is given', async () => {
    const wasInTraining = (article: LabelledArticle): boolean => article.title === 'f0';
    const look = await evaluateClassifier(createFakeClassifier(), listArticles(4), {
      ...common,
      wasInTraining,
    });
    expect(look.seenInTraining).toBe(1);
    const blind = await evaluateClassifier(createFakeClassifier(), listArticles(4), common);
    expect(blind.seenInTraining).toBeNull();
  });

  it('stops between calls when asked to', async () => {
    const controller = new AbortController();
    const classifier = createFakeClassifier();
    const stopped = evaluateClassifier(classifier, listArticles(500), {
      ...common,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('stop')),
    });
    await expect(stopped).rejects.toThrow('stop');
    expect(classifier.calls).toHaveLength(1);
  });

  it('refuses a collection without articles', async () => {
    await expect(evaluateClassifier(createFakeClassifier(), listArticles(0), common)).rejects.toMatchObject({
      code: 'EVALUATION_EMPTY',
    });
  });
});
