// Opening byte-level BPE and Unigram tokenizers, on the files of the small checkpoints (test/parity/reference/
// checkpoints.py): which are refused, older spellings, cutting, and saving.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadPieceEncoder } from './load-piece-encoder.ts';

type Json = Record<string, unknown>;

const checkpoint = (name: string): string =>
  fileURLToPath(new URL(`../../../test/parity/reference/checkpoints/${name}`, import.meta.url));
const options = { maxTokens: 64, truncation: 'head' } as const;
const TEXT = 'El ni\u00f1o said \ufb01ve words, <mask> and 12.';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-pieces-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Copies the tokenizer of a checkpoint and changes one of its files. */
function change(name: string, edit: (file: Json) => void, file = 'tokenizer.json'): void {
  for (const each of ['tokenizer.json', 'tokenizer_config.json'])
    cpSync(join(checkpoint(name), each), join(folder, each));
  const json = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Json;
  edit(json);
  writeFileSync(join(folder, file), JSON.stringify(json));
}
const model = (file: Json): Json => file.model as Json;
const idsOf = async (where: string, text = TEXT): Promise<number[]> => [
  ...(await loadPieceEncoder(where, options)).encode({ title: '', text }).ids,
];

describe('a setting that would change ids and is not supported', () => {
  const cases: [string, string, (file: Json) => void][] = [
    ['dropout of merges', 'roberta', (file) => (model(file).dropout = 0.1)],
    ['byte fallback', 'roberta', (file) => (model(file).byte_fallback = true)],
    ['pieces that continue words', 'roberta', (file) => (model(file).continuing_subword_prefix = '##')],
    ['another splitter of words', 'roberta', (file) => (file.pre_tokenizer = { type: 'Digits' })],
    [
      'a splitter after bytes',
      'roberta',
      (file) =>
        (file.pre_tokenizer = { type: 'Sequence', pretokenizers: [file.pre_tokenizer, { type: 'Digits' }] }),
    ],
    [
      'bytes for Unigram',
      'xlm-roberta',
      (file) => (file.pre_tokenizer = { type: 'ByteLevel', add_prefix_space: false }),
    ],
    [
      'characters for BPE',
      'roberta',
      (file) => (file.pre_tokenizer = { type: 'Metaspace', replacement: '_' }),
    ],
    ['another normaliser', 'roberta', (file) => (file.normalizer = { type: 'Nmt' })],
    [
      'another pattern to replace',
      'roberta',
      (file) => (file.normalizer = { type: 'Replace', pattern: { Regex: 'a+' }, content: '' }),
    ],
    ['no special tokens around a text', 'roberta', (file) => (file.post_processor = null)],
    [
      'two special tokens before a text',
      'xlm-roberta',
      (file) => {
        const { single } = file.post_processor as { single: unknown[] };
        single.unshift(single[0]);
      },
    ],
    ['a vocabulary without a byte', 'roberta', (file) => delete (model(file).vocab as Json).A],
    ['a merge without a piece', 'roberta', (file) => (model(file).merges as string[][]).push(['A', 'Z'])],
    [
      'a character map of other bytes',
      'xlm-roberta',
      (file) => (file.normalizer = { type: 'Precompiled', precompiled_charsmap: 'AAAA' }),
    ],
  ];
  test.each(cases)('is refused: %s', async (_, name, edit) => {
    change(name, edit);
    await expect(loadPieceEncoder(folder, options)).rejects.toMatchObject({ code: 'TOKENIZER_UNSUPPORTED' });
  });

  test('is refused: a space before texts that only tokenizer_config.json asks for', async () => {
    change('roberta', (config) => (config.add_prefix_space = true), 'tokenizer_config.json');
    await expect(loadPieceEncoder(folder, options)).rejects.toMatchObject({ code: 'TOKENIZER_UNSUPPORTED' });
  });

  test('is refused: an added token that stands in another file only', async () => {
    change('roberta', () => {});
    writeFileSync(join(folder, 'added_tokens.json'), JSON.stringify({ '<url>': 341 }));
    await expect(loadPieceEncoder(folder, options)).rejects.toMatchObject({ code: 'TOKENIZER_UNSUPPORTED' });
    writeFileSync(join(folder, 'added_tokens.json'), JSON.stringify({ '<mask>': 340 }));
    expect(await idsOf(folder)).toEqual(await idsOf(checkpoint('roberta')));
  });
});

test('a tokenizer without a padding or mask token is damaged', async () => {
  for (const name of ['pad_token', 'mask_token']) {
    change('roberta', (config) => delete config[name], 'tokenizer_config.json');
    await expect(loadPieceEncoder(folder, options)).rejects.toMatchObject({ code: 'TOKENIZER_INVALID' });
  }
});

test('opening WordPiece loads neither the library nor the code around it', () => {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const isLoadedLate = /from '(@huggingface\/tokenizers|\.\/library-encoder\.ts)'/;
  const early = readdirSync(here).filter(
    (file) => !file.endsWith('.test.ts') && isLoadedLate.test(readFileSync(join(here, file), 'utf8')),
  );
  expect(early).toEqual([]);
});

describe('older spellings give the same ids', () => {
  test('of byte-level BPE: no type, merges as text, tokens named in special_tokens_map.json', async () => {
    change('roberta', (file) => {
      const { vocab, merges } = model(file);
      file.model = {
        dropout: null,
        unk_token: null,
        vocab,
        merges: (merges as string[][]).map((pair) => pair.join(' ')),
      };
      file.pre_tokenizer = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true };
    });
    writeFileSync(join(folder, 'tokenizer_config.json'), '{"model_max_length": 512}');
    const named = { pad_token: '<pad>', mask_token: { content: '<mask>', lstrip: true } };
    writeFileSync(join(folder, 'special_tokens_map.json'), JSON.stringify(named));
    expect(await idsOf(folder)).toEqual(await idsOf(checkpoint('roberta')));
  });

  test('of Unigram: no type, a Metaspace that says add_prefix_space', async () => {
    change('xlm-roberta', (file) => {
      const { unk_id, vocab } = model(file);
      file.model = { unk_id, vocab };
      const metaspace = {
        type: 'Metaspace',
        replacement: '\u2581',
        str_rep: '\u2581',
        add_prefix_space: true,
      };
      file.pre_tokenizer = { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace] };
    });
    expect(await idsOf(folder)).toEqual(await idsOf(checkpoint('xlm-roberta')));
  });
});

describe('an encoder', () => {
  test('keeps the beginning, or the beginning and the end, of an article that does not fit', async () => {
    const whole = await idsOf(checkpoint('roberta'));
    const article = { title: 'El ni\u00f1o', text: TEXT.slice('El ni\u00f1o '.length) };
    const [first, ...rest] = whole;
    const pieces = rest.slice(0, -1);
    const cut = async (truncation: 'head' | 'head+tail') =>
      (await loadPieceEncoder(checkpoint('roberta'), { maxTokens: 10, truncation })).encode(article);
    expect(await cut('head')).toEqual({
      ids: Int32Array.of(first!, ...pieces.slice(0, 8), 2),
      truncated: true,
    });
    const both = [first!, ...pieces.slice(0, 2), ...pieces.slice(-6), 2];
    expect(await cut('head+tail')).toEqual({ ids: Int32Array.from(both), truncated: true });
  });

  test('gives a replaced character the place of the original', async () => {
    const encoder = await loadPieceEncoder(checkpoint('xlm-roberta'), options);
    const { starts, ends } = encoder.encodeWithOffsets({ title: '', text: 'x \ufb01n\r\ny' });
    const places = Array.from(starts, (start, t) => `${start}-${ends[t]}`);
    expect(places.at(0)).toBe('0-0');
    expect(new Set(places.slice(1, -1))).toEqual(new Set(['0-1', '2-3', '2-4', '6-7']));
  });

  test('needs room beside both special tokens', async () => {
    const narrow = { maxTokens: 2, truncation: 'head' } as const;
    await expect(loadPieceEncoder(checkpoint('roberta'), narrow)).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('is not saved once its file has changed', async () => {
    change('roberta', () => {});
    const encoder = await loadPieceEncoder(folder, options);
    change('roberta', (file) => (file.normalizer = { type: 'NFC' }));
    const target = mkdtempSync(join(tmpdir(), 'veracity-saved-'));
    expect(() => encoder.save(target)).toThrowError(expect.objectContaining({ code: 'TOKENIZER_INVALID' }));
    rmSync(target, { recursive: true });
  });
});

describe('an added token', () => {
  const add = (flags: Json): void =>
    change('roberta', (file) => {
      const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: false };
      (file.added_tokens as Json[]).push({ id: 341, content: 'ferry', ...plain, ...flags });
    });

  test('that is a single word is not taken within one', async () => {
    add({ single_word: true });
    expect(await idsOf(folder, 'a ferry.')).toContain(341);
    expect(await idsOf(folder, 'a ferryman')).not.toContain(341);
    expect(await idsOf(folder, 'aferry')).not.toContain(341);
  });

  test('that strips takes the white space beside it', async () => {
    const space = (await idsOf(checkpoint('roberta'), ' '))[1]!;
    add({});
    expect(await idsOf(folder, ' ferry ')).toEqual([0, space, 341, space, 2]);
    add({ lstrip: true, rstrip: true });
    expect(await idsOf(folder, ' ferry ')).toEqual([0, 341, 2]);
  });

  test('that is normalised is found in the normalised text', async () => {
    add({ normalized: true });
    expect(await idsOf(folder, 'FERRY')).not.toContain(341);
    change('roberta', (file) => {
      file.normalizer = { type: 'Lowercase' };
      const token = {
        id: 341,
        content: 'ferry',
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: true,
      };
      (file.added_tokens as Json[]).push(token);
    });
    expect(await idsOf(folder, 'FERRY')).toEqual([0, 341, 2]);
  });
});
