// Trains the small encoders for a few steps in each way that is saved in another form than it is trained in (adapters of
// every dense layer; a linear head), and writes base, model and our logits, which check_models.py compares with Python's.
// npx tsx test/train/reference/write-models.ts FOLDER && python test/train/reference/check_models.py FOLDER
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint } from '../../../src/learning/models/checkpoint/open-checkpoint.ts';
import { LORA_TARGETS } from '../../../src/learning/models/lora.ts';
import { createPretrained } from '../../../src/learning/models/pretrained.ts';
import { collateBatch } from '../../../src/text/tokenize/batches.ts';
import { createEncoderLearner } from '../../../src/learning/train/encoder-learner.ts';
import { parseTrainingScope, selectTrained } from '../../../src/learning/train/training-scope.ts';
import { makeSplit, saveSmallPretrained } from '../../fixtures/small-pretrained.ts';

const root = process.argv[2] ?? '.';
const classNames = ['FAKE', 'REAL'];
const split = makeSplit(64, 3);
const batch = collateBatch(split, Int32Array.from(split.labels, (_, row) => row), 0);
const cases = [
  { name: 'distilbert-lora', family: 'distilbert', scope: 'lora', head: 'standard' },
  { name: 'bert-lora', family: 'bert', scope: 'lora', head: 'standard' },
  { name: 'distilbert-linear', family: 'distilbert', scope: 'all', head: 'linear' },
] as const;
for (const { name, family, scope, head } of cases) {
  const base = join(root, name, 'base');
  saveSmallPretrained(base, family);
  const lora = scope === 'lora' ? { rank: 4, alpha: 8, dropout: 0, targets: [...LORA_TARGETS] } : null;
  const model = createPretrained(await openCheckpoint(base), { classNames, seed: 1, dropout: null, head, lora, base });
  const learner = await createEncoderLearner(
    {
      seed: 1,
      classNames,
      classWeights: null,
      labelSmoothing: 0,
      clipNorm: 1,
      optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
      threads: 1,
    },
    model,
    { isTrained: selectTrained(parseTrainingScope(scope), model.layers) },
  );
  for (let step = 0; step < 20; step++) await learner.step([batch], { step, learningRate: 1e-2 });
  const logits = await learner.computeLogits(batch);
  const { maxLogitDifference } = await learner.exportModel(join(root, name, 'model'), [batch]);
  const { size, length, inputIds, attentionMask } = batch;
  const plain = { size, length, inputIds: [...inputIds], attentionMask: [...attentionMask], logits: [...logits] };
  writeFileSync(join(root, name, 'logits.json'), JSON.stringify(plain));
  console.log(name, 'written; its ONNX file differs by', maxLogitDifference);
  await learner.dispose();
}
