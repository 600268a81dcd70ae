// Compares byte-level BPE and Unigram with digests of the ids that the Rust library gives for the same 2,400 fuzzed texts. A
// failing group can be printed with reference/piece_digests.py CHECKPOINT GROUP.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadPieceEncoder } from '../../src/text/tokenize/load-piece-encoder.ts';
import { FUZZ_GROUPS, fuzzGroup } from './fuzz-text.ts';
import { shortDigest } from './reference-digests.ts';

const NAMES = ['roberta', 'xlm-roberta', 'modernbert'] as const;
const { ids: reference } = z
  .object({ ids: z.record(z.enum(NAMES), z.array(z.string())) })
  .parse(JSON.parse(readFileSync(new URL('./reference/piece-digests.json', import.meta.url), 'utf8')));
const groups = Array.from({ length: FUZZ_GROUPS }, (_, group) => fuzzGroup(group));

test.each(NAMES)('the ids of fuzzed texts equal the Rust library’s: %s', async (name) => {
  const folder = fileURLToPath(new URL(`../parity/reference/checkpoints/${name}`, import.meta.url));
  const encoder = await loadPieceEncoder(folder, { maxTokens: 100_000, truncation: 'head' });
  const wrong = groups.flatMap((texts, group) => {
    const lines = texts.map((text) => `${encoder.encode({ title: '', text }).ids.join(',')}\n`);
    return shortDigest(lines) === reference[name][group] ? [] : [group];
  });
  expect(wrong).toEqual([]);
});

test.each(NAMES)('ids are the same with and without offsets, and offsets are in order: %s', async (name) => {
  const folder = fileURLToPath(new URL(`../parity/reference/checkpoints/${name}`, import.meta.url));
  const encoder = await loadPieceEncoder(folder, { maxTokens: 100_000, truncation: 'head' });
  for (const text of groups.slice(0, 12).flat()) {
    const { ids, starts, ends } = encoder.encodeWithOffsets({ title: '', text });
    expect(ids.join()).toBe(encoder.encode({ title: '', text }).ids.join());
    let last = 0;
    for (const [t, end] of ends.entries()) {
      if (end === 0) continue;
      if (!(starts[t]! >= last && starts[t]! < end && end <= text.length))
        expect.fail(`token ${t} of ${JSON.stringify(text)}: [${starts[t]}, ${end}) after ${last}`);
      last = starts[t]!;
    }
  }
});
