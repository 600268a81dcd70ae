// Compares our figures with scikit-learn's on the same inputs. Reference values: test/evaluate/reference/metrics.py.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { computeArticleScores, computeReliability } from '../../src/foundation/metrics/article-scores.ts';
import { fitCalibration } from '../../src/foundation/metrics/calibration.ts';
import {
  computeClassFigures,
  computeConfusion,
  computeMacro,
} from '../../src/foundation/metrics/confusion.ts';
import { computeMetrics, computePrAuc } from '../../src/foundation/metrics/metrics.ts';
import { computeLogOdds } from '../../src/foundation/metrics/probabilities.ts';
import { computeRocCurve } from '../../src/foundation/metrics/ranking.ts';

interface ReferenceCase {
  name: string;
  classes: number;
  temperature: number;
  logits: number[];
  labels: number[];
  accuracy: number;
  precision: number[];
  recall: number[];
  f1: number[];
  support: number[];
  macro: [number, number, number];
  confusion: number[][];
  rocAuc: number | null;
  prAuc: number | null;
  brier: number;
  ece: number;
  bins: [number, number, number][];
  loss: number;
  roc: [number[], number[]] | null;
  fittedTemperature: number;
}

const path = join(import.meta.dirname, 'reference', 'metrics.json');
const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: ReferenceCase[] };

const close = (got: number | null, wanted: number | null): void => {
  if (got === null || wanted === null) expect(got).toBe(wanted);
  else expect(Math.abs(got - wanted)).toBeLessThan(1e-9);
};

describe.each(cases)('metrics, compared with scikit-learn: $name', (reference) => {
  const { classes, temperature } = reference;
  const logits = Float32Array.from(reference.logits);
  const labels = Int32Array.from(reference.labels);
  const scores = computeArticleScores({ logits, labels, classes }, temperature);
  const confusion = computeConfusion(labels, scores.predictions, classes);

  it('agrees on METRICS', () => {
    const metrics = computeMetrics(logits, labels, classes, temperature);
    close(metrics.accuracy, reference.accuracy);
    close(metrics.macroF1, reference.macro[2]);
    close(metrics.rocAuc, reference.rocAuc);
    close(metrics.brier, reference.brier);
    close(metrics.ece, reference.ece);
    close(metrics.loss, reference.loss);
  });

  it('agrees on precision, recall, F1 and support per class and macro', () => {
    expect(confusion).toEqual(reference.confusion);
    computeClassFigures(confusion).forEach((figures, index) => {
      close(figures.precision, reference.precision[index]!);
      close(figures.recall, reference.recall[index]!);
      close(figures.f1, reference.f1[index]!);
      expect(figures.support).toBe(reference.support[index]);
    });
    const macro = computeMacro(confusion);
    [macro.precision, macro.recall, macro.f1].forEach((value, index) => {
      close(value, reference.macro[index]!);
    });
  });

  it('agrees on average precision', () => {
    close(computePrAuc(logits, labels, classes, temperature), reference.prAuc);
  });

  it('agrees on the reliability bins', () => {
    computeReliability(scores).forEach((bin, index) => {
      const [n, confidence, accuracy] = reference.bins[index]!;
      expect(bin.n).toBe(n);
      close(bin.confidence, confidence);
      close(bin.accuracy, accuracy);
    });
  });

  it.skipIf(reference.roc === null)('agrees on the corners of the ROC curve', () => {
    const [x, y] = reference.roc!;
    const points = computeRocCurve(computeLogOdds(logits, classes, 1), (row) => labels[row] === 1, 10_000);
    // scikit-learn keeps some points on straight lines; only the corners must be equal.
    const isCorner = (i: number): boolean =>
      i === 0 ||
      i === x.length - 1 ||
      Math.abs((x[i]! - x[i - 1]!) * (y[i + 1]! - y[i]!) - (y[i]! - y[i - 1]!) * (x[i + 1]! - x[i]!)) > 1e-12;
    const corners = x.map((_, i) => i).filter(isCorner);
    expect(points.map(([px]) => px.toFixed(9))).toEqual(corners.map((i) => x[i]!.toFixed(9)));
    expect(points.map(([, py]) => py.toFixed(9))).toEqual(corners.map((i) => y[i]!.toFixed(9)));
  });

  it('finds the temperature that scipy finds', () => {
    const { temperature: fitted } = fitCalibration(logits, labels, classes, { abstainPrecision: null });
    expect(Math.abs(fitted / reference.fittedTemperature - 1)).toBeLessThan(1e-5);
  });
});
