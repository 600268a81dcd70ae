// Bench of one optimizer step (forward, backward, clipping, AdamW) in float32: compact as configured, and an encoder of
// DistilBERT's size; B articles x T tokens, no padding, each side in its own process. PyTorch does the same step in turn,
// from the same weights; the losses are compared before anything is timed.
// npx tsx bench/train-step.ts [--allow-busy]     (PyTorch: VERACITY_PYTHON=… with torch and transformers)
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TrainerStep } from '../src/engine/runtime/training/training-step.ts';
import { saveDetails, type Table } from './details.ts';
import { runSuite, type Suite } from './harness.ts';
import { readOpShares } from './onnx-profile.ts';
import { type SideProcess, startSide } from './side-process.ts';
import { assertClose, listRatios, medianOf, PYTHON, runInTurn, THREADS } from './sides.ts';
import {
  countParameters,
  isWithoutDropout,
  saveCase,
  TRAIN_STEP_CASES,
  type TrainStepCase,
} from './train-step-case.ts';

interface Step extends TrainerStep {
  readonly ms: number;
}
type Ours = SideProcess<{ buildMs: number }, Step>;
type Torch = SideProcess<{ torch: string; transformers: string }, Step>;
type Steps = Readonly<Record<'ours' | 'torch', readonly Step[]>>;

const SUITE = 'train-step';
const WARM_UPS = 1;
const PROFILED_STEPS = 2; // the first allocates and is left out
const LOSS_TOLERANCE = 1e-4;
const SHOWN_OPS = 10;
const MB = 1e6;

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const startOurs = (folder: string, ...more: string[]): Promise<Ours> =>
  startSide([process.execPath, '--import', 'tsx', pathOf('train-step-side.ts'), folder, ...more]);

const parent = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
try {
  await runSuite(
    SUITE,
    async (suite) => {
      const phases: (string | number)[][] = [];
      const ops: Table[] = [];
      let versions: Torch['ready'] | null = null;
      for (const [i, one] of TRAIN_STEP_CASES.entries()) {
        const folder = join(parent, `${i}`);
        saveCase(folder, one);
        const torch: Torch | null =
          PYTHON === null ? null : await startSide([PYTHON, pathOf('baselines/train-step-torch.py'), folder]);
        versions = torch?.ready ?? null;
        const { steps, buildMs } = await takeSteps(one, folder, torch);
        recordFigures(suite, one, steps, buildMs);
        phases.push(...listPhases(one, steps));
        ops.push(await profileOps(one, folder));
        rmSync(folder, { recursive: true });
      }
      const columns = ['ms, medians', 'dropout masks', 'forward + backward', 'clipping + update'];
      saveDetails(SUITE, {
        tables: [{ title: 'Where a step goes', columns, rows: phases }, ...ops],
        notes: listNotes(versions),
      });
    },
    { threads: THREADS },
  );
} finally {
  rmSync(parent, { recursive: true });
}

async function takeSteps(
  one: TrainStepCase,
  folder: string,
  torch: Torch | null,
): Promise<{ steps: Steps; buildMs: number }> {
  if (torch !== null) await compareLosses(torch, folder);
  const ours = await startOurs(folder);
  const steps = { ours: [] as Step[], torch: [] as Step[] };
  const take = (side: keyof Steps, from: Ours | Torch) => async (): Promise<number> => {
    const step = await from.ask('step');
    steps[side].push(step);
    return step.ms;
  };
  const sides: Record<string, () => Promise<number>> = { ours: take('ours', ours) };
  if (torch !== null) sides.torch = take('torch', torch);
  await runInTurn(sides, { rounds: one.rounds, warmUps: WARM_UPS });
  await ours.close();
  await torch?.close();
  if (isWithoutDropout(one)) {
    for (const [i, { loss }] of steps.torch.entries())
      assertClose(`${one.name}, loss of step ${i}`, steps.ours[i]!.loss, loss, LOSS_TOLERANCE * (i + 1));
  }
  return { steps, buildMs: ours.ready.buildMs };
}

/** The loss without dropout from the same weights, in a process that is not measured. */
async function compareLosses(torch: Torch, folder: string): Promise<void> {
  const ours = await startOurs(folder);
  assertClose('loss', (await ours.ask('loss')).loss, (await torch.ask('loss')).loss, LOSS_TOLERANCE);
  await ours.close();
}

function recordFigures(
  suite: Suite,
  { name, size, length }: TrainStepCase,
  steps: Steps,
  buildMs: number,
): void {
  const [ours, torch] = [steps.ours, steps.torch].map((side) => side.slice(WARM_UPS).map(({ ms }) => ms));
  const rate = (perStep: number): number[] => ours!.map((ms) => (perStep * 1000) / ms);
  const peak = (side: readonly Step[]): number[] => [side.at(-1)!.peakMemoryBytes / MB];
  suite.record({ name: `${name}: step`, unit: 'ms', better: 'lower', values: ours! });
  if (torch!.length > 0) {
    suite.record({ name: `${name}: step, PyTorch`, unit: 'ms', better: 'lower', values: torch! });
    const values = listRatios(torch!, ours!);
    suite.record({
      name: `${name}: PyTorch / ours`,
      unit: 'times',
      better: 'higher',
      values,
      note: 'above 1: ours is faster',
    });
  }
  suite.record({ name: `${name}: tokens`, unit: 'tokens/s', better: 'higher', values: rate(size * length) });
  suite.record({ name: `${name}: articles`, unit: 'articles/s', better: 'higher', values: rate(size) });
  suite.record({ name: `${name}: peak memory`, unit: 'MB', better: 'lower', values: peak(steps.ours) });
  if (torch!.length > 0) {
    suite.record({
      name: `${name}: peak memory, PyTorch`,
      unit: 'MB',
      better: 'lower',
      values: peak(steps.torch),
    });
  }
  suite.record({
    name: `${name}: build and differentiate the graph, write ONNX`,
    unit: 'ms',
    better: 'lower',
    values: [buildMs],
  });
}

function listPhases({ name }: TrainStepCase, steps: Steps): (string | number)[][] {
  const row = (who: string, side: readonly Step[]): (string | number)[][] => {
    const timed = side.slice(WARM_UPS);
    if (timed.length === 0) return [];
    const phases = (['maskMs', 'graphMs', 'updateMs'] as const).map((phase) =>
      Math.round(medianOf(timed.map((step) => step[phase]))),
    );
    return [[`${name}, ${who}`, ...phases]];
  };
  return [...row('ours', steps.ours), ...row('PyTorch', steps.torch)];
}

async function profileOps({ name }: TrainStepCase, folder: string): Promise<Table> {
  const prefix = join(folder, 'profile');
  const side = await startOurs(folder, prefix);
  for (let step = 0; step < PROFILED_STEPS; step++) await side.ask('step');
  await side.close();
  const shares = readOpShares(prefix);
  const rest = shares.slice(SHOWN_OPS);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;
  return {
    title: `Share of forward + backward by op: ${name}`,
    columns: ['op', 'share', 'nodes'],
    rows: [
      ...shares.slice(0, SHOWN_OPS).map(({ op, share, nodes }) => [op, percent(share), nodes]),
      [
        `${rest.length} more`,
        percent(sum(rest.map(({ share }) => share))),
        sum(rest.map(({ nodes }) => nodes)),
      ],
    ],
  };
}

function listNotes(versions: Torch['ready'] | null): string[] {
  const sizes = TRAIN_STEP_CASES.filter(isWithoutDropout).map(({ name, config }) => {
    const { encoder, table } = countParameters(config);
    return `${name.split(',')[0]} ${(encoder / 1e6).toFixed(1)} M beside a table of ${(table / 1e6).toFixed(1)} M`;
  });
  return [
    `Parameters: ${sizes.join('; ')}.`,
    versions === null
      ? 'PyTorch was left out: VERACITY_PYTHON names no Python with torch and transformers.'
      : `PyTorch ${versions.torch}, transformers ${versions.transformers} (sdpa attention, fused AdamW, not compiled): same weights, batch and threads. The losses without dropout agreed within ${LOSS_TOLERANCE} before anything was timed; where there is none, so did the loss of each step. With dropout the two drop at nearly the same places (in the feed-forward block theirs before the last product, ours after it).`,
  ];
}
