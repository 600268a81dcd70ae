// Tests that the tokenizer files we save are byte for byte those that Python's `tokenizers` and `transformers` loaded
// (reference/load_saved.py), and that these gave the same ids for the fuzzed texts.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { PieceEncoder } from '../../src/text/tokenize/article-encoder.ts';
import { shortDigest } from './reference-digests.ts';
import { createExampleEncoder, FUZZED_TEXTS } from './saved-example.ts';

const saved = z
  .object({
    files: z.record(z.string(), z.string()),
    tokenizers: z.string(),
    transformers: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync(new URL('./reference/saved.json', import.meta.url), 'utf8')));

let encoder: PieceEncoder;
beforeAll(async () => {
  encoder = await createExampleEncoder();
});

test('the files are those that Python loaded', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veracity-saved-'));
  try {
    encoder.save(folder);
    const files = readdirSync(folder).map((name) => [
      name,
      shortDigest([readFileSync(join(folder, name), 'utf8')]),
    ]);
    expect(Object.fromEntries(files)).toEqual(saved.files);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('tokenizers and transformers give the same ids from them for every model', () => {
  const ours = shortDigest(
    FUZZED_TEXTS.map((text) => `${encoder.encode({ title: '', text }).ids.join(',')}\n`),
  );
  expect(saved.tokenizers).toBe(ours);
  expect(saved.transformers).toEqual({ modernbert: ours, bert: ours, distilbert: ours });
});
