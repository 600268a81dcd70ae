import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../foundation/core/random.ts';
import type { LabelledFeatures } from './quick-model.ts';
import { compareTimeOrder } from './time-order.ts';

const ROWS = 400;
const dates = Array.from(
  { length: ROWS },
  (_, i) => `2020-${String(1 + Math.floor(i / 40)).padStart(2, '0')}-01`,
);

/** Each class has its own features; with `changes`, those of the newest fifth are new. */
function articles(changes: boolean, classes = 2): LabelledFeatures {
  const random = createRandom('time-order');
  const isNew = (row: number): boolean => changes && row >= ROWS * 0.8;
  const features = Array.from({ length: ROWS * 8 }, (_, i) => {
    const row = Math.floor(i / 8);
    return 1000 * (1 + (row % classes)) + (isNew(row) ? 500 : 0) + random.integer(30);
  });
  const starts = Int32Array.from({ length: ROWS + 1 }, (_, row) => row * 8);
  return {
    rows: { starts, features: Int32Array.from(features) },
    labels: Uint16Array.from({ length: ROWS }, (_, row) => row % classes),
    classes,
  };
}

describe('the order in time', () => {
  it('shows that a model of older articles fails on newer ones, which a random split hides', () => {
    const order = compareTimeOrder(articles(true), dates);
    expect(order).toMatchObject({ rows: ROWS, from: '2020-01-01', to: '2020-10-01', cut: '2020-09-01' });
    expect(order?.time?.accuracyAlone).toBeLessThan(0.7);
    expect(order?.random?.accuracyAlone).toBeGreaterThan(0.9);
  });

  it.each([2, 4])('makes no difference where %i classes stay as they were', (classes) => {
    const order = compareTimeOrder(articles(false, classes), dates);
    expect(order?.time?.accuracyAlone).toBeGreaterThan(0.95);
    expect(order?.random?.accuracyAlone).toBeGreaterThan(0.95);
  });

  it('is not measured with few dates, or where a class is missing in one part', () => {
    expect(
      compareTimeOrder(
        articles(false),
        dates.map(() => null),
      ),
    ).toBe(null);
    expect(
      compareTimeOrder(
        articles(false),
        dates.map((date, i) => (i < 20 ? date : null)),
      )?.time,
    ).toBe(null);
    const oneClassLate = articles(false);
    oneClassLate.labels.fill(0, ROWS * 0.7);
    expect(compareTimeOrder(oneClassLate, dates)?.cut).toBe(null);
  });
});
