// Pruners on recorded trainings: more than 300 curves of validation losses over 27 epochs (test/fixtures/
// record-training-curves.ts). A sweep is replayed with four trials at once, and its steps and its best trial are compared
// with the sweep that stops none. With VERACITY_PRINT=1 it prints the lines that stand in docs/lab-notes.md.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../foundation/core/index.ts';
import { createPruner } from './create-pruner.ts';
import type { Pruner, PrunerOptions } from './pruner.ts';
import type { Observation } from './sampler.ts';

type Curve = readonly number[];
const file = fileURLToPath(new URL('../../../test/fixtures/training-curves.json', import.meta.url));
const recorded = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { values: Curve }[]>;
const groups = Object.entries(recorded).map(([name, trainings]) => ({
  name,
  curves: trainings.map(({ values }) => values),
}));

/** What a training is worth: it keeps its best checkpoint. */
const bestOf = (curve: Curve): number => Math.min(...curve);

const WORKERS = 4;
const TRIALS = 40;
const SWEEPS = 25;

interface Replay {
  /** Evaluations of all trials, as a share of those without stopping. */
  readonly share: number;
  /** Best loss of the trials that were not stopped, minus the best loss of all, as a share of the range to the median. */
  readonly regret: number;
}

/** Replays a sweep: the trial that began first reports first, then the next, as trainings of the same speed would. */
function replay(curves: readonly Curve[], pruner: Pruner): Replay {
  const trials: Observation[] = [];
  let next = 0;
  let evaluations = 0;
  let running: number[] = [];
  const begin = (): void => {
    if (next === curves.length) return;
    trials.push({ parameters: {}, state: 'running', value: null, reports: [] });
    running.push(next++);
  };
  for (let i = 0; i < WORKERS; i++) begin();
  while (running.length > 0) {
    for (const at of [...running]) {
      const curve = curves[at] as Curve;
      const { reports } = trials[at] as Observation;
      const step = reports.length + 1;
      const now: Observation = {
        ...(trials[at] as Observation),
        reports: [...reports, { step, value: curve[step - 1] as number }],
      };
      trials[at] = now;
      evaluations++;
      const isOver = step === curve.length;
      const isStopped =
        !isOver &&
        pruner.shouldStop(
          now,
          trials.filter((_, other) => other !== at),
        );
      if (!isOver && !isStopped) continue;
      trials[at] = {
        ...now,
        state: isStopped ? 'stopped' : 'finished',
        value: isStopped ? null : bestOf(curve),
      };
      running = running.filter((other) => other !== at);
      begin();
    }
  }
  const ends = curves.map(bestOf).sort((a, b) => a - b);
  const best = Math.min(...trials.flatMap(({ value }) => value ?? []));
  const lowest = ends[0] as number;
  const middle = ends[ends.length >> 1] as number;
  return {
    share: evaluations / curves.reduce((sum, curve) => sum + curve.length, 0),
    regret: (best - lowest) / (middle - lowest),
  };
}

/** Replays sweeps of 40 trials drawn from the recorded ones. */
function replaySweeps(curves: readonly Curve[], options: PrunerOptions): Replay {
  const replays = Array.from({ length: SWEEPS }, (_, seed) =>
    replay(
      createRandom(seed, 'sweep')
        .shuffle([...curves])
        .slice(0, TRIALS),
      createPruner(options),
    ),
  );
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    share: mean(replays.map(({ share }) => share)),
    regret: mean(replays.map(({ regret }) => regret)),
  };
}

const options = (kind: PrunerOptions['kind'], rest: Partial<PrunerOptions> = {}): PrunerOptions => ({
  kind,
  minEvaluations: 1,
  eta: 3,
  maxEvaluations: 27,
  brackets: null,
  ...rest,
});

test('more than 300 trainings are recorded, each with a loss for each of 27 epochs', () => {
  const curves = groups.flatMap((group) => group.curves);
  expect(curves.length).toBeGreaterThanOrEqual(300);
  for (const curve of curves) {
    expect(curve).toHaveLength(27);
    expect(curve.every(Number.isFinite)).toBe(true);
  }
});

// Limits with room to what was measured: docs/lab-notes.md.
describe.each(groups)('sweeps of $name', ({ curves }) => {
  test.each([
    ['hyperband from 3 on', options('hyperband', { minEvaluations: 3 }), 0.4, 0.05],
    ['hyperband, s 2', options('hyperband', { brackets: 2 }), 0.4, 0.05],
    ['asha from 1 on', options('asha'), 0.25, 0.2],
    ['asha from 3 on', options('asha', { minEvaluations: 3 }), 0.4, 0.05],
    ['median from 3 on', options('median', { minEvaluations: 3 }), 0.75, 0.05],
  ])(
    '%s saves evaluations and keeps a trial that is about as good as the best',
    (name, chosen, mostShare, mostRegret) => {
      const { share, regret } = replaySweeps(curves, chosen);
      if (process.env.VERACITY_PRINT === '1') {
        process.stdout.write(
          `${curves.length} ${name}: share ${share.toFixed(3)}, regret ${regret.toFixed(3)}\n`,
        );
      }
      expect(share).toBeLessThan(mostShare);
      expect(regret).toBeLessThan(mostRegret);
    },
  );
});

test('a pruner that never stops a trial costs everything and misses nothing', () => {
  for (const { curves } of groups) {
    expect(replay(curves.slice(0, TRIALS), { shouldStop: () => false })).toEqual({ share: 1, regret: 0 });
  }
});
