import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createHashedNgramEncoder } from './hashed-ngrams.ts';
import { loadArticleEncoder } from './load-article-encoder.ts';
import { trainVocabulary } from './train-vocabulary.ts';
import type { Vocabulary } from './vocabulary.ts';
import { createWordPieceTokenizer } from './wordpiece.ts';
import { createWordPieceEncoder } from './wordpiece-encoder.ts';
import { loadWordPieceTokenizer, parseTokenizerJson, parseVocabularyText } from './wordpiece-file.ts';

const TEXTS = [
  'The ferry to Port Aldane resumed on Tuesday; \u201cno one\u2019s hurt\u201d, said the harbour master.',
  'Caf\u00e9s in Z\u00fcrich\u2014and na\u00efve r\u00e9sum\u00e9s\u2026 cost \u20ac12.50 (or 14%)!\nTUESDAY\tferries',
  'A [SEP] in the text, \u4e2d\u6587\u5b57, \ud55c\uad6d\uc5b4 and \u0130stanbul \u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u200bzero',
];
const options = { maxTokens: 64, truncation: 'head' } as const;

let vocabulary: Vocabulary;
let folder: string;
beforeAll(async () => {
  vocabulary = await trainVocabulary([...TEXTS, ...TEXTS], { size: 300 });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-tokenizer-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const save = (): string => {
  createWordPieceEncoder({ vocabulary, ...options }).save(folder);
  return folder;
};
const readJson = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, name), 'utf8'));
/** tokenizer.json with one part replaced. */
const changed = (change: (file: Record<string, unknown>) => void): string => {
  save();
  const file = readJson('tokenizer.json');
  change(file);
  return JSON.stringify(file);
};

describe('a saved tokenizer', () => {
  test('loads as the same encoder, from tokenizer.json and from vocab.txt alone', async () => {
    const original = createWordPieceEncoder({ vocabulary, ...options });
    const fromJson = await loadArticleEncoder(save(), options);
    rmSync(join(folder, 'tokenizer.json'));
    const fromText = await loadArticleEncoder(folder, options);
    expect(fromJson.digest).toBe(original.digest);
    expect(fromText.digest).toBe(original.digest);
    for (const text of TEXTS)
      expect(fromJson.encode({ title: '', text })).toEqual(original.encode({ title: '', text }));
  });

  test('gives the same ids in @huggingface/tokenizers', () => {
    save();
    const theirs = new Tokenizer(readJson('tokenizer.json'), readJson('tokenizer_config.json'));
    const ours = createWordPieceEncoder({ vocabulary, maxTokens: 512, truncation: 'head' });
    for (const text of TEXTS)
      expect([...ours.encode({ title: '', text }).ids]).toEqual(theirs.encode(text).ids);
  });

  test('keeps the settings of a cased tokenizer', () => {
    const cased = parseTokenizerJson(
      changed((file) => {
        file.normalizer = { ...(file.normalizer as object), lowercase: false };
      }),
      'cased',
    );
    expect(cased.normalizer).toEqual({ lowercase: false, stripAccents: false, spaceChinese: true });
    expect(cased.encode('Tuesday')).not.toEqual(cased.encode('tuesday'));
  });

  test('follows tokenizer_config.json of BERT’s own classes, as Python does', () => {
    save();
    const load = (config: object, { json }: { json: boolean }) => {
      const folderOfCase = mkdtempSync(join(folder, 'case-'));
      const names = json ? ['tokenizer.json', 'vocab.txt'] : ['vocab.txt'];
      for (const name of names) writeFileSync(join(folderOfCase, name), readFileSync(join(folder, name)));
      writeFileSync(join(folderOfCase, 'tokenizer_config.json'), JSON.stringify(config));
      return loadWordPieceTokenizer(folderOfCase).normalizer;
    };
    const uncased = { lowercase: true, stripAccents: true, spaceChinese: true };
    const cased = { lowercase: false, stripAccents: false, spaceChinese: true };
    for (const json of [true, false]) {
      expect(load({ tokenizer_class: 'BertTokenizer', do_lower_case: false }, { json })).toEqual(cased);
      expect(
        load(
          { tokenizer_class: 'DistilBertTokenizerFast', do_lower_case: false, strip_accents: null },
          { json },
        ),
      ).toEqual(cased);
      expect(load({ do_lower_case: false, strip_accents: true }, { json })).toEqual({
        ...cased,
        stripAccents: true,
      });
      expect(load({ strip_accents: false, tokenize_chinese_chars: false }, { json })).toEqual({
        lowercase: true,
        stripAccents: false,
        spaceChinese: false,
      });
      expect(load({}, { json })).toEqual(uncased);
    }
    expect(
      load({ tokenizer_class: 'PreTrainedTokenizerFast', do_lower_case: false }, { json: true }),
    ).toEqual(uncased);
    expect(() => load({ do_lower_case: 'no' }, { json: true })).toThrowError(
      expect.objectContaining({ code: 'TOKENIZER_INVALID' }),
    );
  });

  test('names itself so that transformers reads it as it stands, with its limit', () => {
    save();
    expect(readJson('tokenizer_config.json')).toMatchObject({
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_max_length: 64,
      model_input_names: ['input_ids', 'attention_mask'],
      pad_token: '[PAD]',
    });
  });
});

describe('loading', () => {
  test('takes the linear model\u2019s hashing.json where there is one', async () => {
    createHashedNgramEncoder({ buckets: 64, wordNgrams: 2, maxWords: 8, truncation: 'head' }).save(folder);
    expect((await loadArticleEncoder(folder, options)).kind).toBe('hashed-ngrams');
  });

  test('names the file that is missing', async () => {
    await expect(loadArticleEncoder(folder, options)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    expect(() => loadWordPieceTokenizer(join(folder, 'vocab.txt'))).toThrowError(
      expect.objectContaining({ code: 'FILE_NOT_FOUND' }),
    );
  });

  test('reads vocab.txt with CRLF and without a last line break', () => {
    const text = vocabulary.pieces.join('\r\n');
    expect(parseVocabularyText(text, 'x').vocabulary.ids).toEqual(vocabulary.ids);
  });

  test('takes empty lines behind the last piece of vocab.txt for no pieces', () => {
    const text = `${vocabulary.pieces.join('\n')}\n\n\n`;
    expect(parseVocabularyText(text, 'x').vocabulary.size).toBe(vocabulary.size);
  });

  describe('a token that another file than the vocabulary adds', () => {
    const addToken = (file: string, json: unknown): void => {
      createWordPieceEncoder({ vocabulary, ...options }).save(folder);
      writeFileSync(join(folder, file), JSON.stringify(json));
    };
    const addedId = (): number => vocabulary.size;

    test('is one where it is matched as it stands', async () => {
      const flags = { lstrip: false, rstrip: false, single_word: false, normalized: false };
      addToken('tokenizer_config.json', {
        added_tokens_decoder: { [addedId()]: { content: '[URL]', ...flags } },
      });
      for (const file of ['tokenizer.json', 'vocab.txt']) {
        const encoder = await loadArticleEncoder(folder, options);
        expect([...encoder.encode({ title: '', text: '[URL]' }).ids], file).toContain(addedId());
        rmSync(join(folder, file));
      }
    });

    test('is refused where it is matched in normalised text', async () => {
      addToken('added_tokens.json', { '[URL]': addedId() });
      await expect(loadArticleEncoder(folder, options)).rejects.toMatchObject({
        code: 'TOKENIZER_UNSUPPORTED',
      });
    });
  });

  describe.each(['tokenizer_config.json', 'special_tokens_map.json'])(
    'a special token that %s only names',
    (file) => {
      const save = (name: string): void => {
        createWordPieceEncoder({ vocabulary, ...options }).save(folder);
        writeFileSync(join(folder, file), JSON.stringify({ additional_special_tokens: [{ content: name }] }));
      };

      test('is taken whole where it is a piece', async () => {
        const piece = vocabulary.pieces.at(-1)!;
        save(piece);
        const encoder = await loadArticleEncoder(folder, options);
        expect([...encoder.encode({ title: '', text: `0${piece}0` }).ids]).toContain(
          vocabulary.ids.get(piece),
        );
      });

      test('is refused where it has no id', async () => {
        save('[NEWS]');
        await expect(loadArticleEncoder(folder, options)).rejects.toMatchObject({
          code: 'TOKENIZER_UNSUPPORTED',
          message: expect.stringContaining('[NEWS]'),
        });
      });
    },
  );

  const unsupported: [string, (file: Record<string, unknown>) => void][] = [
    ['a BPE model', (file) => (file.model = { type: 'BPE', vocab: {}, merges: [] })],
    ['a model without a type', (file) => (file.model = { vocab: {} })],
    ['another unknown token', (file) => (file.model = { ...(file.model as object), unk_token: '<unk>' })],
    [
      'another word limit',
      (file) => (file.model = { ...(file.model as object), max_input_chars_per_word: 50 }),
    ],
    ['another normaliser', (file) => (file.normalizer = { type: 'NFC' })],
    ['no normaliser', (file) => (file.normalizer = null)],
    [
      'text that is not cleaned',
      (file) => (file.normalizer = { ...(file.normalizer as object), clean_text: false }),
    ],
    ['another pre-tokenizer', (file) => (file.pre_tokenizer = { type: 'Whitespace' })],
    ['another frame', (file) => (file.post_processor = { type: 'ByteLevel' })],
    ['no frame', (file) => (file.post_processor = null)],
    ['an added token with flags', (file) => (file.added_tokens = [{ id: 5, content: 'x', lstrip: true }])],
  ];
  for (const [what, change] of unsupported) {
    test(`refuses ${what}`, () => {
      expect(() => parseTokenizerJson(changed(change), 'tokenizer.json')).toThrowError(
        expect.objectContaining({ code: 'TOKENIZER_UNSUPPORTED' }),
      );
    });
  }

  test('refuses a damaged file, a vocabulary without special tokens and an id twice', () => {
    const invalid = expect.objectContaining({ code: 'TOKENIZER_INVALID' });
    expect(() => parseTokenizerJson('{"version', 'x')).toThrowError(invalid);
    expect(() => parseTokenizerJson('{"model": 3}', 'x')).toThrowError(invalid);
    expect(() => parseVocabularyText('a\nb\n', 'x')).toThrowError(invalid);
    const twice = changed((file) => {
      const model = file.model as { vocab: Record<string, number> };
      model.vocab.twice = 5;
    });
    expect(() => parseTokenizerJson(twice, 'x')).toThrowError(invalid);
  });

  test('accepts BertProcessing as the frame', () => {
    const { '[CLS]': cls, '[SEP]': sep } = vocabulary.special;
    const text = changed((file) => {
      file.post_processor = { type: 'BertProcessing', cls: ['[CLS]', cls], sep: ['[SEP]', sep] };
    });
    expect(parseTokenizerJson(text, 'x').vocabulary.size).toBe(vocabulary.size);
  });

  test('keeps added tokens that are not BERT\u2019s', () => {
    const text = changed((file) => {
      (file.added_tokens as object[]).push({ id: vocabulary.size, content: 'ferry!' });
    });
    const tokenizer = parseTokenizerJson(text, 'x');
    mkdirSync(join(folder, 'again'));
    writeFileSync(join(folder, 'again', 'tokenizer.json'), text);
    expect([...tokenizer.encode('Xferry!')].at(-1)).toBe(vocabulary.size);
    expect([...tokenizer.encodeWithOffsets('Xferry!').starts].at(-1)).toBe(1);
    expect(createWordPieceTokenizer(vocabulary).vocabulary.size).toBe(vocabulary.size);
  });
});
