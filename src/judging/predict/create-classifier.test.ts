import { describe, expect, test } from 'vitest';
import type { InferenceSession } from '../../engine/runtime/session/inference-session.ts';
import { type ModelFolder, modelFolderRecord } from '../../foundation/records/model-folder.ts';
import type { ArticleEncoder } from '../../text/tokenize/article-encoder.ts';
import { createClassifier } from './create-classifier.ts';

// An encoder whose ids are the characters of the text, and a model whose logits are [number of tokens, last id]:
// predictions can be computed by hand, and padding that influenced them would be noticed.
function createParts(info: Partial<ModelFolder> = {}, outputs = 2) {
  const seen: { title: string; text: string }[] = [];
  const batches: (readonly number[])[] = [];
  const encoder: ArticleEncoder = {
    kind: 'wordpiece',
    vocabularySize: 256,
    padId: 255,
    maxTokens: 40,
    truncation: 'head',
    digest: 'x',
    encode: (article) => {
      seen.push(article);
      return {
        ids: Int32Array.from(article.text.slice(0, 40), (c) => c.charCodeAt(0)),
        truncated: article.text.length > 40,
      };
    },
    countTokens: (article) => article.text.length,
    save: () => {},
  };
  const session: InferenceSession = {
    inputNames: ['input_ids', 'attention_mask'],
    outputNames: ['logits'],
    run: async (inputs) => {
      const [size, length] = inputs.input_ids!.shape as [number, number];
      batches.push([size, length]);
      const logits = new Float32Array(size * outputs);
      for (let row = 0; row < size; row++) {
        const mask = inputs.attention_mask!.data.slice(row * length, (row + 1) * length) as BigInt64Array;
        const tokens = Number(mask.reduce((sum, value) => sum + value, 0n));
        logits[row * outputs] = tokens;
        logits[row * outputs + 1] =
          tokens === 0 ? 0 : Number(inputs.input_ids!.data[row * length + tokens - 1]);
      }
      return { logits: { dtype: 'float32', shape: [size, outputs], data: logits } };
    },
    dispose: async () => {},
  };
  const parts = { info: { ...modelFolderRecord.example, ...info }, encoder, session, modelVersion: 'm@1' };
  return { parts, classifier: createClassifier(parts), seen, batches };
}

const article = (text: string) => ({ title: 'T', text });

describe('createClassifier', () => {
  test('keeps the order of the articles whatever their lengths', async () => {
    const { classifier } = createParts();
    const texts = ['abcde', 'b', 'abc', '', 'abcdefghij'];
    const logits = await classifier.computeLogits(texts.map(article));
    expect([...logits]).toEqual(
      texts.flatMap((text) => [text.length, text === '' ? 0 : text.charCodeAt(text.length - 1)]),
    );
  });

  test('splits many articles into batches', async () => {
    const { classifier, batches } = createParts();
    const predictions = await classifier.predict(Array.from({ length: 200 }, () => article('a'.repeat(40))));
    expect(predictions).toHaveLength(200);
    expect(batches.length).toBeGreaterThan(2);
  });

  test('runs articles one by one through an 8-bit model, whose predictions would depend on the batch', async () => {
    const { classifier, batches } = createParts({ precision: 'int8' });
    await classifier.predict(['abc', 'abd', 'x'].map(article));
    expect(batches).toEqual([
      [1, 1],
      [1, 3],
      [1, 3],
    ]);
  });

  test('cleans an article as the training articles were', async () => {
    const dateline = 'ALDANE (Reuters) - The ferry sailed.';
    const stripped = createParts({ cleaning: { strip: true } });
    await stripped.classifier.predict([article(dateline)]);
    expect(stripped.seen).toEqual([{ title: 'T', text: 'The ferry sailed.' }]);
    const kept = createParts({ cleaning: { strip: false } });
    await kept.classifier.predict([article(dateline)]);
    expect(kept.seen).toEqual([{ title: 'T', text: dateline }]);
  });

  test('warns of articles shorter than usual and of articles cut', async () => {
    const { classifier } = createParts({ usualTokens: { low: 3, high: 40 }, maxTokens: 40 });
    const [short, usual, long] = await classifier.predictDetailed(['ab', 'abc', 'a'.repeat(41)].map(article));
    expect(short!.warnings).toEqual([{ code: 'ARTICLE_SHORT', tokens: 2, usualTokens: 3, unit: 'tokens' }]);
    expect(usual!.warnings).toEqual([]);
    expect(long!.measures).toMatchObject({ tokens: 40, articleTokens: 41, truncated: true });
    expect(long!.warnings).toEqual([
      { code: 'ARTICLE_TRUNCATED', articleTokens: 41, maxTokens: 40, kept: 'head', unit: 'tokens' },
    ]);
  });

  test('gives the measures of every article, usual or not', async () => {
    const measured = { letterScore: -7.5, distance: 0.8, warnings: [] };
    const { parts } = createParts({ usualTokens: { low: 1, high: 40 } });
    const classifier = createClassifier({ ...parts, detector: { measure: () => measured } });
    const [detailed] = await classifier.predictDetailed([article('an article')]);
    expect(detailed).toMatchObject({
      measures: { tokens: 10, articleTokens: 10, truncated: false, letterScore: -7.5, distance: 0.8 },
      warnings: [],
    });
  });

  test('lets other work go on while it encodes', async () => {
    const { classifier } = createParts();
    let turns = 0;
    const timer = setInterval(() => {
      turns++;
    }, 1);
    await classifier.predict(Array.from({ length: 64 }, () => article(`${'word '.repeat(20_000)}`)));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });

  test('gives no predictions for no articles', async () => {
    expect(await createParts().classifier.predict([])).toEqual([]);
  });

  test('refuses a model with another number of outputs than classes', async () => {
    const { classifier } = createParts({}, 3);
    await expect(classifier.predict([article('a')])).rejects.toMatchObject({ code: 'MODEL_UNUSABLE' });
  });
});
