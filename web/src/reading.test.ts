import { describe, expect, test } from 'vitest';
import type { Figures } from './api.ts';
import { assessTrust, chooseStrength, computeWilsonInterval } from './reading.ts';

const bin = (low: number, n: number, accuracy: number, confidence = low + 0.03) => ({
  low,
  high: low + 1 / 15,
  n,
  accuracy,
  confidence,
});
const tested = (...reliability: ReturnType<typeof bin>[]) => ({
  inSource: { n: 200, reliability, metrics: { ece: 0.3 } } as unknown as Figures,
});
const said = (probability: number, ...codes: string[]) => ({
  probability,
  warningFacts: codes.map((code) => ({ code, message: '' })) as never,
});

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
  test('counts the test articles of the same bin, whatever the error over all bins is', () => {
    const facts = tested(bin(0.8, 40, 0.5), bin(0.8667, 100, 0.9, 0.9), bin(0.9333, 60, 1));
    expect(assessTrust(facts, said(0.9))).toMatchObject({
      kind: 'measured',
      n: 100,
      right: 90,
      of: 200,
      claimed: null,
    });
  });

  test('says which probability a bin claims that is right clearly less often', () => {
    expect(assessTrust(tested(bin(0.8667, 100, 0.6, 0.9)), said(0.9))).toMatchObject({
      claimed: 0.9,
      right: 60,
    });
  });

  test('says that a bin has too few test articles, or none', () => {
    expect(assessTrust(tested(bin(0.8667, 4, 1)), said(0.9))).toMatchObject({ kind: 'few', n: 4, of: 200 });
    expect(assessTrust(tested(bin(0.8667, 0, 0)), said(0.9))).toMatchObject({ kind: 'few', n: 0 });
  });

  test.each(['OUT_OF_DISTRIBUTION_LETTERS', 'OUT_OF_DISTRIBUTION_DISTANCE', 'ARTICLE_SHORT'])(
    'claims nothing about an article with the warning %s',
    (code) => {
      expect(assessTrust(tested(bin(0.8667, 100, 0.9)), said(0.9, code))).toEqual({ kind: 'unlike' });
    },
  );

  test('claims something about a long article', () => {
    const facts = tested(bin(0.8667, 100, 0.9));
    expect(assessTrust(facts, said(0.9, 'ARTICLE_TRUNCATED')).kind).toBe('measured');
  });

  test('returns unchecked if nothing was measured', () => {
    expect(assessTrust({ inSource: null }, said(0.9))).toEqual({ kind: 'unchecked' });
    expect(assessTrust(tested(), said(0.9))).toEqual({ kind: 'unchecked' });
  });
});

describe('computeWilsonInterval', () => {
  test('equals published values', () => {
    // statsmodels 0.14: proportion_confint(n, 20 or 100, method="wilson")
    const rounded = (successes: number, n: number) =>
      computeWilsonInterval(successes, n).map((value) => Number(value.toFixed(3)));
    expect(rounded(20, 20)).toEqual([0.839, 1]);
    expect(rounded(90, 100)).toEqual([0.826, 0.945]);
  });
});
