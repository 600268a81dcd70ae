// Tests for a small checkpoint that Python saved, compared with the results of PyTorch and transformers: token ids and their
// offsets, logits, loss, every gradient, 20 optimizer steps, and the same again from the folder that we save.
// Reference values: reference/checkpoints.py.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileTrainingProgram } from '../../src/engine/autodiff/training-program.ts';
import { writeOnnx } from '../../src/engine/graph/onnx-writer.ts';
import type { TensorData } from '../../src/engine/graph/tensor.ts';
import { lowerToOnnx } from '../../src/engine/ops/lower.ts';
import { createOnnxSession } from '../../src/engine/runtime/session/onnx-session.ts';
import { createTrainer } from '../../src/engine/runtime/training/trainer.ts';
import type { TrainingBatch } from '../../src/engine/runtime/training/training-step.ts';
import { openCheckpoint } from '../../src/learning/models/checkpoint/open-checkpoint.ts';
import type { PretrainedCheckpoint } from '../../src/learning/models/checkpoint/pretrained-checkpoint.ts';
import { loadCheckpointWeights, planWeights } from '../../src/learning/models/checkpoint/weight-plan.ts';
import type { DropoutRates } from '../../src/learning/models/encoder-definition.ts';
import { loadSafetensors, saveSafetensors } from '../../src/learning/models/safetensors.ts';
import type { PieceEncoder, PieceKind } from '../../src/text/tokenize/article-encoder.ts';
import { collateBatch } from '../../src/text/tokenize/batches.ts';
import { loadPieceEncoder } from '../../src/text/tokenize/load-piece-encoder.ts';
import { tokenizeSplit } from '../../src/text/tokenize/tokenized-split.ts';
import {
  createTrainingBatch,
  expectClose,
  REFERENCE_ADAMW,
  type ReferenceBatch,
  scatter,
} from './closeness.ts';

interface Reference {
  readonly maxTokens: number;
  readonly texts: string[];
  /** Token ids, truncated at maxTokens. */
  readonly ids: number[][];
  readonly whole: number[][];
  /** Offsets in the whole text, in code points; special tokens have [0, 0]. */
  readonly offsets: [number, number][][];
  readonly losses: number[];
  readonly norms: number[];
  readonly batches: ReferenceBatch[];
}

export interface CheckpointFacts {
  readonly kind: PieceKind;
  readonly padId: number;
  readonly wordTable: string;
  /** Texts in which our offsets of a composed character cover all of its characters, and those of the Rust library fewer. */
  readonly widerPlaces: readonly number[];
}

const CLASS_NAMES = ['a', 'b', 'c'];
const NO_DROPOUT: DropoutRates = { embedding: 0, attention: 0, hidden: 0, classifier: 0 };
const KEY_BIAS = /\.key\.bias$/;
const WHOLE = { maxTokens: 512, truncation: 'head' } as const;

/** Declares the tests of one folder of reference/checkpoints. */
export function testCheckpoint(name: string, facts: CheckpointFacts): void {
  const folder = fileURLToPath(new URL(`reference/checkpoints/${name}`, import.meta.url));
  const reference = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Reference;
  const { tensors: expected } = loadSafetensors(join(folder, 'expected.safetensors'));
  const options = { maxTokens: reference.maxTokens, truncation: 'head' } as const;

  describe(`the tokenizer of a small ${name}`, () => {
    let encoder: PieceEncoder;
    let whole: PieceEncoder;
    beforeAll(async () => {
      encoder = await loadPieceEncoder(folder, options);
      whole = await loadPieceEncoder(folder, WHOLE);
    });

    it('is chosen by the model.type of tokenizer.json and pads with its own token', () => {
      expect(encoder).toMatchObject({ kind: facts.kind, padId: facts.padId });
    });

    it('gives Python’s ids, truncated and whole', () => {
      for (const [i, text] of reference.texts.entries()) {
        expect([...encoder.encode({ title: '', text }).ids], text).toEqual(reference.ids[i]);
        expect([...whole.encode({ title: '', text }).ids], text).toEqual(reference.whole[i]);
      }
    });

    it('gives the offsets of each token like the Rust library', () => {
      for (const [i, text] of reference.texts.entries()) {
        const { ids, starts, ends } = whole.encodeWithOffsets({ title: '', text });
        expect([...ids]).toEqual(reference.whole[i]);
        if (facts.widerPlaces.includes(i)) continue;
        const places = Array.from(ids, (_, t) => [starts[t]!, ends[t]!]);
        expect(places, text).toEqual(reference.offsets[i]!.map((place) => toUnits(text, place)));
      }
    });

    it('is saved as the files that the checkpoint came with, and gives the same ids from there', async () => {
      await inFolder(async (saved) => {
        encoder.save(saved);
        expect(readdirSync(saved).toSorted()).toEqual(['tokenizer.json', 'tokenizer_config.json']);
        for (const file of readdirSync(saved))
          expect(readFileSync(join(saved, file))).toEqual(readFileSync(join(folder, file)));
        expect((await loadPieceEncoder(saved, options)).digest).toBe(encoder.digest);
      });
    });
  });

  describe(`a small ${name}`, () => {
    let checkpoint: PretrainedCheckpoint;
    let weights: ReadonlyMap<string, TensorData>;
    beforeAll(async () => {
      checkpoint = await openCheckpoint(folder);
      weights = loadCheckpointWeights(checkpoint, CLASS_NAMES, 1);
    });
    const build = (training: boolean) =>
      checkpoint.definition.build({
        idsType: 'int32',
        classNames: CLASS_NAMES,
        dropout: NO_DROPOUT,
        training,
      });
    const compile = () => compileTrainingProgram(build(true), build(false));

    it('has the parameters of transformers, by name and shape', () => {
      expect(planWeights(checkpoint, CLASS_NAMES)).toMatchObject({
        created: [],
        resized: [],
        unexpected: [],
      });
      const { tensors } = loadSafetensors(join(folder, 'model.safetensors'));
      const listShapes = (all: Iterable<readonly [string, TensorData]>): string[] =>
        Array.from(all, ([key, { shape }]) => `${key} [${shape}]`).toSorted();
      expect(listShapes(weights)).toEqual(listShapes(tensors));
    });

    it('reads texts into Python’s batches, padding included', async () => {
      const encoder = await loadPieceEncoder(folder, options);
      const articles = reference.texts.map((text, i) => ({ ...EMPTY_ARTICLE, id: `${i}`, text }));
      const split = await tokenizeSplit(articles, encoder);
      for (const [i, rows] of [
        [0, 1, 2, 3],
        [4, 5, 6],
      ].entries()) {
        const batch = collateBatch(split, rows, encoder.padId);
        expect([...batch.inputIds]).toEqual(reference.batches[i]!.inputIds.flat());
        expect([...batch.attentionMask]).toEqual(reference.batches[i]!.attentionMask.flat());
      }
    });

    it('gives PyTorch’s logits within 1e-5', async () => {
      const found = await computeLogits(checkpoint, weights, trainingBatch(0));
      expectClose(found, expected.get('logits')!.data, 1e-5, 'logits');
    });

    it('gives PyTorch’s loss and every gradient within 1e-5', async () => {
      const program = compile();
      const batch = trainingBatch(0);
      const step = await createOnnxSession(program.step, { threads: 1 });
      const outputs = await step.run({
        ...idInputs(batch),
        ...Object.fromEntries(weights),
        targets: { dtype: 'float32', shape: [batch.size, CLASS_NAMES.length], data: batch.targets },
        article_weights: { dtype: 'float32', shape: [batch.size], data: batch.articleWeights },
      });
      expect(outputs.loss!.data[0]).toBeCloseTo(reference.losses[0]!, 5);
      for (const { name: key, gradient } of program.parameters) {
        const found = outputs[gradient.output]!.data as Float32Array;
        const { vocabularySize, width } = checkpoint.definition;
        expect(gradient.kind === 'dense' || key === facts.wordTable, key).toBe(true);
        const dense =
          gradient.kind === 'dense' ? found : scatter(found, batch.inputIds, vocabularySize, width);
        expectClose(dense, expected.get(`gradient.${key}`)!.data, 1e-5, key);
      }
      await step.dispose();
    });

    it('follows PyTorch through 20 clipped AdamW steps within 1e-4 in every parameter', async () => {
      const trainer = await createTrainer({
        program: compile(),
        weights: weights as Map<string, TensorData>,
        optimizer: REFERENCE_ADAMW,
        clipNorm: 1,
        seed: 1,
        threads: 1,
      });
      for (let step = 0; step < 20; step++) {
        const { loss, gradientNorm } = await trainer.step([trainingBatch(step % 2)], {
          step,
          learningRate: 1e-3,
        });
        expect(Math.abs(loss - reference.losses[step]!)).toBeLessThan(1e-4);
        expect(Math.abs(gradientNorm - reference.norms[step]!)).toBeLessThan(1e-3);
      }
      const state = await trainer.saveState();
      for (const key of weights.keys()) {
        // The gradient of a key's bias is rounding noise, which Adam turns into full steps (bert.test.ts).
        const tolerance = KEY_BIAS.test(key) ? 20 * 1e-3 : 1e-4;
        expectClose(state.get(key)!.data, expected.get(`final.${key}`)!.data, tolerance, key);
      }
      await trainer.dispose();
    });

    it('gives the same logits from a folder that we wrote', async () => {
      await inFolder(async (saved) => {
        const { definition } = checkpoint;
        const config = definition.formatConfig({ classNames: CLASS_NAMES, dropout: definition.dropout });
        writeFileSync(join(saved, 'config.json'), JSON.stringify(config));
        saveSafetensors(join(saved, 'model.safetensors'), weights, { format: 'pt' });
        const again = await openCheckpoint(saved);
        const found = await computeLogits(
          again,
          loadCheckpointWeights(again, CLASS_NAMES, 1),
          trainingBatch(1),
        );
        const before = await computeLogits(checkpoint, weights, trainingBatch(1));
        expect(found).toEqual(before);
      });
    });
  });

  const trainingBatch = (index: number): TrainingBatch =>
    createTrainingBatch(reference.batches[index]!, CLASS_NAMES.length);
}

const EMPTY_ARTICLE = { title: '', group: 'g', label: 0, source: null, publishedAt: null };

/** @returns [B, C] */
async function computeLogits(
  { definition }: PretrainedCheckpoint,
  weights: ReadonlyMap<string, TensorData>,
  batch: TrainingBatch,
): Promise<Float32Array> {
  const { b, logits } = definition.build({ training: false, idsType: 'int32', classNames: CLASS_NAMES });
  const model = lowerToOnnx(b.graph, { outputs: { logits }, weights });
  const session = await createOnnxSession(new Uint8Array(Buffer.concat(writeOnnx(model))), { threads: 1 });
  const found = await session.run(idInputs(batch));
  await session.dispose();
  return found.logits!.data as Float32Array;
}

function idInputs({ size, length, inputIds, attentionMask }: TrainingBatch): Record<string, TensorData> {
  const shape = [size, length];
  return {
    input_ids: { dtype: 'int32', shape, data: inputIds },
    attention_mask: { dtype: 'int32', shape, data: attentionMask },
  };
}

/** Converts offsets from code points to UTF-16 units and drops white space at both ends; [0, 0] if nothing is visible. */
function toUnits(text: string, [from, to]: readonly [number, number]): [number, number] {
  const points = Array.from(text);
  let [first, last] = [from, to];
  while (first < last && /\p{White_Space}/u.test(points[first]!)) first++;
  while (last > first && /\p{White_Space}/u.test(points[last - 1]!)) last--;
  if (first === last) return [0, 0];
  return [points.slice(0, first).join('').length, points.slice(0, last).join('').length];
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'veracity-checkpoint-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
