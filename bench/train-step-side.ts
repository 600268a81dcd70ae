// Our side of the train-step bench: reads a case folder and responds to "step" and "loss".
// node --import tsx bench/train-step-side.ts FOLDER [profile prefix]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileTrainingProgram } from '../src/engine/autodiff/training-program.ts';
import { createTrainer } from '../src/engine/runtime/training/trainer.ts';
import type { TrainingBatch } from '../src/engine/runtime/training/training-step.ts';
import { buildModernBert } from '../src/learning/models/modernbert/graph.ts';
import { loadSafetensors } from '../src/learning/models/safetensors.ts';
import { serveSide } from './side-process.ts';
import type { SavedCase } from './train-step-case.ts';

const [folder, profilePrefix] = process.argv.slice(2);
const { config, classNames, batch, optimizer, clipNorm, learningRate, threads } = JSON.parse(
  readFileSync(join(folder!, 'case.json'), 'utf8'),
) as SavedCase;

const buildStartMs = performance.now();
const program = compileTrainingProgram(
  buildModernBert(config, { training: true, idsType: 'int32', classNames }),
  buildModernBert(config, { training: false, idsType: 'int32', classNames }),
);
const buildMs = performance.now() - buildStartMs;
const trainer = await createTrainer({
  program,
  weights: loadSafetensors(join(folder!, 'weights.safetensors')).tensors,
  optimizer,
  clipNorm,
  seed: 1,
  threads,
  ...(profilePrefix === undefined ? {} : { profile: { operatorsPrefix: profilePrefix } }),
});

const { labels, size, length } = batch;
const classes = classNames.length;
const targets = new Float32Array(size * classes);
for (const [i, label] of labels.entries()) targets[i * classes + label] = 1;
const trainingBatch: TrainingBatch = {
  inputIds: Int32Array.from(batch.inputIds),
  attentionMask: new Int32Array(size * length).fill(1),
  size,
  length,
  targets,
  articleWeights: new Float32Array(size).fill(1 / size),
};

let step = 0;
await serveSide(
  { buildMs },
  {
    step: async () => {
      const stepStartMs = performance.now();
      const result = await trainer.step([trainingBatch], { step: step++, learningRate });
      return { ms: performance.now() - stepStartMs, ...result };
    },
    /** Cross-entropy without dropout at the present weights. */
    loss: async () => {
      const logits = await trainer.computeLogits(trainingBatch);
      let loss = 0;
      for (const [i, label] of labels.entries()) {
        const row = logits.subarray(i * classes, (i + 1) * classes);
        const highest = Math.max(...row);
        const sum = row.reduce((total, value) => total + Math.exp(value - highest), 0);
        loss += (highest + Math.log(sum) - row[label]!) / size;
      }
      return { loss };
    },
  },
);
await trainer.dispose();
