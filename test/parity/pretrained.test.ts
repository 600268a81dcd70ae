// Checkpoints that Python's transformers saved, read here: the same ids and logits on 64 articles. Every case of
// reference/pretrained.py (families, frozen and fine-tuned, one file, shards, float16 and bfloat16) is a row.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { writeOnnx } from '../../src/engine/graph/onnx-writer.ts';
import { lowerToOnnx } from '../../src/engine/ops/lower.ts';
import { createOnnxSession } from '../../src/engine/runtime/session/onnx-session.ts';
import { openCheckpoint } from '../../src/learning/models/checkpoint/open-checkpoint.ts';
import { loadCheckpointWeights, planWeights } from '../../src/learning/models/checkpoint/weight-plan.ts';
import { collateBatch } from '../../src/text/tokenize/batches.ts';
import { tokenizeSplit } from '../../src/text/tokenize/tokenized-split.ts';
import { wrapTokenizer } from '../../src/text/tokenize/wordpiece-encoder.ts';
import { loadWordPieceTokenizer } from '../../src/text/tokenize/wordpiece-file.ts';

interface Reference {
  readonly maxTokens: number;
  readonly articles: string[];
  readonly logits: Readonly<Record<string, number[]>>;
}

const root = fileURLToPath(new URL('reference/pretrained/', import.meta.url));
const reference = JSON.parse(readFileSync(`${root}logits.json`, 'utf8')) as Reference;
const sample = new Map(
  readFileSync(new URL('../../sample/articles.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; title: string; text: string })
    .map((article) => [article.id, article]),
);
const classNames = ['FAKE', 'REAL'];

describe('a checkpoint that Python saved', () => {
  it.each(Object.keys(reference.logits))('gives Python’s logits within 1e-5: %s', async (name) => {
    const expected = reference.logits[name]!;
    const folder = root + name;
    const checkpoint = await openCheckpoint(folder);
    expect(planWeights(checkpoint, classNames)).toMatchObject({ created: [], resized: [], unexpected: [] });
    const { maxTokens } = reference;
    const encoder = wrapTokenizer(loadWordPieceTokenizer(folder), { maxTokens, truncation: 'head' });
    const articles = reference.articles.map((id) => ({
      ...sample.get(id)!,
      group: id,
      label: 0,
      source: null,
      publishedAt: null,
    }));
    const split = await tokenizeSplit(articles, encoder);
    const batch = collateBatch(split, [...articles.keys()], encoder.padId);

    const { b, logits } = checkpoint.definition.build({ training: false, idsType: 'int32', classNames });
    const weights = loadCheckpointWeights(checkpoint, classNames, 1);
    const onnx = writeOnnx(lowerToOnnx(b.graph, { outputs: { logits }, weights, name: 'classifier' }));
    const session = await createOnnxSession(new Uint8Array(Buffer.concat(onnx)), { threads: 1 });
    const shape = [batch.size, batch.length];
    const found = await session.run({
      input_ids: { dtype: 'int32', shape, data: batch.inputIds },
      attention_mask: { dtype: 'int32', shape, data: batch.attentionMask },
    });
    await session.dispose();
    expect(found.logits!.data).toHaveLength(2 * 64);
    for (const [i, value] of expected.entries())
      expect(Math.abs(Number(found.logits!.data[i]) - value), `logit ${i}`).toBeLessThan(1e-5);
  });
});
