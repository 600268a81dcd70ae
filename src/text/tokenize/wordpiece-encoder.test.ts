import { describe, expect, test } from 'vitest';
import { formatContent } from './piece-encoder.ts';
import { buildVocabulary, SPECIAL_TOKENS, type Vocabulary } from './vocabulary.ts';
import { createWordPieceEncoder } from './wordpiece-encoder.ts';

const WORDS = ['ferry', 'port', '##s', 'harbour', '.', 'the', 'cafe', 'new', '##ly', 'a', 'b', '##b', '##c'];
const vocabulary: Vocabulary = buildVocabulary(
  [...SPECIAL_TOKENS, ...WORDS].map((piece, id) => [piece, id] as const),
  'test',
);
const id = (piece: string): number => vocabulary.ids.get(piece)!;
const encode = (text: string, title = '', maxTokens = 64, truncation: 'head' | 'head+tail' = 'head') =>
  createWordPieceEncoder({ vocabulary, maxTokens, truncation }).encode({ title, text });
const pieces = (ids: Int32Array): string => Array.from(ids, (value) => vocabulary.pieces[value]).join(' ');

describe('encode', () => {
  test('frames title and text as one sequence', () => {
    expect(pieces(encode('Ferries: the FERRY.', 'New Ports').ids)).toBe(
      '[CLS] new port ##s [UNK] [UNK] the ferry . [SEP]',
    );
  });

  test('reads the text alone where there is no title', () => {
    expect(formatContent({ title: '', text: 'a' })).toBe('a');
    expect(pieces(encode('a').ids)).toBe('[CLS] a [SEP]');
    expect(pieces(encode('').ids)).toBe('[CLS] [SEP]');
  });

  test('strips accents, controls and case, and sets no store by how white space is written', () => {
    expect(pieces(encode('CAF\u00c9 cafe\u0301\u00a0Ca\u200bfe\t\n\u3000cafe').ids)).toBe(
      '[CLS] cafe cafe cafe cafe [SEP]',
    );
  });

  test('takes a special token written in the text as one, as the reference does', () => {
    expect(pieces(encode('a[SEP]b [sep]').ids)).toBe('[CLS] a [SEP] b [UNK] [UNK] [UNK] [SEP]');
  });

  test('drops lone surrogates', () => {
    expect(pieces(encode('a\ud83d ne\udc00w').ids)).toBe('[CLS] a new [SEP]');
  });

  test('gives [UNK] for a word of 101 code points and pieces for one of 100', () => {
    expect(encode('b'.repeat(100)).ids).toHaveLength(64);
    expect(encode('b'.repeat(100)).truncated).toBe(true);
    expect(pieces(encode('b'.repeat(101)).ids)).toBe('[CLS] [UNK] [SEP]');
    expect(pieces(encode('\u{1d41b}'.repeat(101)).ids)).toBe('[CLS] [UNK] [SEP]');
  });
});

describe('truncation', () => {
  const text = 'the ferry ports the harbour newly the port.'; // the ferry port ##s the harbour new ##ly the port .

  test('head keeps the beginning', () => {
    const cut = encode(text, '', 6);
    expect(pieces(cut.ids)).toBe('[CLS] the ferry port ##s [SEP]');
    expect(cut.truncated).toBe(true);
  });

  test('head+tail keeps a quarter from the beginning and the rest from the end', () => {
    const cut = encode(text, '', 10, 'head+tail');
    expect(pieces(cut.ids)).toBe('[CLS] the ferry harbour new ##ly the port . [SEP]');
    expect(cut.truncated).toBe(true);
  });

  test('does not truncate an article that just fits', () => {
    for (const truncation of ['head', 'head+tail'] as const) {
      const whole = encode(text, '', 13, truncation);
      expect(whole.ids).toHaveLength(13);
      expect(whole.truncated).toBe(false);
    }
  });

  test('does not change how many tokens the whole article has', () => {
    for (const truncation of ['head', 'head+tail'] as const) {
      const encoder = createWordPieceEncoder({ vocabulary, maxTokens: 6, truncation });
      expect(encoder.countTokens({ title: 'A', text })).toBe(14);
    }
  });

  test('refuses a limit that leaves no room', () => {
    expect(() => createWordPieceEncoder({ vocabulary, maxTokens: 2, truncation: 'head' })).toThrowError(
      expect.objectContaining({ code: 'USAGE' }),
    );
  });
});

describe('encodeWithOffsets', () => {
  test('names the place of each token in the content, beyond the basic plane too', () => {
    const article = { title: 'New\u{1f6a2}', text: 'Cafe\u0301 ports' };
    const encoder = createWordPieceEncoder({ vocabulary, maxTokens: 64, truncation: 'head' });
    const spans = encoder.encodeWithOffsets(article);
    const content = formatContent(article);
    expect(spans.ids).toEqual(encoder.encode(article).ids);
    expect(Array.from(spans.starts, (start, i) => content.slice(start, spans.ends[i]))).toEqual([
      '',
      'New\u{1f6a2}',
      'Cafe',
      'port',
      's',
      '',
    ]);
  });

  test('cuts as encode does', () => {
    const article = { title: 'the ferry', text: 'ports the harbour newly the port. '.repeat(4) };
    for (const truncation of ['head', 'head+tail'] as const) {
      const encoder = createWordPieceEncoder({ vocabulary, maxTokens: 20, truncation });
      const spans = encoder.encodeWithOffsets(article);
      expect(spans.ids).toEqual(encoder.encode(article).ids);
      const last = formatContent(article).slice(spans.starts[18], spans.ends[18]);
      expect(pieces(spans.ids.subarray(18, 19))).toBe(last);
    }
  });
});

describe('digest', () => {
  test('changes with whatever shapes the ids', () => {
    const digests = [
      createWordPieceEncoder({ vocabulary, maxTokens: 64, truncation: 'head' }),
      createWordPieceEncoder({ vocabulary, maxTokens: 65, truncation: 'head' }),
      createWordPieceEncoder({ vocabulary, maxTokens: 64, truncation: 'head+tail' }),
      createWordPieceEncoder({
        vocabulary: buildVocabulary([...vocabulary.ids, ['##d', vocabulary.size]], 'test'),
        maxTokens: 64,
        truncation: 'head',
      }),
    ].map((encoder) => encoder.digest);
    expect(new Set(digests).size).toBe(4);
    expect(createWordPieceEncoder({ vocabulary, maxTokens: 64, truncation: 'head' }).digest).toBe(digests[0]);
  });
});

test('ids are looked up, not positions', () => {
  expect(id('[PAD]')).toBe(0);
  expect(createWordPieceEncoder({ vocabulary, maxTokens: 8, truncation: 'head' }).padId).toBe(0);
});
