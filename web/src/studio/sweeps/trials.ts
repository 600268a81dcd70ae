// What the views of a sweep compute from its trials: the best so far, axes and places on them, repeats of one setting.
import type {
  ParameterValue,
  SweepFacts,
  SweepNoise,
  SweepParameter,
  SweepTrial,
} from '../../../../src/client/studio-types.ts';
import { createScale, findRange, type Scale } from '../charts/scale.ts';
import { formatTick, formatValue } from '../charts/values.ts';

export type Goal = SweepFacts['goal'];

/** The result of a trial; null: none, or not a number. */
export function resultOf(trial: SweepTrial): number | null {
  if (trial.value === null) return null;
  const value = Number(trial.value);
  return Number.isFinite(value) ? value : null;
}

/** A trial counts once it has finished; one that was stopped early has a value that is worse than it might have become. */
export function hasResult(trial: SweepTrial): boolean {
  return trial.state === 'finished' && resultOf(trial) !== null;
}

export function isBetter(a: number, b: number, goal: Goal): boolean {
  return goal === 'minimize' ? a < b : a > b;
}

/** The steps of the best value: trial number and value wherever it improves. Repeats do not count: they try nothing new. */
export function listBestSoFar(
  trials: readonly SweepTrial[],
  goal: Goal,
): readonly { readonly trial: number; readonly value: number }[] {
  const steps: { trial: number; value: number }[] = [];
  for (const trial of trials) {
    const value = hasResult(trial) && trial.repeats === null ? resultOf(trial) : null;
    const last = steps.at(-1);
    if (value !== null && (last === undefined || isBetter(value, last.value, goal)))
      steps.push({ trial: trial.number, value });
  }
  return steps;
}

/** One axis of the parallel coordinates: a parameter, or the result. */
export interface TrialAxis {
  readonly name: string;
  /** The last part of a dotted name, where that tells the axes apart. */
  readonly shortName: string;
  readonly isResult: boolean;
  /** Choices in order; null for numbers. */
  readonly choices: readonly ParameterValue[] | null;
  /** Of numbers; of choices: their positions. */
  readonly scale: Scale;
  readonly ticks: readonly { readonly place: number; readonly label: string }[];
}

/** The axes of the parameters, and of the result at the end. */
export function listAxes(sweep: SweepFacts, trials: readonly SweepTrial[]): readonly TrialAxis[] {
  const shortNames = sweep.parameters.map(({ name }) => {
    const last = name.split('.').at(-1)!;
    // "name" alone says nothing
    return last === 'name' ? name : last;
  });
  const values = trials.flatMap((trial) => resultOf(trial) ?? []);
  const [low, high] = findRange(values, 'linear', 0.02);
  const result = createScale(low, high);
  return [
    ...sweep.parameters.map((parameter, index): TrialAxis => {
      const short = shortNames[index]!;
      return {
        name: parameter.name,
        shortName: shortNames.filter((other) => other === short).length > 1 ? parameter.name : short,
        isResult: false,
        ...scaleOf(parameter, trials),
      };
    }),
    {
      name: sweep.metric,
      shortName: sweep.metric,
      isResult: true,
      choices: null,
      scale: result,
      ticks: tickScale(result),
    },
  ];
}

/** A scale of a parameter: its bounds, or what the trials have where it has none; choices at even distances. */
export function scaleOf(
  parameter: SweepParameter,
  trials: readonly SweepTrial[],
): Pick<TrialAxis, 'choices' | 'scale' | 'ticks'> {
  const { kind, choices, low, high, log, name } = parameter;
  const seen = trials.flatMap((trial) => trial.parameters[name] ?? []);
  if (kind === 'categorical' || seen.some((value) => typeof value !== 'number')) {
    const all = [...new Set([...(choices ?? []), ...seen])];
    const scale = createScale(0, Math.max(1, all.length - 1));
    return {
      choices: all,
      scale,
      ticks: all.map((choice, index) => ({
        place: all.length === 1 ? 0.5 : index / (all.length - 1),
        label: String(choice),
      })),
    };
  }
  const numbers = seen.map(Number);
  const scale = createScale(
    Math.min(low ?? Number.POSITIVE_INFINITY, ...numbers),
    Math.max(high ?? Number.NEGATIVE_INFINITY, ...numbers),
    log ? 'log' : 'linear',
  );
  return { choices: null, scale, ticks: tickScale(scale) };
}

function tickScale(scale: Scale): TrialAxis['ticks'] {
  return scale.ticks(5).map((tick) => ({ place: scale.place(tick), label: formatTick(tick) }));
}

/** The place of a trial on an axis, 0 to 1; null: the parameter is not active, or there is no result. */
export function placeOn(axis: TrialAxis, trial: SweepTrial): number | null {
  const value = axis.isResult ? resultOf(trial) : (trial.parameters[axis.name] ?? null);
  if (value === null) return null;
  if (axis.choices !== null) {
    const index = axis.choices.indexOf(value);
    return index < 0 ? null : axis.choices.length === 1 ? 0.5 : index / (axis.choices.length - 1);
  }
  const place = axis.scale.place(Number(value));
  return Number.isFinite(place) ? place : null;
}

export function labelOn(axis: TrialAxis, trial: SweepTrial): string {
  const value = axis.isResult ? resultOf(trial) : (trial.parameters[axis.name] ?? null);
  return value === null ? '–' : typeof value === 'number' ? formatValue(value) : String(value);
}

/** By the name of an axis: the lowest and the highest place that is kept. */
export type Brushes = ReadonlyMap<string, readonly [number, number]>;

/** Whether a trial passes every range that was drawn. */
export function isKept(trial: SweepTrial, axes: readonly TrialAxis[], brushes: Brushes): boolean {
  for (const axis of axes) {
    const range = brushes.get(axis.name);
    if (range === undefined) continue;
    const place = placeOn(axis, trial);
    if (place === null || place < range[0] || place > range[1]) return false;
  }
  return true;
}

export const SHADES = 7;

/** From 0 (the best) to 6, by rank, so that one outlier does not make all others look alike. */
export function rankShades(trials: readonly SweepTrial[], goal: Goal): ReadonlyMap<number, number> {
  const ranked = trials
    .flatMap((trial) => {
      const value = resultOf(trial);
      return value === null ? [] : [{ number: trial.number, value }];
    })
    .sort((a, b) => (goal === 'minimize' ? a.value - b.value : b.value - a.value));
  return new Map(
    ranked.map(({ number }, rank) => [
      number,
      ranked.length < 2 ? 0 : Math.round((rank / (ranked.length - 1)) * (SHADES - 1)),
    ]),
  );
}

/** Settings that were trained with several seeds, and the results. */
export interface Repeats {
  /** The trial that proposed them; its parameters are the settings. */
  readonly trial: SweepTrial | undefined;
  readonly measured: SweepNoise['settings'][number];
  readonly results: readonly { readonly trial: number; readonly value: number }[];
}

/** In the order of the noise: the best mean first. */
export function groupRepeats(trials: readonly SweepTrial[], noise: SweepNoise): readonly Repeats[] {
  return noise.settings.map((measured) => ({
    trial: trials.find(({ number }) => number === measured.trial),
    measured,
    results: trials.flatMap((trial) => {
      const isOne = trial.number === measured.trial || trial.repeats === measured.trial;
      return isOne && hasResult(trial) ? [{ trial: trial.number, value: resultOf(trial)! }] : [];
    }),
  }));
}
