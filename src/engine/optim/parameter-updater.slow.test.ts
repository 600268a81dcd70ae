import { describe, expect, it } from 'vitest';
import { OPTIMIZER_RULES } from '../../../test/fixtures/optimizer-rules.ts';
import { createRandom } from '../../foundation/core/random.ts';
import { type OptimizerOptions, stateNames, updateParameter } from './optimizer.ts';
import { countRowBlocks, createParameterUpdater, findReachedRows } from './parameter-updater.ts';
import { createRowSum } from './row-gradient.ts';

const rules: Record<string, OptimizerOptions> = {
  ...OPTIMIZER_RULES,
  'adamw without decay': { kind: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 },
};
const tables = [
  { rowCount: 700, width: 3 },
  { rowCount: 301, width: 64 },
  { rowCount: 120, width: 768 },
  { rowCount: 4, width: 20_000 },
];

describe('createParameterUpdater', () => {
  it.each(Object.keys(rules).flatMap((rule) => tables.map((table) => ({ rule, ...table }))))(
    'updates a $rowCount x $width table from rows as from a whole gradient: $rule',
    ({ rule, rowCount, width }) => {
      const options = rules[rule]!;
      const random = createRandom('rows', rule, `${width}`);
      const size = rowCount * width;
      const start = Float32Array.from({ length: size }, () => random.normal());
      const create = () => ({
        weights: start.slice(),
        state: stateNames(options).map(() => new Float32Array(size)),
      });
      const [byRows, whole, plain] = [create(), create(), create()];
      const reached = new Uint8Array(countRowBlocks(rowCount, width));
      const updater = createParameterUpdater(options);
      const sum = createRowSum(rowCount, width, (length) => new Float32Array(length));
      for (let step = 0; step < 6; step++) {
        const indices = Int32Array.from({ length: 5 }, () => random.integer(rowCount >> 1) * 2);
        const updates = Float32Array.from({ length: 5 * width }, () => random.normal());
        const gradient = new Float32Array(size);
        for (const [n, row] of indices.entries())
          for (let d = 0; d < width; d++) gradient[row * width + d]! += updates[n * width + d]!;
        sum.clear();
        sum.add(indices, updates);
        const rows = sum.read();
        expect(updater.sumSquares(rows)).toBeCloseTo(updater.sumSquares(gradient), 6);
        const update = { learningRate: 0.01, gradientScale: 0.7, step, decay: true };
        updater.update({ ...byRows, gradient: rows, reached, width }, update);
        updater.update({ ...whole, gradient, reached: null, width }, update);
        updateParameter(options, plain.weights, gradient, plain.state, update);
      }
      expect(byRows).toEqual(whole);
      for (const [i, value] of plain.weights.entries())
        if (!(Math.abs(value - byRows.weights[i]!) < 1e-6)) expect(byRows.weights[i]).toBeCloseTo(value, 6);
      if (options.kind === 'adamw' && width === 768) expect([...reached]).toContain(0);
    },
  );

  it('finds the rows that a loaded state has reached', () => {
    const state = [new Float32Array(4 * 768), new Float32Array(4 * 768)];
    state[0]![2 * 768 + 5] = 1;
    state[1]![3 * 768] = 1;
    const reached = Uint8Array.of(1, 0, 0, 0);
    findReachedRows(reached, state, 768);
    expect([...reached]).toEqual([0, 0, 1, 1]);
  });
});
