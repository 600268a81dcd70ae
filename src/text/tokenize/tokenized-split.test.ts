import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatasetArticle } from '../../foundation/records/article.ts';
import type { ArticleEncoder } from './article-encoder.ts';
import { loadOrTokenizeSplit, nameTokenCache } from './token-cache.ts';
import { loadTokenizedSplit, saveTokenizedSplit, tokenizeSplit } from './tokenized-split.ts';

/** One id a character; longer than 70,000 ids are cut, so that buffers have to grow. */
const encoder: ArticleEncoder = {
  kind: 'wordpiece',
  vocabularySize: 0x10000,
  padId: 0,
  maxTokens: 70_000,
  truncation: 'head',
  digest: 'a'.repeat(64),
  encode: ({ title, text }) => {
    const ids = Int32Array.from(title + text, (c) => c.charCodeAt(0));
    return { ids: ids.slice(0, 70_000), truncated: ids.length > 70_000 };
  },
  countTokens: ({ title, text }) => title.length + text.length,
  save: () => {},
};
const article = (id: string, text: string, label: number, source: string | null): DatasetArticle => ({
  id,
  group: id,
  title: 'T',
  text,
  label,
  source,
  publishedAt: null,
});
const articles = [
  article('a', 'bc', 1, 'Aldane Courier'),
  article('ä', '', 0, null),
  article('c', 'x'.repeat(90_000), 1, null),
];
const short = articles.slice(0, 2);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-tokens-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('tokenizeSplit', () => {
  test('stores the ids one after the other and counts truncated articles', async () => {
    const split = await tokenizeSplit(articles, encoder);
    expect([...split.offsets]).toEqual([0, 3, 4, 70_004]);
    expect([...split.ids.subarray(0, 4)]).toEqual([84, 98, 99, 84]);
    expect([...split.labels]).toEqual([1, 0, 1]);
    expect(split.articleIds).toEqual(['a', 'ä', 'c']);
    expect(split.sources).toEqual(['Aldane Courier', null, null]);
    expect(split.truncated).toBe(1);
  });
});

describe('a saved split', () => {
  test('is read back the same', async () => {
    const split = await tokenizeSplit(short, encoder);
    saveTokenizedSplit(join(folder, 's.vtok'), split);
    expect(loadTokenizedSplit(join(folder, 's.vtok'))).toEqual(split);
  });

  test('is refused when a byte changed, when cut, and when it is something else', async () => {
    const path = join(folder, 's.vtok');
    saveTokenizedSplit(path, await tokenizeSplit(short, encoder));
    const bytes = readFileSync(path);
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      writeFileSync(path, changed);
      expect(() => loadTokenizedSplit(path)).toThrowError(expect.objectContaining({ code: 'FILE_CORRUPT' }));
    }
    for (const length of [0, 11, 60, bytes.length - 1]) {
      writeFileSync(path, bytes.subarray(0, length));
      expect(() => loadTokenizedSplit(path)).toThrowError(expect.objectContaining({ code: 'FILE_CORRUPT' }));
    }
    expect(() => loadTokenizedSplit(join(folder, 'none'))).toThrowError(
      expect.objectContaining({ code: 'FILE_NOT_FOUND' }),
    );
  });
});

describe('loadOrTokenizeSplit', () => {
  const cache = () => ({ cacheFolder: folder, datasetVersion: 'ds-0123456789ab', split: 'train', encoder });

  test('tokenises once and then does not open the articles', async () => {
    const first = await loadOrTokenizeSplit({ ...cache(), articles: () => short });
    const second = await loadOrTokenizeSplit({
      ...cache(),
      articles: () => {
        throw new Error('opened');
      },
    });
    expect(second).toEqual(first);
  });

  test('keeps encoders, splits and dataset versions apart', () => {
    const names = [
      cache(),
      { ...cache(), split: 'test' },
      { ...cache(), datasetVersion: 'ds-ffffffffffff' },
      { ...cache(), encoder: { ...encoder, digest: 'b'.repeat(64) } },
    ].map(nameTokenCache);
    expect(new Set(names).size).toBe(4);
  });

  test('makes a damaged cache again and says so', async () => {
    const warnings: string[] = [];
    const logger = {
      debug: () => {},
      info: () => {},
      error: () => {},
      warn: (_: object, text: string) => void warnings.push(text),
    };
    const first = await loadOrTokenizeSplit({ ...cache(), articles: () => short });
    writeFileSync(nameTokenCache(cache()), 'VTOK and nonsense');
    expect(await loadOrTokenizeSplit({ ...cache(), articles: () => short, logger })).toEqual(first);
    expect(warnings).toHaveLength(1);
    expect(loadTokenizedSplit(nameTokenCache(cache()))).toEqual(first);
  });
});
