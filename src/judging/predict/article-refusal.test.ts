import { describe, expect, test } from 'vitest';
import { modelFolderRecord } from '../../foundation/records/model-folder.ts';
import { assertArticlesHaveText, refuseWithoutText } from './article-refusal.ts';

const trainedOn = (low: number, strip = true) => ({
  ...modelFolderRecord.example,
  usualTokens: { low, high: 300 },
  cleaning: { strip },
});
const article = (text: string) => ({ title: '', text });

describe('refuseWithoutText', () => {
  test.each(['https://example.com/a', '😀', 'SEATTLE (Reuters) -', ''])(
    'refuses %j for every model',
    (text) => {
      for (const info of [trainedOn(3), trainedOn(50), trainedOn(50, false)])
        expect(refuseWithoutText(article(text), info)?.code).toBe('ARTICLE_TEXT_MISSING');
    },
  );

  test('refuses a single word unless the model learned from single words', () => {
    expect(refuseWithoutText(article('Refund'), trainedOn(3))).toBeNull();
    expect(refuseWithoutText(article('Refund'), trainedOn(20))?.details.missing).toBe('word');
  });

  test('leaves a dateline to a model of short texts that reads datelines', () => {
    expect(refuseWithoutText(article('SEATTLE (Reuters) -'), trainedOn(3, false))).toBeNull();
  });

  test('calls the article what the model calls it', () => {
    const info = { ...trainedOn(20), noun: 'inquiry' };
    expect(refuseWithoutText(article('!'), info)?.message).toMatch(
      /^inquiry: expected the text of an inquiry, got/,
    );
  });

  test('names no word of the article', () => {
    const refusal = refuseWithoutText(article('https://example.com/secret'), trainedOn(20))!;
    expect(`${refusal.message} ${refusal.hint} ${JSON.stringify(refusal.details)}`).not.toContain('secret');
  });
});

describe('assertArticlesHaveText', () => {
  test('names every article without a text, by its path', () => {
    const articles = ['The ferry sails.', 'https://example.com/a', 'The port is open.', '!'].map(article);
    try {
      assertArticlesHaveText(articles, trainedOn(20), (index) => `inputs.${index}`);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        code: 'ARTICLE_TEXT_MISSING',
        httpStatus: 422,
        exitCode: 2,
        issues: [
          { path: 'inputs.1', code: 'address' },
          { path: 'inputs.3', code: 'signs' },
        ],
      });
    }
  });
});
