// What an operator sees when something is lost while predictions go on: log lines, /readyz, metrics; and what clients get.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/core/clock.ts';
import { createLineWriter } from '../../src/foundation/core/line-writer.ts';
import { createLogger } from '../../src/foundation/core/logger.ts';
import { createFileFeedbackLog } from '../../src/keeping/journal/file-feedback-log.ts';
import { createFilePredictionStore } from '../../src/keeping/journal/file-prediction-store.ts';
import type { PredictionJournal } from '../../src/keeping/journal/prediction-store.ts';
import { createApp } from '../../src/serving/app/app.ts';
import { findConnectionLimit } from '../../src/serving/app/connection-limit.ts';
import { Incidents } from '../../src/serving/incidents/index.ts';
import { silentIncidentMetrics } from '../../src/serving/metrics/incident-metrics.ts';
import { createRuleClassifier } from './rule-classifier.ts';

let folder = '';
let journal: PredictionJournal;
let app: ReturnType<typeof createApp>;
let logged: string[];
/** Why standard error takes no lines; null: it does. */
let refusal: string | null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-incidents-'));
  logged = [];
  refusal = null;
  const logWriter = createLineWriter(2, (_file, bytes) => {
    if (refusal !== null) throw Object.assign(new Error(refusal), { code: refusal });
    logged.push(Buffer.from(bytes).toString());
    return bytes.length;
  });
  journal = createFilePredictionStore(join(folder, 'predictions'), systemClock, {
    flushMs: 1e6,
    retryMs: 1e6,
  }).openJournal({ keepText: false, maxBytes: 1e6, maxDays: 1 });
  const feedback = createFileFeedbackLog(join(folder, 'feedback', 'feedback.jsonl'), systemClock);
  const logger = createLogger('warn', logWriter);
  app = createApp({ classifier: createRuleClassifier(), journal, feedback, logger, logWriter });
});
afterEach(async () => {
  await app.close();
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
});

const article = { title: 'Moon sold!', text: 'A council sold the moon on Tuesday.' };
const ask = (url = '/v1/predict', payload: object = article) => app.inject({ method: 'POST', url, payload });
const readIncidents = async () => (await app.inject('/readyz')).json().incidents;
const readMetrics = async () => (await app.inject('/metrics')).body;
const lines = () => logged.map((line) => JSON.parse(line) as Record<string, unknown>);

describe('receipts that the disk refuses', () => {
  const infer = { inputs: [{ name: 'text', shape: [1], datatype: 'BYTES', data: ['A text.'] }] };
  beforeEach(() => writeFileSync(join(folder, 'predictions'), 'in the way'));

  test('are told in one log line, at /readyz and in the metrics, and the server stays ready', async () => {
    await ask();
    await journal.flush();
    for (let i = 0; i < 20; i++) expect((await ask()).statusCode).toBe(200);
    await journal.flush();
    expect(lines()).toEqual([
      expect.objectContaining({
        level: 40,
        incident: 'RECEIPTS_LOST',
        reason: 'EEXIST',
        waiting: 1,
        advice: 'Move that file away.',
        msg: 'predictions get no receipt: a file is in the way of a folder',
      }),
    ]);
    expect(await readIncidents()).toEqual([
      expect.objectContaining({ code: 'RECEIPTS_LOST', lost: 20, waiting: 1, reason: 'EEXIST' }),
    ]);
    expect(await readMetrics()).toContain('veracity_receipts_lost_total 20');
    expect(await readMetrics()).toContain('veracity_incident{code="RECEIPTS_LOST"} 1');
  });

  test('give no ids to new predictions; those handed out before are found, and written later', async () => {
    const { predictionId } = (await ask()).json<{ predictionId: string }>();
    await journal.flush();
    expect((await ask()).json().predictionId).toBe(null);
    for (const [url, body] of [
      ['/news/', article],
      ['/', { inputs: 'One text.' }],
      ['/v2/models/compact/infer', infer],
    ] as const) {
      const response = await ask(url, body);
      expect([response.statusCode, response.headers['x-prediction-id']]).toEqual([200, undefined]);
      const prediction = response
        .json()
        .outputs?.find(({ name }: { name: string }) => name === 'prediction_id');
      if (url.startsWith('/v2')) expect(prediction.data).toEqual(['']);
    }
    expect((await app.inject(`/v1/predictions/${predictionId}`)).statusCode).toBe(200);
    expect((await ask('/v1/feedback', { id: predictionId, agrees: true })).statusCode).toBe(200);

    rmSync(join(folder, 'predictions'));
    await journal.flush();
    expect(await readIncidents()).toEqual([]);
    expect(lines().at(-1)).toMatchObject({ incident: 'RECEIPTS_LOST', lost: 4, since: expect.any(String) });
    expect(lines().at(-1)?.msg).toMatch(/^over: /);
    const later = (await ask()).json<{ predictionId: string }>().predictionId;
    await journal.flush();
    const store = createFilePredictionStore(join(folder, 'predictions'), systemClock);
    for (const id of [predictionId, later]) expect((await store.find(id))?.id).toBe(id);
  });
});

test('feedback that the disk refuses is a 503 without a path, and an incident until it is taken', async () => {
  writeFileSync(join(folder, 'feedback'), 'in the way');
  const { predictionId: id } = (await ask()).json();
  const refused = await ask('/v1/feedback', { id, agrees: true });
  expect([refused.statusCode, refused.json().code]).toEqual([503, 'FEEDBACK_NOT_KEPT']);
  expect(refused.body).not.toContain(folder);
  expect(await readIncidents()).toMatchObject([{ code: 'FEEDBACK_LOST', lost: 1, reason: 'EEXIST' }]);
  rmSync(join(folder, 'feedback'));
  mkdirSync(join(folder, 'feedback'));
  expect((await ask('/v1/feedback', { id, agrees: true })).statusCode).toBe(200);
  expect(await readIncidents()).toEqual([]);
  expect(await readMetrics()).toContain('veracity_feedback_lost_total 1');
});

test.each(['ENOSPC', 'EIO', 'EPIPE'])(
  'log lines that are lost (%s) are counted, and told when the log takes lines again',
  async (code) => {
    refusal = code;
    const { incidents: before } = (await app.inject('/readyz')).json();
    expect(before).toEqual([]);
    writeFileSync(join(folder, 'predictions'), 'in the way');
    await ask();
    await journal.flush();
    expect(logged).toEqual([]);
    expect(await readIncidents()).toMatchObject([
      { code: 'RECEIPTS_LOST' },
      { code: 'LOG_LINES_LOST', lost: 1, reason: code },
    ]);
    refusal = null;
    rmSync(join(folder, 'predictions'));
    await journal.flush();
    expect(lines().map(({ incident }) => incident)).toEqual(['RECEIPTS_LOST', 'LOG_LINES_LOST']);
    expect(await readIncidents()).toEqual([]);
    expect(await readMetrics()).toContain('veracity_log_lines_lost_total 1');
  },
);

test('an incident logs a line when it begins, while more is lost, and when it is over', async () => {
  const told: string[] = [];
  const warn = (fields: object, message: string) => void told.push(`${message} ${JSON.stringify(fields)}`);
  const logger = { debug: warn, info: warn, warn, error: warn };
  const incidents = new Incidents({
    logger,
    clock: systemClock,
    metrics: silentIncidentMetrics,
    logEveryMs: 50,
  });
  for (let i = 0; i < 1000; i++) incidents.lose('CONNECTIONS_REFUSED', 1, 'EMFILE');
  expect(told.length).toBe(1);
  await expect.poll(() => told.length).toBe(3);
  expect(told[1]).toContain('"lost":1000');
  expect(told[2]).toMatch(/^over: connections are refused.*"lost":1000/);
  expect(incidents.list()).toEqual([]);
  incidents.close();
});

test('the limit of connections leaves files for the rest of the server', () => {
  const limits =
    'Limit                     Soft Limit   Hard Limit   Units\nMax open files            64           4096         files\n';
  expect(
    findConnectionLimit(
      () => limits,
      () => 30,
    ),
  ).toBe(22);
  expect(
    findConnectionLimit(
      () => limits,
      () => 60,
    ),
  ).toBe(1);
  expect(
    findConnectionLimit(
      () => limits.replace('64  ', 'unlimited'),
      () => 30,
    ),
  ).toBe(null);
});
