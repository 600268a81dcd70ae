import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCountLearner, createCountSplit } from '../../../test/train/count-learner.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import { hashSha256 } from '../../foundation/core/hash.ts';
import { formatSafetensors } from '../models/safetensors.ts';
import type { TrainEvent } from './events.ts';
import type { Learner } from './learner.ts';
import { type TrainModelOptions, trainModel } from './loop.ts';
import { openCheckpoints } from './training-checkpoints.ts';

const VOCABULARY = 40;
const train = createCountSplit(120, VOCABULARY, 1);
const validation = createCountSplit(60, VOCABULARY, 2);

interface Outcome {
  readonly events: TrainEvent[];
  readonly stateHash: string;
}

describe('training loop', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-loop-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  type Changes = Partial<Omit<TrainModelOptions, 'plan'>> & { plan?: Partial<TrainModelOptions['plan']> };
  const optionsWith = (changes: Changes = {}): TrainModelOptions => ({
    learner: createCountLearner({ vocabulary: VOCABULARY, classes: 2, seed: 7 }),
    train,
    validation,
    padId: 0,
    classes: 2,
    learningRate: 0.05,
    schedule: { kind: 'linear', warmup: 0.1, final: 0 },
    evalEvery: null,
    checkpointEvery: null,
    keepBest: 1,
    patience: null,
    checkpoints: openCheckpoints(folder),
    resumeFrom: null,
    runId: 'run-20260101-000000-abcd',
    configDigest: '0'.repeat(64),
    signal: new AbortController().signal,
    clock: systemClock,
    ...changes,
    plan: {
      seed: 7,
      epochs: 3,
      maxSteps: null,
      batchSize: 10,
      maxTokens: 10_000,
      accumulate: 1,
      limitTrainBatches: null,
      ...changes.plan,
    },
  });

  /** Runs to the end, or until `until` says so: then as a killed process would, without another word. */
  async function runLoop(
    options: TrainModelOptions,
    until: (event: TrainEvent) => boolean = () => false,
  ): Promise<Outcome> {
    const events: TrainEvent[] = [];
    for await (const event of trainModel(options)) {
      events.push(event);
      if (until(event)) break;
    }
    return { events, stateHash: await hashState(options.learner) };
  }

  const ofType = <T extends TrainEvent['type']>(events: readonly TrainEvent[], type: T) =>
    events.filter((event): event is Extract<TrainEvent, { type: T }> => event.type === type);
  const resume = (changes: Changes = {}): Promise<TrainModelOptions> =>
    openCheckpoints(folder)
      .loadNewest(() => {})
      .then((resumeFrom) => optionsWith({ ...changes, resumeFrom }));
  /** What of the events must be equal in two runs: all but time and memory. */
  const facts = (events: readonly TrainEvent[]) =>
    events.map((event) =>
      event.type === 'step'
        ? { ...event, stepMs: 0, dataWaitMs: 0 }
        : event.type === 'done'
          ? { ...event, peakMemoryBytes: 0 }
          : event,
    );
  /** The log as the run store leaves it: what led to the resumed checkpoint, then what came after. */
  const stitch = (before: readonly TrainEvent[], after: readonly TrainEvent[], step: number) => [
    ...before.filter((event) =>
      event.type === 'step' || event.type === 'eval'
        ? event.step <= step
        : event.type === 'checkpoint' && event.step < step,
    ),
    ...after,
  ];

  it('learns: the validation loss falls and the accuracy beats chance', async () => {
    const { events } = await runLoop(optionsWith());
    const evaluations = ofType(events, 'eval');
    expect(evaluations.at(-1)?.metrics.loss).toBeLessThan((evaluations[0]?.metrics.loss ?? 0) - 0.02);
    expect(evaluations.at(-1)?.metrics.accuracy).toBeGreaterThan(0.75);
  });

  it('begins with a loss near ln C', async () => {
    const { events } = await runLoop(optionsWith({ plan: { maxSteps: 1 } }));
    expect(ofType(events, 'step')[0]?.loss).toBeCloseTo(Math.LN2, 1);
  });

  it('reports the memory that the learner measured, and the progress of an evaluation', async () => {
    const learner = createCountLearner({ vocabulary: VOCABULARY, classes: 2, seed: 7 });
    const step: typeof learner.step = async (...args) => ({
      ...(await learner.step(...args)),
      peakMemoryBytes: 9e12,
    });
    const heard: string[] = [];
    const { events } = await runLoop(
      optionsWith({
        learner: { ...learner, step },
        plan: { maxSteps: 2 },
        onEvaluation: (articles, total) => heard.push(`${articles}/${total}`),
      }),
    );
    expect(events.at(-1)).toMatchObject({ type: 'done', peakMemoryBytes: 9e12 });
    expect(heard.length).toBeGreaterThan(1);
    expect(heard.at(-1)).toBe(`${validation.labels.length}/${validation.labels.length}`);
  });

  it('gives the same events and the same bytes for the same seed, and others for another', async () => {
    const first = await runLoop(optionsWith());
    rmSync(folder, { recursive: true });
    const second = await runLoop(optionsWith());
    rmSync(folder, { recursive: true });
    const other = await runLoop(optionsWith({ plan: { seed: 8 } }));
    expect(facts(second.events)).toEqual(facts(first.events));
    expect(second.stateHash).toBe(first.stateHash);
    expect(other.stateHash).not.toBe(first.stateHash);
  });

  it('takes whole and fractional epochs, evaluating after each and after the last step', async () => {
    const { events } = await runLoop(optionsWith({ plan: { epochs: 1.5 } }));
    const steps = ofType(events, 'step');
    const perEpoch = steps.filter((event) => event.epoch <= 1).length;
    expect(steps.length).toBe(Math.round(1.5 * perEpoch));
    expect(ofType(events, 'eval').map((event) => event.step)).toEqual([perEpoch, steps.length]);
    expect(ofType(events, 'eval')[0]?.epoch).toBe(1);
    expect(steps.at(-1)?.epoch).toBeCloseTo(1.5, 1);
  });

  it('learns from every article once an epoch', async () => {
    const { events } = await runLoop(optionsWith({ plan: { epochs: 1, accumulate: 5 } }));
    expect(ofType(events, 'step').reduce((sum, event) => sum + event.articles, 0)).toBe(120);
    expect(ofType(events, 'step').reduce((sum, event) => sum + event.tokens, 0)).toBe(train.ids.length);
  });

  it('stops at max_steps, limits the batches of an epoch and evaluates on an interval', async () => {
    const { events } = await runLoop(
      optionsWith({ evalEvery: 3, plan: { epochs: 100, maxSteps: 8, limitTrainBatches: 4 } }),
    );
    expect(ofType(events, 'step').map((event) => event.step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(ofType(events, 'step')[3]?.epoch).toBe(1);
    expect(ofType(events, 'eval').map((event) => event.step)).toEqual([3, 6, 8]);
    expect(events.at(-1)).toMatchObject({ type: 'done', steps: 8, reason: 'finished' });
  });

  it('keeps the best checkpoints by validation loss and the last two, under names any disk takes', async () => {
    const { events } = await runLoop(
      optionsWith({ evalEvery: 2, keepBest: 2, learningRate: 3, plan: { maxSteps: 20 } }),
    );
    const ranked = ofType(events, 'eval').toSorted((a, b) => a.calibratedLoss - b.calibratedLoss);
    const expected = new Set([18, 20, ranked[0]?.step ?? 0, ranked[1]?.step ?? 0]);
    expect(openCheckpoints(folder).steps()).toEqual([...expected].sort((a, b) => a - b));
    for (const name of readdirSync(folder)) expect(name).toMatch(/^step-\d{6}$/);
    expect(events.at(-1)).toMatchObject({ type: 'done', bestStep: ranked[0]?.step });
  });

  it('marks an evaluation best only when the calibrated loss is lower than all before', async () => {
    const { events } = await runLoop(optionsWith({ evalEvery: 1, learningRate: 3, plan: { maxSteps: 20 } }));
    let lowest = Number.POSITIVE_INFINITY;
    for (const { best, calibratedLoss, metrics } of ofType(events, 'eval')) {
      expect(best).toBe(calibratedLoss < lowest);
      expect(calibratedLoss).toBeLessThan(metrics.loss + 0.05);
      lowest = Math.min(lowest, calibratedLoss);
    }
  });

  it('stops early after `patience` evaluations without a better one', async () => {
    const { events } = await runLoop(
      optionsWith({ evalEvery: 1, patience: 3, learningRate: 5, plan: { epochs: 50 } }),
    );
    expect(events.at(-1)).toMatchObject({ type: 'done', reason: 'early-stopping' });
    expect(
      ofType(events, 'eval')
        .slice(-4)
        .map((event) => event.best),
    ).toEqual([true, false, false, false]);
  });

  it('ends as the uninterrupted run when it was killed at any event', async () => {
    const settings: Changes = { evalEvery: 5, checkpointEvery: 2, plan: { epochs: 1.5, accumulate: 2 } };
    const whole = await runLoop(optionsWith(settings));
    for (let killedAt = 0; killedAt < whole.events.length - 1; killedAt++) {
      rmSync(folder, { recursive: true, force: true });
      let seen = 0;
      const before = await runLoop(optionsWith(settings), () => seen++ === killedAt);
      const options = await resume(settings);
      const after = await runLoop(options);
      expect(after.stateHash).toBe(whole.stateHash);
      const stitched = stitch(before.events, after.events, options.resumeFrom?.record.step ?? 0);
      expect(facts(stitched)).toEqual(facts(whole.events));
    }
  });

  it('stops within a step on a signal, and resumes to the same end', async () => {
    const settings: Changes = { evalEvery: 7, plan: { epochs: 2 } };
    const whole = await runLoop(optionsWith(settings));
    for (const stopAt of [1, 6, 7, 13]) {
      rmSync(folder, { recursive: true, force: true });
      const stop = new AbortController();
      const events: TrainEvent[] = [];
      for await (const event of trainModel(optionsWith({ ...settings, signal: stop.signal }))) {
        events.push(event);
        if (event.type === 'step' && event.step === stopAt) stop.abort();
      }
      expect(events.at(-1)).toMatchObject({ type: 'done', reason: 'stopped', steps: stopAt });
      expect(events.at(-2)).toMatchObject({ type: 'checkpoint', step: stopAt });
      const after = await runLoop(await resume(settings));
      expect(after.stateHash).toBe(whole.stateHash);
      expect(facts(stitch(events, after.events, stopAt))).toEqual(facts(whole.events));
    }
  });

  it('hears a stop that arrives as an event of the process, though the learner never waits', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 30);
    const { events } = await runLoop(
      optionsWith({ signal: stop.signal, plan: { epochs: 5000, maxSteps: 20_000 }, evalEvery: 20_000 }),
    );
    expect(events.at(-1)).toMatchObject({ type: 'done', reason: 'stopped' });
  });

  it('reports step and rate of a loss that is not finite, and keeps the checkpoint before it', async () => {
    const learner = createCountLearner({ vocabulary: VOCABULARY, classes: 2, seed: 7, breaksAtStep: 9 });
    await expect(runLoop(optionsWith({ learner, checkpointEvery: 4 }))).rejects.toMatchObject({
      code: 'LOSS_NOT_FINITE',
      details: { step: 10, loss: 'NaN' },
    });
    expect((await openCheckpoints(folder).loadNewest(() => {}))?.record.step).toBe(8);
  });

  it('refuses logits that are not finite before they become a checkpoint', async () => {
    const learner: Learner = {
      ...createCountLearner({ vocabulary: VOCABULARY, classes: 2, seed: 7 }),
      computeLogits: async (batch) => new Float32Array(batch.size * 2).fill(Number.NaN),
    };
    await expect(runLoop(optionsWith({ learner }))).rejects.toMatchObject({ code: 'LOSS_NOT_FINITE' });
    expect(openCheckpoints(folder).steps()).toEqual([]);
  });

  it('falls back to the checkpoint before a broken one, says so, and still ends the same', async () => {
    const settings: Changes = { checkpointEvery: 3, plan: { epochs: 2 } };
    const whole = await runLoop(optionsWith(settings));
    for (const harm of ['state.safetensors', 'checkpoint.json'] as const) {
      rmSync(folder, { recursive: true, force: true });
      await runLoop(optionsWith(settings), (event) => event.type === 'checkpoint' && event.step === 9);
      const path = join(folder, 'step-000009', harm);
      writeFileSync(path, readFileSync(path).subarray(0, -7));
      const warnings: string[] = [];
      const resumeFrom = await openCheckpoints(folder).loadNewest((line) => warnings.push(line));
      expect(resumeFrom?.record.step).toBe(6);
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain('step-000009');
      expect((await runLoop(optionsWith({ ...settings, resumeFrom }))).stateHash).toBe(whole.stateHash);
    }
  });

  it('refuses to start over in silence when no checkpoint is readable', async () => {
    await runLoop(
      optionsWith({ checkpointEvery: 3 }),
      (event) => event.type === 'checkpoint' && event.step === 3,
    );
    appendFileSync(join(folder, 'step-000003', 'state.safetensors'), 'x');
    await expect(openCheckpoints(folder).loadNewest(() => {})).rejects.toMatchObject({
      code: 'CHECKPOINT_CORRUPT',
    });
  });

  it('refuses a checkpoint of another configuration or of another model', async () => {
    await runLoop(optionsWith());
    await expect(runLoop(await resume({ configDigest: '1'.repeat(64) }))).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
    });
    const learner = createCountLearner({ vocabulary: 10, classes: 2, seed: 7 });
    await expect(runLoop(await resume({ learner }))).rejects.toMatchObject({ code: 'CHECKPOINT_MISMATCH' });
  });
});

async function hashState(learner: Learner): Promise<string> {
  return hashSha256(Buffer.concat(formatSafetensors(await learner.saveState())));
}
