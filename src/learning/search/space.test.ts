import { expect, test } from 'vitest';
import { isAppError } from '../../foundation/core/index.ts';
import { buildAssignment, fitsSpace, listAssignments } from './assignment.ts';
import { fromUnit, toUnit } from './scale.ts';
import { assertSearchSpace, type NumericParameter, type Parameter, type SearchSpace } from './space.ts';

const problemsOf = (space: unknown): string[] => {
  try {
    assertSearchSpace(space as SearchSpace);
  } catch (error) {
    if (isAppError(error) && error.code === 'SEARCH_SPACE_INVALID')
      return error.issues.map((i) => `${i.path}: ${i.message}`);
    throw error;
  }
  return [];
};
const float = (rest: object): Parameter => ({ kind: 'float', low: 0, high: 1, ...rest });

test.each([
  ['no parameter', {}, 'expected at least one parameter'],
  ['low above high', { a: float({ low: 2 }) }, 'a: expected low <= high, got low 2 and high 1'],
  [
    'a logarithmic range from 0',
    { a: float({ log: true }) },
    'a: expected low > 0 on a logarithmic scale, got 0',
  ],
  ['a step of 0', { a: float({ step: 0 }) }, 'a: expected step > 0, got 0'],
  [
    'an infinite end',
    { a: float({ high: Number.POSITIVE_INFINITY }) },
    'a: expected high to be a finite number',
  ],
  [
    'a missing end',
    { a: { kind: 'float', low: 0 } },
    'a: expected high to be a finite number, got undefined',
  ],
  [
    'an int with a fraction',
    { a: { kind: 'int', low: 0.5, high: 2 } },
    'a: expected low of an int to be a whole number',
  ],
  ['no choices', { a: { kind: 'categorical', choices: [] } }, 'a: expected at least one choice'],
  [
    'a choice twice',
    { a: { kind: 'categorical', choices: ['x', 'x'] } },
    'a: expected different choices, got "x" twice',
  ],
  [
    'NaN as a choice',
    { a: { kind: 'categorical', choices: [Number.NaN] } },
    'a: expected choices to be finite numbers',
  ],
  ['a condition on nothing known', { a: float({ when: { parameter: 'b', values: [1] } }) }, 'got "b"'],
  [
    'a condition without values',
    { a: float({}), b: float({ when: { parameter: 'a', values: [] } }) },
    'at least one value',
  ],
  [
    'a condition that never holds',
    { a: float({}), b: float({ when: { parameter: 'a', values: [2] } }) },
    'a can have, got 2',
  ],
  [
    'a condition on itself',
    { a: float({ when: { parameter: 'a', values: [1] } }) },
    'without a cycle, got one over a',
  ],
  [
    'a condition on a continuous range',
    { a: float({}), b: float({ when: { parameter: 'a', values: [0.5] } }) },
    'b: expected the condition to be on choices or steps',
  ],
  [
    'a cycle of two',
    {
      a: float({ when: { parameter: 'b', values: [1] } }),
      b: float({ when: { parameter: 'a', values: [1] } }),
    },
    'without a cycle, got one over a, b',
  ],
])('a space with %s is refused', (_name, space, message) => {
  expect(problemsOf(space).join('\n')).toContain(message);
});

test('all problems of a space are reported together', () => {
  expect(problemsOf({ a: float({ low: 2 }), b: float({ log: true }) })).toHaveLength(2);
});

test('a parameter whose condition does not hold is absent, also where the condition stands after it', () => {
  const space: SearchSpace = {
    momentum: float({ step: 0.5, when: { parameter: 'optimizer', values: ['sgd'] } }),
    optimizer: { kind: 'categorical', choices: ['sgd', 'adam'] },
    nesterov: { kind: 'categorical', choices: [true, false], when: { parameter: 'momentum', values: [0.5] } },
  };
  assertSearchSpace(space);
  const choose = (optimizer: string) => (name: string) =>
    name === 'optimizer' ? optimizer : name === 'momentum' ? 0.5 : true;
  expect(buildAssignment(space, choose('adam'))).toEqual({ optimizer: 'adam' });
  expect(buildAssignment(space, choose('sgd'))).toEqual({ optimizer: 'sgd', momentum: 0.5, nesterov: true });
  expect(fitsSpace(space, { optimizer: 'adam' })).toBe(true);
  expect(fitsSpace(space, { optimizer: 'adam', momentum: 0.5 })).toBe(false);
  expect(fitsSpace(space, { optimizer: 'sgd' })).toBe(false);
});

test('all assignments of a finite space are listed once, conditional parameters only where they are active', () => {
  const listed = [
    ...listAssignments({
      kind: { kind: 'categorical', choices: ['a', 'b'] },
      depth: { kind: 'int', low: 1, high: 6, step: 2, when: { parameter: 'kind', values: ['b'] } },
      rate: float({ high: 0.3, step: 0.1 }),
    }),
  ];
  expect(listed).toHaveLength(4 + 3 * 4);
  expect(listed.slice(2, 5)).toEqual([
    { kind: 'a', rate: 0.2 },
    { kind: 'a', rate: 0.3 },
    { kind: 'b', depth: 1, rate: 0 },
  ]);
});

test.each<[string, NumericParameter, number[]]>([
  ['a float', { kind: 'float', low: -1, high: 3 }, [-1, 0.25, 3]],
  ['a logarithmic float', { kind: 'float', low: 1e-6, high: 1, log: true }, [1e-6, 1e-3, 1]],
  ['an int', { kind: 'int', low: 1, high: 6 }, [1, 2, 6]],
  ['a logarithmic int with steps', { kind: 'int', low: 8, high: 250, step: 8, log: true }, [8, 16, 248]],
  [
    'a logarithmic int whose step is larger than low',
    { kind: 'int', low: 1, high: 101, step: 50, log: true },
    [1, 51, 101],
  ],
  ['a range of one value', { kind: 'int', low: 4, high: 4 }, [4]],
])('%s comes back from the unit scale', (_name, parameter, values) => {
  for (const value of values) expect(fromUnit(parameter, toUnit(parameter, value))).toBeCloseTo(value, 12);
  for (const unit of [0, 0.5, 1]) {
    expect(fromUnit(parameter, unit)).toBeGreaterThanOrEqual(parameter.low);
    expect(fromUnit(parameter, unit)).toBeLessThanOrEqual(parameter.high);
  }
});
