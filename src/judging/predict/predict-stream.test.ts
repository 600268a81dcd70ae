import { describe, expect, test } from 'vitest';
import { appError } from '../../foundation/core/errors.ts';
import { modelFolderRecord } from '../../foundation/records/model-folder.ts';
import type { DetailedPrediction } from './detailed-prediction.ts';
import { type ArticleRow, predictStream } from './predict-stream.ts';

const prediction = (label: string) => ({
  label,
  probability: 1,
  probabilities: {},
  abstained: false,
  modelVersion: 'm@1',
});
const predict = (label: string): DetailedPrediction => ({
  prediction: prediction(label),
  measures: { tokens: 3, articleTokens: 3, truncated: false, letterScore: null, distance: null },
  warnings: [{ code: 'ARTICLE_SHORT', tokens: 3, usualTokens: 9, unit: 'tokens' }],
});
const answer = (label: string) => ({ prediction: prediction(label), warnings: predict(label).warnings });

async function collect(rows: Iterable<ArticleRow>, chunkRows: number) {
  const sizes: number[] = [];
  const classifier = {
    info,
    predictDetailed: async (articles: readonly { title: string }[]) => {
      sizes.push(articles.length);
      // later chunks answer sooner
      for (let turn = 0; turn < 20 / sizes.length; turn++) await new Promise(setImmediate);
      return articles.map((article) => predict(article.title));
    },
  };
  const answers = [];
  for await (const row of predictStream(rows, classifier, chunkRows)) answers.push(row);
  return { answers, sizes };
}

/** A model that learned from single words. */
const info = { ...modelFolderRecord.example, usualTokens: { low: 3, high: 9 } };

const rowsOf = (count: number): ArticleRow[] =>
  Array.from({ length: count }, (_, index) => ({
    line: index + 2,
    id: `r${index}`,
    article: { title: `t${index}`, text: '' },
  }));

describe('predictStream', () => {
  test('keeps the order of the rows', async () => {
    const { answers, sizes } = await collect(rowsOf(23), 5);
    expect(answers).toEqual(rowsOf(23).map(({ line, id }, index) => ({ line, id, ...answer(`t${index}`) })));
    expect(sizes).toEqual([5, 5, 5, 5, 3]);
  });

  test('puts an error in the place of a row that could not be read', async () => {
    const bad = appError('ARTICLE_ROW_INVALID', { where: 'in.csv:3', expected: 'a text', got: 'none' });
    const rows = rowsOf(3);
    rows[1] = { line: 3, article: bad, row: { label: 'x' } };
    const { answers } = await collect(rows, 2);
    expect(answers[1]).toEqual({ line: 3, error: bad, row: { label: 'x' } });
    expect(answers[2]).toMatchObject({ id: 'r2', prediction: { label: 't2' } });
  });

  test('refuses a row that holds only an address, and predicts the others', async () => {
    const rows = rowsOf(3);
    rows[1] = { line: 3, id: 'r1', article: { title: '', text: ' https://example.com/a ' } };
    const { answers, sizes } = await collect(rows, 5);
    expect(answers[1]).toMatchObject({ id: 'r1', line: 3, error: { code: 'ARTICLE_TEXT_MISSING' } });
    expect(answers[2]).toMatchObject({ id: 'r2', prediction: { label: 't2' } });
    expect(sizes).toEqual([2]);
  });

  test('reads no further ahead than a few chunks', async () => {
    let read = 0;
    function* endless(): Generator<ArticleRow> {
      for (;;) {
        read++;
        yield { line: read, article: { title: 't', text: '' } };
      }
    }
    const stream = predictStream(
      endless(),
      { info, predictDetailed: async (articles) => articles.map(() => predict('x')) },
      10,
    );
    await stream.next();
    await stream.return(undefined);
    expect(read).toBeLessThanOrEqual(30);
  });

  test('ends with the failure of the model', async () => {
    const stream = predictStream(
      rowsOf(30),
      { info, predictDetailed: () => Promise.reject(new Error('gone')) },
      10,
    );
    await expect(stream.next()).rejects.toThrow('gone');
  });
});
