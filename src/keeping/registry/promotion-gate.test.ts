import { describe, expect, it } from 'vitest';
import { type EvaluationReport, evaluationReportRecord } from '../../foundation/records/evaluation.ts';
import { type ComparedVersion, checkPromotion, listWaysToCompare } from './promotion-gate.ts';

/** TEST SET, accuracy, how many of its 1000 articles were trained on, whether it is another source */
type Measured = readonly [testSet: string, accuracy: number, seen?: number, outOfSource?: boolean];

function reportOf([testSet, accuracy, seen = 0, outOfSource = false]: Measured): EvaluationReport {
  const { example } = evaluationReportRecord;
  const interval: [number, number] = [accuracy - 0.02, 1];
  return {
    ...example,
    testSet,
    n: 1000,
    seenInTraining: seen,
    outOfSource,
    metrics: { ...example.metrics, accuracy, macroF1: accuracy },
    intervals: { ...example.intervals, accuracy: interval, macroF1: interval },
  };
}

const version = (reference: string, datasetVersion: string, ...measured: Measured[]): ComparedVersion => ({
  reference,
  datasetVersion,
  classNames: ['FAKE', 'REAL'],
  evaluations: measured.map(reportOf),
});

describe('a version that production outdoes only on articles that production was trained on', () => {
  const production = version('m@1', 'ds-a', ['ds-a/test', 0.9], ['ds-b/test', 0.99, 800, true]);

  it('is not called worse for it', () => {
    const candidate = version('m@2', 'ds-b', ['ds-b/test', 0.9]);
    expect(checkPromotion(candidate, production)).toMatchObject({
      outcome: 'not-comparable',
      reason: { code: 'TRAINED_ON_TEST_ARTICLES', model: 'production', seen: 800, testSet: 'ds-b/test' },
    });
    expect(listWaysToCompare(candidate, production)).toEqual([
      [{ model: 'm@2', dataset: 'ds-a', split: 'test' }],
    ]);
  });

  it('passes if it is as good all the same, or on a fair test set', () => {
    const better = version('m@2', 'ds-b', ['ds-b/test', 0.98]);
    expect(checkPromotion(better, production).outcome).toBe('passed');
    const fair = version('m@2', 'ds-b', ['ds-b/test', 0.9], ['ds-a/test', 0.91, 0, true]);
    expect(checkPromotion(fair, production)).toMatchObject({
      outcome: 'passed',
      compared: [{ testSet: 'ds-a/test' }, { testSet: 'ds-a/test' }],
    });
    const worse = version('m@2', 'ds-b', ['ds-b/test', 0.9], ['ds-a/test', 0.5, 0, true]);
    expect(checkPromotion(worse, production)).toMatchObject({ outcome: 'worse', worse: [{}, {}] });
  });
});

describe('the missing evaluations', () => {
  it('are that of the candidate on the test split of production first, then that of production', () => {
    const [candidate, production] = [
      version('m@2', 'ds-b', ['ds-b/test', 0.9]),
      version('m@1', 'ds-a', ['ds-a/validation', 0.9]),
    ];
    expect(listWaysToCompare(candidate, production)).toEqual([
      [{ model: 'm@2', dataset: 'ds-a', split: 'validation' }],
      [{ model: 'm@1', dataset: 'ds-b', split: 'test' }],
    ]);
  });

  it('are none if each was trained on test articles of the other', () => {
    expect(
      listWaysToCompare(
        version('m@2', 'ds-b', ['ds-b/test', 0.9], ['ds-a/test', 0.99, 700]),
        version('m@1', 'ds-a', ['ds-a/test', 0.9], ['ds-b/test', 0.99, 700]),
      ),
    ).toEqual([]);
  });
});
