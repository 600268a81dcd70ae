// The report of an evaluation. Its `metrics` are the short form that `train --json` and `evaluate --json` print.
import { z } from 'zod';
import type { RecordType } from './record.ts';

const fraction = z.number().min(0).max(1);
/** [low, high] of a 95% bootstrap interval. */
const interval = z.tuple([z.number(), z.number()]);

export const metricsSchema = z.strictObject({
  accuracy: fraction,
  macroF1: fraction,
  /** Area under the ROC curve; for more than two classes the mean over classes of one-against-the-rest. NaN is null: one class only. */
  rocAuc: fraction.nullable(),
  /** Mean over articles of the summed squared difference between probabilities and the one-hot label, halved for two classes (so [0, 1]). */
  brier: z.number().min(0),
  /** Expected calibration error over 15 equal-width bins of the winning probability. */
  ece: fraction,
  /** Mean cross-entropy in nats. */
  loss: z.number(),
});
export type Metrics = z.infer<typeof metricsSchema>;

export const evaluationReportSchema = z.strictObject({
  schemaVersion: z.literal(1),
  createdAt: z.string(),
  /** [model version or run id, dataset version]. */
  parents: z.array(z.string()),
  /** Name of the collection for people: "isot (test split)", "horne2017". */
  collection: z.string(),
  /** Names the exact articles, so that two models can be compared: "<dataset version>/<split>". */
  testSet: z.string(),
  /** True when the collection is not the one the model was trained on. */
  outOfSource: z.boolean(),
  synthetic: z.boolean(),
  n: z.int(),
  /** How many of the articles (same id or same normalised title) the model was trained on; null: not looked up. */
  seenInTraining: z.int().nullable(),
  classNames: z.array(z.string()),
  metrics: metricsSchema,
  intervals: z.strictObject({
    accuracy: interval,
    macroF1: interval,
    rocAuc: interval.nullable(),
    brier: interval,
    ece: interval,
    loss: interval,
  }),
  prAuc: fraction.nullable(),
  /** Means over the classes that occur. */
  macro: z.strictObject({ precision: fraction, recall: fraction, f1: fraction }),
  perClass: z.array(
    z.strictObject({
      name: z.string(),
      precision: fraction,
      recall: fraction,
      f1: fraction,
      support: z.int(),
    }),
  ),
  /** confusion[actual][predicted]. */
  confusion: z.array(z.array(z.int())),
  reliability: z.array(
    z.strictObject({
      low: z.number(),
      high: z.number(),
      n: z.int(),
      confidence: z.number(),
      accuracy: z.number(),
    }),
  ),
  /** [false positive rate, true positive rate]; of two classes class 1 only, of more one curve each. */
  roc: z.array(z.strictObject({ positive: z.string(), points: z.array(z.tuple([z.number(), z.number()])) })),
  perSource: z.array(
    z.strictObject({ source: z.string(), n: z.int(), accuracy: fraction, macroF1: fraction }),
  ),
  /** At the model's abstention threshold: share of articles on which it does not abstain, and accuracy among them. */
  abstention: z.strictObject({
    threshold: z.number(),
    answered: fraction,
    accuracyAnswered: fraction.nullable(),
  }),
});
export type EvaluationReport = z.infer<typeof evaluationReportSchema>;

export const evaluationReportRecord: RecordType<EvaluationReport> = {
  name: 'evaluation report',
  schemaVersion: 1,
  schema: evaluationReportSchema,
  example: {
    schemaVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    parents: ['run-20260101-000000-abcd', 'ds-0123456789ab'],
    collection: 'sample (test split)',
    testSet: 'ds-0123456789ab/test',
    outOfSource: false,
    synthetic: true,
    n: 2,
    seenInTraining: 0,
    classNames: ['FAKE', 'REAL'],
    metrics: { accuracy: 1, macroF1: 1, rocAuc: 1, brier: 0.01, ece: 0.1, loss: 0.1 },
    intervals: {
      accuracy: [1, 1],
      macroF1: [1, 1],
      rocAuc: [1, 1],
      brier: [0, 0.02],
      ece: [0.05, 0.15],
      loss: [0.05, 0.15],
    },
    prAuc: 1,
    macro: { precision: 1, recall: 1, f1: 1 },
    perClass: [
      { name: 'FAKE', precision: 1, recall: 1, f1: 1, support: 1 },
      { name: 'REAL', precision: 1, recall: 1, f1: 1, support: 1 },
    ],
    confusion: [
      [1, 0],
      [0, 1],
    ],
    reliability: [{ low: 0.8667, high: 0.9333, n: 2, confidence: 0.9, accuracy: 1 }],
    roc: [
      {
        positive: 'REAL',
        points: [
          [0, 0],
          [0, 1],
          [1, 1],
        ],
      },
    ],
    perSource: [{ source: 'Aldane Courier', n: 2, accuracy: 1, macroF1: 1 }],
    abstention: { threshold: 0.6, answered: 1, accuracyAnswered: 1 },
  },
};
