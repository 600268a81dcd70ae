// Writes our hidden states of a pretrained checkpoint for 16 articles of the bundled sample, for hidden.py to compare with.
// Run: npx tsx test/parity/reference/export-hidden.ts CHECKPOINT_FOLDER OUT.safetensors
import { readFileSync } from 'node:fs';
import { writeOnnx } from '../../../src/engine/graph/onnx-writer.ts';
import { float32Tensor, int32Tensor, type TensorData } from '../../../src/engine/graph/tensor.ts';
import { lowerToOnnx } from '../../../src/engine/ops/lower.ts';
import { createOnnxSession } from '../../../src/engine/runtime/session/onnx-session.ts';
import { loadCheckpointWeights } from '../../../src/learning/models/checkpoint/weight-plan.ts';
import { openCheckpoint } from '../../../src/learning/models/checkpoint/open-checkpoint.ts';
import { saveSafetensors } from '../../../src/learning/models/safetensors.ts';
import { wrapTokenizer } from '../../../src/text/tokenize/wordpiece-encoder.ts';
import { loadWordPieceTokenizer } from '../../../src/text/tokenize/wordpiece-file.ts';

const [folder, out] = process.argv.slice(2) as [string, string];
const lines = readFileSync(new URL('../../../sample/articles.jsonl', import.meta.url), 'utf8').trim().split('\n');
const articles = lines.slice(0, 16).map((line) => JSON.parse(line) as { title: string; text: string });
const maxTokens = 128;
const classNames = ['FAKE', 'REAL'];
const run = async (): Promise<void> => {
  const encoder = wrapTokenizer(loadWordPieceTokenizer(folder), { maxTokens, truncation: 'head' });
  const encoded = articles.map((article) => encoder.encode(article).ids);
  const T = Math.max(...encoded.map(({ length }) => length));
  const shape = [encoded.length, T];
  const ids = int32Tensor(shape, new Int32Array(encoded.length * T).fill(encoder.padId));
  const mask = int32Tensor(shape, new Int32Array(encoded.length * T));
  for (const [i, row] of encoded.entries()) {
    ids.data.set(row, i * T);
    mask.data.fill(1, i * T, i * T + row.length);
  }
  const checkpoint = await openCheckpoint(folder);
  const { b, hidden, pooled } = checkpoint.definition.build({ training: false, idsType: 'int32', classNames });
  const outputs = Object.fromEntries([['pooled', pooled], ...hidden.map((value, i) => [`hidden_${i}`, value] as const)]);
  const weights = loadCheckpointWeights(checkpoint, classNames, 1);
  const session = await createOnnxSession(new Uint8Array(Buffer.concat(writeOnnx(lowerToOnnx(b.graph, { outputs, weights })))), { threads: 2 });
  const found = await session.run({ input_ids: ids, attention_mask: mask });
  const tensors = Object.entries(found).map(([name, { shape, data }]) => [name, float32Tensor(shape, data as Float32Array)] as const);
  saveSafetensors(out, new Map<string, TensorData>([...tensors, ['input_ids', ids], ['attention_mask', mask]]));
  await session.dispose();
};
void run();
