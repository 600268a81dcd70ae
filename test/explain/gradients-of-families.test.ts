// Tests the gradient of each family's margin with respect to its word vectors, and that its program computes the logits of
// the exported model.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadGradientProgram } from '../../src/judging/explain/gradient-program.ts';
import { BATCH, createEncoderFolder, FAMILIES, runModel } from '../compress/encoder-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-gradients-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each(FAMILIES)('explains a %s by the logits that it predicts with', async (family) => {
  const info = createEncoderFolder(folder, family);
  const { program } = await loadGradientProgram(folder, info, { threads: 1 });
  const { length } = BATCH;
  const ids = BATCH.inputIds.subarray(length, 2 * length); // the article without padding
  const vectors = new Float32Array(length * program!.width);
  ids.forEach((id, at) => {
    vectors.set(program!.vectorOf(id), at * program!.width);
  });
  const { margins, gradients } = await program!.run(vectors, 1, length, [-0.5, 0.5]);
  const logits = await runModel(readFileSync(join(folder, 'onnx', 'model.onnx')));
  expect(margins[0]).toBeCloseTo(0.5 * (logits[3]! - logits[2]!), 5);

  // One step along the gradient raises the margin by about its squared length.
  const size = gradients.reduce((sum, value) => sum + value * value, 0);
  const step = 1e-3 / Math.sqrt(size);
  const moved = await program!.run(
    vectors.map((value, i) => value + step * gradients[i]!),
    1,
    length,
    [-0.5, 0.5],
  );
  expect((moved.margins[0]! - margins[0]!) / (step * size)).toBeCloseTo(1, 1);
  await program!.dispose();
});
