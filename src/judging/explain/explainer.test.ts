import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRealLinearModel, createRealModel } from '../../../test/serve/real-model.ts';
import { parseOnnx } from '../../engine/graph/onnx-reader.ts';
import { writeOnnx } from '../../engine/graph/onnx-writer.ts';
import type { ArticleText } from '../../foundation/records/article.ts';
import { type ArticleExplanation, explanationRecord } from '../../foundation/records/explanation.ts';
import { modelFolderRecord } from '../../foundation/records/model-folder.ts';
import { loadRecord, saveRecord } from '../../foundation/records/record.ts';
import { compressFolder } from '../../learning/compress/compress-folder.ts';
import { loadClassifier } from '../predict/load-classifier.ts';
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

async function explain(article = ARTICLE, options = {}, from = folder): Promise<ArticleExplanation> {
  const explainer = await loadExplainer(from, { threads: 1, ...options });
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

describe.each(FAMILIES)('the explanation of a prediction by %s', (name, create) => {
  beforeEach(() => create());

  test('is about that prediction, and its places are in the article as it was sent', async () => {
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
    // the dateline was cleaned away, and so was not read
    expect(explanation.unread.map(textOf)[0]).toBe('ALDANE (Wire) -');
  });

  test('measures a sentence by the prediction without it', async () => {
    const { sentences, probability, label } = await explain();
    const without = { ...ARTICLE, text: ARTICLE.text.replace('The council said it will vote. ', '') };
    const { probabilities } = await judge(without);
    expect(sentences[2]!.influence).toBeCloseTo(probability - probabilities[label]!, 5);
  });

  test('shares the difference from the baseline out completely', async () => {
    const { words, sentences, margin, gradients } = await explain();
    expect(gradients!.margin).toBeCloseTo(margin, 5);
    const total = margin - gradients!.baselineMargin;
    const tolerance = 0.01 * Math.max(1, Math.abs(total)) + 1e-6;
    expect(Math.abs(sumOf(words.map(({ gradient }) => gradient)) - total)).toBeLessThan(tolerance);
    expect(Math.abs(sumOf(sentences.map(({ gradient }) => gradient)) - total)).toBeLessThan(tolerance);
    expect(gradients!.method).toBe(name === 'an encoder' ? 'integrated' : 'exact');
  });

  test('stays within its budget, and reports what it left out', async () => {
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

test('an explanation leaves out the text beyond the maximum length', async () => {
  createRealModel(folder, { maxTokens: 12 });
  const explanation = await explain();
  expect(explanation.words.at(-1)!.influence).toBeNull();
  expect(explanation.unread.at(-1)).toMatchObject({ field: 'text', end: ARTICLE.text.length });
});

describe.each(['fp16', 'int8'] as const)('the gradients of a model in %s', (precision) => {
  let original: ArticleExplanation;
  beforeEach(async () => {
    const source = join(folder, 'source');
    createRealModel(source, { maxTokens: 256, width: 64 });
    original = await explain(ARTICLE, {}, source);
    const info = loadRecord(modelFolderRecord, join(source, 'veracity.json'));
    compressFolder(source, info, folder, { precision, heads: null });
    saveRecord(modelFolderRecord, join(folder, 'veracity.json'), { ...info, precision });
  });

  test('are those of its own weights, and sum to the margin that these compute', async () => {
    const { words, gradients, warnings } = await explain();
    expect(warnings).toEqual([]);
    expect(gradients!.weights).toBe(precision === 'int8' ? 'dequantised' : 'own');
    const total = gradients!.margin - gradients!.baselineMargin;
    const sum = sumOf(words.map(({ gradient }) => gradient));
    expect(Math.abs(total - sum - gradients!.gap)).toBeLessThan(1e-6);
    expect(Math.abs(gradients!.gap)).toBeLessThan(0.01 * Math.max(1, Math.abs(total)));
  });

  test('explain the prediction within the error of rounded activations', async () => {
    const { margin, probability, gradients } = await explain();
    const told = 1 / (1 + Math.exp(-gradients!.margin));
    // halves are widened before anything is multiplied: nothing is rounded but the weights
    expect(Math.abs(gradients!.margin - margin)).toBeLessThan(precision === 'int8' ? 0.1 : 2e-5);
    expect(Math.abs(told - probability)).toBeLessThan(precision === 'int8' ? 0.02 : 1e-5);
    if (precision === 'int8') expect(gradients!.margin).not.toBe(margin);
  });

  test('put the words in nearly the order of the original', async () => {
    const { words } = await explain();
    const [own, others] = [words, original.words].map((all) => all.map(({ gradient }) => gradient!));
    expect(correlate(own!, others!)).toBeGreaterThan(precision === 'int8' ? 0.97 : 0.9999);
  });
});

test('an explanation without weights to read says so instead of gradients', async () => {
  createRealModel(folder, { info: { precision: 'fp16' } });
  const path = join(folder, 'onnx', 'model.onnx');
  const model = parseOnnx(readFileSync(path));
  const rename = (name: string): string => name.replace('head.dense.weight', 'onnx::MatMul_1');
  const renamed = {
    ...model,
    initializers: new Map([...model.initializers].map(([name, data]) => [rename(name), data])),
    nodes: model.nodes.map((node) => ({ ...node, inputs: node.inputs.map(rename) })),
  };
  writeFileSync(path, Buffer.concat(writeOnnx(renamed)));
  const { gradients, words, warnings } = await explain();
  expect(gradients).toBeNull();
  expect(words[0]).toMatchObject({ gradient: null, influence: expect.any(Number) });
  expect(warnings).toEqual([{ code: 'GRADIENTS_UNAVAILABLE', missing: 'head.dense.weight', others: 0 }]);
});

function correlate(a: readonly number[], b: readonly number[]): number {
  const centre = (values: readonly number[]): number[] => {
    const mean = sumOf(values) / values.length;
    return values.map((value) => value - mean);
  };
  const [x, y] = [centre(a), centre(b)];
  return sumOf(x.map((value, i) => value * y[i]!)) / (Math.hypot(...x) * Math.hypot(...y));
}
