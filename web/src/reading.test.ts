import { describe, expect, test } from 'vitest';
import type { Figures } from './api.ts';
import { assessTrust, chooseStrength } from './reading.ts';

const calibration = (temperature: number) => ({ temperature, abstainBelow: 0 });
const measured = (ece: number, n = 100): Figures => ({ n, metrics: { ece } }) as Figures;

describe('chooseStrength', () => {
  test('uses stronger words for higher probabilities', () => {
    expect([0.5, 0.749, 0.75, 0.899, 0.9, 0.979, 0.98, 1].map(chooseStrength)).toEqual([
      'leaning',
      'leaning',
      'likely',
      'likely',
      'very likely',
      'very likely',
      'almost certain',
      'almost certain',
    ]);
  });
});

describe('assessTrust', () => {
  test('reads a probability as a frequency only if it is calibrated and its error is small', () => {
    expect(assessTrust({ calibration: calibration(1.4), inSource: measured(0.02) })).toEqual({
      kind: 'frequency',
      offBy: 0.02,
    });
    expect(assessTrust({ calibration: calibration(1), inSource: measured(0.02) }).kind).toBe('rough');
    expect(assessTrust({ calibration: calibration(1.4), inSource: measured(0.2) }).kind).toBe('rough');
  });

  test('returns unchecked if nothing was measured', () => {
    expect(assessTrust({ calibration: calibration(1.4), inSource: null })).toEqual({ kind: 'unchecked' });
    expect(assessTrust({ calibration: calibration(1.4), inSource: measured(0, 0) })).toEqual({
      kind: 'unchecked',
    });
  });
});
