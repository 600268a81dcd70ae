import { describe, expect, it } from 'vitest';
import { createTrainingIndex } from './training-index.ts';

async function* listOf<T>(...items: T[]): AsyncGenerator<T> {
  yield* items;
}

const text = 'The ferry sailed again on Tuesday after a week of repairs to its two old engines.';
const title = 'Ferry to Port Aldane resumes on Tuesday';
const index = await createTrainingIndex(listOf({ title, text }));

describe('training index', () => {
  it.each([
    [
      'the same title in other case and punctuation',
      { title: 'FERRY to Port Aldane resumes – on Tuesday!', text: '' },
    ],
    ['the same text under another title', { title: 'Boats', text: `  ${text.toUpperCase()}` }],
  ])('knows %s', (_, article) => {
    expect(index.has(article)).toBe(true);
  });

  it('does not know another article', () => {
    expect(
      index.has({ title: 'Ferry to Port Aldane cancelled on Tuesday', text: `${text} More followed.` }),
    ).toBe(false);
  });

  it('takes neither short titles nor short texts for a story', async () => {
    const columns = await createTrainingIndex(
      listOf({ title: 'Letters to the editor', text: 'Watch the video.' }),
    );
    expect(columns.has({ title: 'Letters to the editor', text: 'Watch the video.' })).toBe(false);
    expect(columns.articles).toBe(1);
  });
});
