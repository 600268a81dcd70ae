import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../foundation/core/clock.ts';
import { predictionReceiptRecord } from '../../foundation/records/prediction-receipt.ts';
import { createFileFeedbackLog } from './file-feedback-log.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-feedback-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const prediction = predictionReceiptRecord.example;

test('appends what is said later and keeps what was said before', async () => {
  const log = createFileFeedbackLog(join(folder, 'feedback.jsonl'), systemClock);
  await log.add(prediction, { agrees: true });
  await log.add(prediction, { agrees: false, label: 'FAKE', comment: 'No: "see"\nthis.', reviewer: 'desk' });
  expect(await log.load()).toMatchObject([
    { agrees: true },
    { label: 'FAKE', prediction: { id: prediction.id } },
  ]);
});

test('goes on after a torn line', async () => {
  const path = join(folder, 'feedback.jsonl');
  await createFileFeedbackLog(path, systemClock).add(prediction, { agrees: true });
  appendFileSync(path, '{"schemaVersion":1,"cr');
  const log = createFileFeedbackLog(path, systemClock);
  await log.add(prediction, { comment: 'later' });
  expect((await log.load()).map(({ comment }) => comment)).toEqual([undefined, 'later']);
});

test('refuses more than it could read again', async () => {
  const log = createFileFeedbackLog(join(folder, 'feedback.jsonl'), systemClock, 100);
  await log.add(prediction, { agrees: true });
  await expect(log.add(prediction, { agrees: true })).rejects.toMatchObject({ code: 'FEEDBACK_FULL' });
});
