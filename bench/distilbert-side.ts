// Our side of the DistilBERT bench: reads a case folder and responds to each command line with a line of JSON.
// node --import tsx bench/distilbert-side.ts FOLDER [train | head | infer] [profile prefix]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileTrainingProgram } from '../src/engine/autodiff/training-program.ts';
import { writeOnnx } from '../src/engine/graph/onnx-writer.ts';
import { PROGRAM_NAMES } from '../src/engine/graph/program.ts';
import { float32Tensor } from '../src/engine/graph/tensor.ts';
import { lowerToOnnx } from '../src/engine/ops/lower.ts';
import { createInferenceSession } from '../src/engine/runtime/session/inference-session.ts';
import { createTrainer } from '../src/engine/runtime/training/trainer.ts';
import type { TrainingBatch } from '../src/engine/runtime/training/training-step.ts';
import { FEATURES } from '../src/learning/models/features.ts';
import { loadSafetensors } from '../src/learning/models/safetensors.ts';
import { type Article, CLASS_NAMES, createFullBatch, DISTILBERT, type SavedCase } from './distilbert-case.ts';
import { serveSide } from './side-process.ts';

const HEAD_ARTICLES = 2000;
const HEAD_BATCH = 64;
const HEAD_EPOCHS = 35;
const GROWTH_STEPS = 500;
const CLASSES = 2;

const [folder, mode = 'train', profilePrefix] = process.argv.slice(2);
const saved = JSON.parse(readFileSync(join(folder!, 'case.json'), 'utf8')) as SavedCase;
const { dropout: rate, threads, learningRate } = saved;
const classNames = CLASS_NAMES;
const dropout = { embedding: rate, attention: rate, hidden: rate, classifier: rate };
const loadWeights = () => loadSafetensors(join(folder!, '../weights.safetensors')).tensors;
const optimizer = { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 } as const;

await { train: serveTraining, head: serveHead, infer: serveInference }[mode]!();

async function serveTraining(): Promise<void> {
  const build = (training: boolean) => DISTILBERT.build({ training, idsType: 'int32', classNames, dropout });
  const startMs = performance.now();
  const program = compileTrainingProgram(build(true), build(false));
  const buildMs = performance.now() - startMs;
  const trainer = await createTrainer({
    ...{ program, weights: loadWeights(), optimizer, clipNorm: 1, seed: 1, threads, adoptWeights: true },
    ...(profilePrefix === undefined ? {} : { profile: { operatorsPrefix: profilePrefix } }),
  });
  const batches = saved.byLength.map(padBatch);
  let step = 0;
  const takeStep = async (batch: TrainingBatch) => {
    const stepStartMs = performance.now();
    const result = await trainer.step([batch], { step: step++, learningRate });
    return { ms: performance.now() - stepStartMs, ...result };
  };
  await serveSide(
    { buildMs },
    {
      step: () => takeStep(batches[step % batches.length]!),
      epoch: async () => {
        let ms = 0;
        let peakMemoryBytes = 0;
        for (const batch of batches) {
          const done = await takeStep(batch);
          ms += done.ms;
          peakMemoryBytes = done.peakMemoryBytes;
        }
        return { ms, peakMemoryBytes };
      },
      /** Cross-entropy of the first random batch, without dropout. */
      loss: async () => {
        const batch = padBatch(saved.random[0]!);
        return { loss: crossEntropy(await trainer.computeLogits(batch), saved.random[0]!) };
      },
      /** Many steps on batches of changing sizes; resident bytes after a fifth of them and at the end. */
      grow: async () => {
        const resident: number[] = [];
        for (let i = 1; i <= GROWTH_STEPS; i++) {
          await takeStep(padBatch(createFullBatch(1 + (i % 4), 8 + ((i * 7) % 25))));
          if (i === GROWTH_STEPS / 5 || i === GROWTH_STEPS) resident.push(process.memoryUsage.rss());
        }
        return { resident };
      },
    },
  );
  await trainer.dispose();
}

/** A frozen encoder: one pass over the articles, then epochs in which only the head trains on their vectors. */
async function serveHead(): Promise<void> {
  const weights = loadWeights();
  const { b, pooled } = DISTILBERT.build({ training: false, idsType: 'int32', classNames });
  const onnx = writeOnnx(lowerToOnnx(b.graph, { outputs: { pooled }, weights }));
  const encoder = await createInferenceSession(new Uint8Array(Buffer.concat(onnx)), {
    threads,
    inline: true,
  });
  const head = (training: boolean) =>
    DISTILBERT.buildHead({
      training,
      head: 'linear',
      rows: HEAD_ARTICLES,
      classNames,
      dropout: DISTILBERT.dropout,
    });
  const program = compileTrainingProgram(head(true), head(false), (name) => name !== FEATURES);
  const first = new Map(program.parameters.map(({ name, shape }) => [name, float32Tensor(shape)]));
  first.set(FEATURES, float32Tensor([HEAD_ARTICLES, DISTILBERT.width]));
  const trainer = await createTrainer({
    ...{ program, weights: first, optimizer, clipNorm: null, seed: 1, threads },
  });
  const batches = saved.byLength.map(padBatch);
  await serveSide(
    {},
    {
      encode: async () => {
        const startMs = performance.now();
        for (const { inputIds, attentionMask, size, length } of batches) {
          const shape = [size, length];
          await encoder.run({
            [PROGRAM_NAMES.inputIds]: { dtype: 'int32', shape, data: inputIds },
            [PROGRAM_NAMES.attentionMask]: { dtype: 'int32', shape, data: attentionMask },
          });
        }
        return { ms: performance.now() - startMs };
      },
      /** Time of all epochs over 2,000 vectors. */
      head: async () => {
        const startMs = performance.now();
        let step = 0;
        for (let epoch = 0; epoch < HEAD_EPOCHS; epoch++) {
          for (let start = 0; start < HEAD_ARTICLES; start += HEAD_BATCH) {
            const size = Math.min(HEAD_BATCH, HEAD_ARTICLES - start);
            const rows = Array.from({ length: size }, (_, i) => ({ ids: [start + i], label: i % 2 }));
            await trainer.step([padBatch(rows)], { step: step++, learningRate });
          }
        }
        return { ms: performance.now() - startMs };
      },
    },
  );
  await trainer.dispose();
  await encoder.dispose();
}

/** The exported model in our own session, in its worker thread, as `Classifier` runs it. */
async function serveInference(): Promise<void> {
  const { b, logits } = DISTILBERT.build({ training: false, idsType: 'int64', classNames });
  const model = lowerToOnnx(b.graph, { outputs: { logits }, weights: loadWeights() });
  const session = await createInferenceSession(new Uint8Array(Buffer.concat(writeOnnx(model))), { threads });
  const run = (articles: readonly Article[]) => async () => {
    const { inputIds, attentionMask, size, length } = padBatch(articles);
    const int64 = (data: Int32Array) => ({
      ...{ dtype: 'int64', shape: [size, length], data: BigInt64Array.from(data, BigInt) },
    });
    const startMs = performance.now();
    const found = await session.run({
      [PROGRAM_NAMES.inputIds]: int64(inputIds),
      [PROGRAM_NAMES.attentionMask]: int64(attentionMask),
    } as never);
    return { ms: performance.now() - startMs, logits: [...(found.logits!.data as Float32Array)] };
  };
  const articles = saved.random[0]!;
  await serveSide({}, { one: run(articles.slice(0, 1)), all: run(articles) });
  await session.dispose();
}

function padBatch(articles: readonly Article[]): TrainingBatch {
  const size = articles.length;
  const length = Math.max(...articles.map(({ ids }) => ids.length));
  const inputIds = new Int32Array(size * length).fill(DISTILBERT.padId);
  const attentionMask = new Int32Array(size * length);
  const targets = new Float32Array(size * CLASSES);
  for (const [i, { ids, label }] of articles.entries()) {
    inputIds.set(ids, i * length);
    attentionMask.fill(1, i * length, i * length + ids.length);
    targets[i * CLASSES + label] = 1;
  }
  const articleWeights = new Float32Array(size).fill(1 / size);
  return { inputIds, attentionMask, size, length, targets, articleWeights };
}

function crossEntropy(logits: Float32Array, articles: readonly Article[]): number {
  let loss = 0;
  for (const [i, { label }] of articles.entries()) {
    const row = logits.subarray(i * CLASSES, (i + 1) * CLASSES);
    const highest = Math.max(...row);
    const sum = row.reduce((total, value) => total + Math.exp(value - highest), 0);
    loss += (highest + Math.log(sum) - row[label]!) / articles.length;
  }
  return loss;
}
