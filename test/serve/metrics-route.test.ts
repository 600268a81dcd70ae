import { afterEach, describe, expect, test } from 'vitest';
import { createApp } from '../../src/serving/app/app.ts';
import { createRuleClassifier } from './rule-classifier.ts';

const apps: ReturnType<typeof createApp>[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

function start(classifier = createRuleClassifier()): ReturnType<typeof createApp> {
  const app = createApp({ classifier });
  apps.push(app);
  return app;
}

/** Value of one series, named as in the text: `name{a="b"}`. */
async function readSeries(app: ReturnType<typeof createApp>, series: string): Promise<number | undefined> {
  const { body } = await app.inject('/metrics');
  const line = body.split('\n').find((text) => text.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

describe('GET /metrics', () => {
  test('is Prometheus text', async () => {
    const response = await start().inject('/metrics');
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(response.body).toMatch(/^# HELP /);
  });

  test("counts requests, latency and predictions under the predecessor's names", async () => {
    const app = start();
    expect(await readSeries(app, 'api_predictions_total{prediction="REAL NEWS"}')).toBe(0);
    for (const url of ['/news/', '/news', '/news?x=1']) {
      await app.inject({ method: 'POST', url, payload: { title: 'a', text: 'b' } });
    }
    const articles = ['one!', 'two!', 'three'].map((title) => ({ title, text: 'b' }));
    await app.inject({ method: 'POST', url: '/v1/predict', payload: { articles } });
    expect(await readSeries(app, 'api_requests_total{endpoint="/news/",method="POST"}')).toBe(3);
    expect(await readSeries(app, 'api_request_latency_seconds_count{endpoint="/news/"}')).toBe(3);
    expect(await readSeries(app, 'api_request_latency_seconds_bucket{le="+Inf",endpoint="/news/"}')).toBe(3);
    expect(await readSeries(app, 'api_predictions_total{prediction="REAL NEWS"}')).toBe(4);
    expect(await readSeries(app, 'api_predictions_total{prediction="FAKE NEWS"}')).toBe(2);
    expect(await readSeries(app, 'veracity_predictions_in_flight')).toBe(0);
    expect(
      await readSeries(
        app,
        'veracity_model_info{version="compact@1",run="run-20260101-000000-abcd",dataset_version="ds-0123456789ab"}',
      ),
    ).toBe(1);
  });

  test('counts refusals by code and abstentions', async () => {
    const app = start();
    await app.inject({ method: 'POST', url: '/v1/predict', payload: {} });
    await app.inject({ method: 'POST', url: '/v1/predict', payload: { title: 'a', text: 'unsure' } });
    expect(await readSeries(app, 'veracity_errors_total{code="REQUEST_INVALID"}')).toBe(1);
    expect(await readSeries(app, 'veracity_responses_total{endpoint="/v1/predict",status="422"}')).toBe(1);
    expect(await readSeries(app, 'veracity_abstentions_total')).toBe(1);
  });

  test('labels requests by route pattern only', async () => {
    const app = start();
    const before = (await app.inject('/metrics')).body;
    for (let i = 0; i < 50; i++) {
      await app.inject(`/random-${i}`);
      await app.inject(`/healthz?n=${i}`);
      await app.inject({ method: 'POST', url: `/v1/predict/${i}`, payload: {} });
    }
    const endpoints = [...(await app.inject('/metrics')).body.matchAll(/endpoint="([^"]*)"/g)].map(
      (match) => match[1],
    );
    expect(before).not.toContain('unmatched');
    expect(new Set(endpoints)).toEqual(new Set(['/metrics', 'unmatched', '/healthz']));
  });

  test('names the predictions after the classes of the model', async () => {
    const app = start(createRuleClassifier({ info: { classNames: ['SATIRE', 'SERIOUS'] } }));
    expect(await readSeries(app, 'api_predictions_total{prediction="SATIRE NEWS"}')).toBe(0);
    expect((await app.inject('/metrics')).body).not.toContain('REAL NEWS');
  });

  test('shows the process too', async () => {
    expect(await readSeries(start(), 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });
});
