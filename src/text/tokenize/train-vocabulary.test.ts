import { describe, expect, test } from 'vitest';
import { createRandom } from '../../foundation/core/random.ts';
import { trainVocabulary } from './train-vocabulary.ts';
import { createWordPieceTokenizer } from './wordpiece.ts';

const corpus = [
  'the ferry resumed on tuesday; the ferries resume on wednesdays',
  'ferry after ferry left the harbour, resuming the harbour service',
  'Tuesday\u2019s service was resumed by the harbour master',
];
const train = (texts: readonly string[], size = 200, options = {}) =>
  trainVocabulary(texts, { size, ...options });

describe('trainVocabulary', () => {
  test('learns whole words that are frequent', async () => {
    const { ids } = await train(Array(3).fill(corpus).flat());
    for (const word of ['the', 'ferry', 'harbour', 'resum']) expect(ids.has(word)).toBe(true);
  });

  test('merges the most frequent pair first, ties by alphabet', async () => {
    const { pieces } = await train(['ab ab ab cd cd cd xy xy'], 64, { maxAlphabet: 16 });
    expect(pieces.slice(5)).toEqual([
      ...['a', 'b', 'c', 'd', 'x', 'y', '##a', '##b', '##c', '##d', '##x', '##y'],
      ...['ab', 'cd', 'xy'],
    ]);
  });

  test('merges runs of one letter from left to right', async () => {
    const { pieces } = await train(['aaaaa aaaaa'], 64);
    expect(pieces.slice(5)).toEqual(['a', '##a', '##aa', 'aaa', 'aaaaa']);
  });

  test('gives the same vocabulary whatever the order of the texts', async () => {
    const forwards = await train(corpus);
    expect((await train([...corpus].reverse())).pieces).toEqual(forwards.pieces);
  });

  test('keeps to the wanted size and to pairs seen twice', async () => {
    const random = createRandom('words');
    const four = Array.from({ length: 1200 }, (_, i) => (i % 6 === 5 ? ' ' : 'abcd'[random.integer(4)])).join(
      '',
    );
    expect((await train([four], 64)).size).toBe(64);
    const words = [...(await train(corpus, 5000)).ids.keys()];
    expect(words).not.toContain('master');
    expect(words.length).toBeLessThan(200);
  });

  test('leaves rare characters out when the alphabet is full', async () => {
    const { ids } = await train(['abc abc abc abc \u4e2d'], 64, { maxAlphabet: 3 });
    expect(ids.has('c')).toBe(true);
    expect(ids.has('\u4e2d')).toBe(false);
  });

  test('takes an async stream and cuts its own corpus without [UNK]', async () => {
    async function* stream() {
      yield* corpus;
    }
    const vocabulary = await trainVocabulary(stream(), { size: 200 });
    const ids = createWordPieceTokenizer(vocabulary).encode(corpus.join(' '));
    expect([...ids]).not.toContain(vocabulary.special['[UNK]']);
  });

  test('refuses a size with no room and texts without a word', async () => {
    await expect(train(corpus, 10)).rejects.toMatchObject({ code: 'VOCABULARY_IMPOSSIBLE' });
    await expect(train(['', ' \u200b'])).rejects.toMatchObject({ code: 'VOCABULARY_IMPOSSIBLE' });
  });
});
