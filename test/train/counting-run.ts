// Trains the count learner with a vocabulary so large that a checkpoint has 640 kB.
import { systemClock } from '../../src/foundation/core/clock.ts';
import { trainModel } from '../../src/learning/train/loop.ts';
import { openCheckpoints } from '../../src/learning/train/training-checkpoints.ts';
import { createCountLearner, createCountSplit } from './count-learner.ts';

const VOCABULARY = 40_000;

/** Trains in `folder` from its newest checkpoint (or from the start) up to `maxSteps`, a checkpoint every 3 steps. */
export async function continueCounting(folder: string, maxSteps: number): Promise<void> {
  const checkpoints = openCheckpoints(folder);
  const events = trainModel({
    learner: createCountLearner({ vocabulary: VOCABULARY, classes: 2, seed: 1 }),
    train: createCountSplit(60, VOCABULARY, 1),
    validation: createCountSplit(20, VOCABULARY, 2),
    padId: 0,
    classes: 2,
    plan: {
      seed: 1,
      epochs: 10,
      maxSteps,
      batchSize: 8,
      maxTokens: 10_000,
      accumulate: 1,
      limitTrainBatches: null,
    },
    learningRate: 0.1,
    schedule: { kind: 'constant', warmup: 0, final: 0 },
    evalEvery: 1000,
    checkpointEvery: 3,
    keepBest: 1,
    patience: null,
    checkpoints,
    resumeFrom: await checkpoints.loadNewest(() => {}),
    runId: 'run-20260101-000000-abcd',
    configDigest: '0'.repeat(64),
    signal: new AbortController().signal,
    clock: systemClock,
  });
  for await (const _ of events);
}
