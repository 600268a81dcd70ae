import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRealLinearModel, createRealModel } from '../../test/serve/real-model.ts';
import { loadClassifier } from '../predict/load-classifier.ts';
import type { ArticleText } from '../records/article.ts';
import { type Explanation, explanationRecord } from '../records/explanation.ts';
import { loadExplainer } from './explainer.ts';

const ARTICLE: ArticleText = {
  title: 'Harbour \u201creport\u201d: Cafe\u0301 opens',
  text: 'ALDANE (Wire) - The ferry was \u2026 \u201cin harbour\u201d. The council said it will vote. Prices rose \ud83d\ude80 on Monday!',
};
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-explain-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function explain(article = ARTICLE, options = {}): Promise<Explanation> {
  const explainer = await loadExplainer(folder, { threads: 1, ...options });
  try {
    return explanationRecord.schema.parse(await explainer.explain(article));
  } finally {
    await explainer.dispose();
  }
}
async function judge(article: ArticleText) {
  const classifier = await loadClassifier(folder, { threads: 1, inline: true });
  const [prediction] = await classifier.predict([article]);
  await classifier.dispose();
  return prediction!;
}
const textOf = ({ field, start, end }: { field: 'title' | 'text'; start: number; end: number }): string =>
  ARTICLE[field].slice(start, end);
const sumOf = (values: readonly (number | null)[]): number =>
  values.reduce<number>((sum, value) => sum + (value ?? Number.NaN), 0);

const FAMILIES = [
  ['an encoder', (): void => createRealModel(folder, { maxTokens: 256, width: 64 })],
  ['the linear model', (): void => createRealLinearModel(folder)],
] as const;

describe.each(FAMILIES)('the explanation of an answer of %s', (name, create) => {
  beforeEach(() => create());

  test('is about that answer, and points into the article as it was sent', async () => {
    const explanation = await explain();
    const prediction = await judge(ARTICLE);
    expect(explanation.label).toBe(prediction.label);
    expect(explanation.probability).toBeCloseTo(prediction.probability, 5);
    expect(explanation.sentences.map(textOf)).toEqual([
      'Harbour \u201creport\u201d: Cafe\u0301 opens',
      'ALDANE (Wire) - The ferry was \u2026 \u201cin harbour\u201d.',
      'The council said it will vote.',
      'Prices rose \ud83d\ude80 on Monday!',
    ]);
    const words = explanation.words.map(textOf);
    expect(words).toContain('Cafe\u0301');
    expect(words).toContain('\ud83d\ude80');
    expect(words.join('')).toBe(`${ARTICLE.title}${ARTICLE.text}`.replace(/\s/g, ''));
    // the dateline was cleaned away, and so was not judged
    expect(explanation.unread.map(textOf)[0]).toBe('ALDANE (Wire) -');
  });

  test('measures a sentence by what the model says without it', async () => {
    const { sentences, probability, label } = await explain();
    const without = { ...ARTICLE, text: ARTICLE.text.replace('The council said it will vote. ', '') };
    const { probabilities } = await judge(without);
    expect(sentences[2]!.influence).toBeCloseTo(probability - probabilities[label]!, 5);
  });

  test('shares the difference from the baseline out completely', async () => {
    const { words, sentences, margin, gradients } = await explain();
    const total = margin - gradients!.baselineMargin;
    const tolerance = 0.01 * Math.max(1, Math.abs(total)) + 1e-6;
    expect(Math.abs(sumOf(words.map(({ gradient }) => gradient)) - total)).toBeLessThan(tolerance);
    expect(Math.abs(sumOf(sentences.map(({ gradient }) => gradient)) - total)).toBeLessThan(tolerance);
    expect(gradients!.method).toBe(name === 'an encoder' ? 'integrated' : 'exact');
  });

  test('stays within its budget, and says what it left out', async () => {
    const { occlusion, words } = await explain(ARTICLE);
    expect(occlusion).toMatchObject({ variants: 4 + occlusion.wordsTotal, wordsTried: occlusion.wordsTotal });
    expect(words.filter(({ influence }) => influence !== null).length).toBe(occlusion.wordsTried);
    const poor = await explain(ARTICLE, { maxMultiplications: 1 });
    expect(poor.occlusion).toMatchObject({ variants: 1, wordsTried: 0 });
    expect(poor.sentences.filter(({ influence }) => influence !== null).length).toBe(1);
  });

  test('holds for articles with a title alone, a text alone, and nothing that is read', async () => {
    for (const article of [
      { title: 'Ferry', text: '' },
      { title: '', text: 'One. Two.' },
      { title: '\u200b', text: 'https://example.org/' },
    ]) {
      const { sentences } = await explain(article);
      for (const { field, start, end } of sentences)
        expect(article[field].slice(start, end).trim().length).toBe(end - start);
    }
  });
});

test('an explanation says nothing of what lies behind the maximum length', async () => {
  createRealModel(folder, { maxTokens: 12 });
  const explanation = await explain();
  expect(explanation.words.at(-1)!.influence).toBeNull();
  expect(explanation.unread.at(-1)).toMatchObject({ field: 'text', end: ARTICLE.text.length });
});

test('an explanation has no gradients where the weights are not float32', async () => {
  createRealModel(folder, { info: { precision: 'fp16' } });
  const { gradients, words } = await explain();
  expect(gradients).toBeNull();
  expect(words[0]).toMatchObject({ gradient: null, influence: expect.any(Number) });
});
