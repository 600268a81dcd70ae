import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../foundation/core/clock.ts';
import { predictionReceiptRecord } from '../../foundation/records/prediction-receipt.ts';
import { openFeedbackLog } from './feedback-log.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-feedback-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const prediction = predictionReceiptRecord.example;

test('appends what is said later and keeps what was said before', () => {
  const log = openFeedbackLog(join(folder, 'feedback.jsonl'), systemClock);
  log.add(prediction, { agrees: true });
  log.add(prediction, { agrees: false, label: 'FAKE', comment: 'No: "see"\nthis.', reviewer: 'desk' });
  expect(log.load()).toMatchObject([{ agrees: true }, { label: 'FAKE', prediction: { id: prediction.id } }]);
});

test('goes on after a torn line', () => {
  const path = join(folder, 'feedback.jsonl');
  openFeedbackLog(path, systemClock).add(prediction, { agrees: true });
  appendFileSync(path, '{"schemaVersion":1,"cr');
  const log = openFeedbackLog(path, systemClock);
  log.add(prediction, { comment: 'later' });
  expect(log.load().map(({ comment }) => comment)).toEqual([undefined, 'later']);
});

test('refuses more than it could read again', () => {
  const log = openFeedbackLog(join(folder, 'feedback.jsonl'), systemClock, 100);
  log.add(prediction, { agrees: true });
  expect(() => log.add(prediction, { agrees: true })).toThrowError(
    expect.objectContaining({ code: 'FEEDBACK_FULL' }),
  );
});
