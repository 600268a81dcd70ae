import { afterEach, describe, expect, test } from 'vitest';
import { type EvaluationReport, evaluationReportRecord } from '../../src/foundation/records/evaluation.ts';
import { createApp } from '../../src/serving/app/app.ts';
import { createRuleClassifier } from './rule-classifier.ts';

const apps: ReturnType<typeof createApp>[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

function start(options: Partial<Parameters<typeof createApp>[0]> = {}): ReturnType<typeof createApp> {
  const app = createApp({ classifier: createRuleClassifier(), ...options });
  apps.push(app);
  return app;
}

const inside: EvaluationReport = evaluationReportRecord.example;
const outside: EvaluationReport = {
  ...inside,
  collection: 'another source',
  outOfSource: true,
  metrics: { ...inside.metrics, accuracy: 0.574 },
};

describe('model routes', () => {
  test.each(['/model/', '/model'])('%s says which model is loaded', async (url) => {
    const response = await start().inject(url);
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      version: 'compact@1',
      model: 'compact',
      run: 'run-20260101-000000-abcd',
      datasetVersion: 'ds-0123456789ab',
      dataset: 'sample',
      parameters: 5_000_000,
      classNames: ['FAKE', 'REAL'],
      rollout: { change: null, canary: null, shadow: null },
    });
  });

  test('/v1/model has the columns of the training file, and null for a model that did not record them', async () => {
    const columns = { title: null, text: 'Nachricht', label: 'Art', source: null, date: null, id: null };
    for (const info of [{ columns }, { columns: undefined }]) {
      const app = start({ classifier: createRuleClassifier({ info: info as { columns: typeof columns } }) });
      expect((await app.inject('/v1/model')).json().columns).toEqual(info.columns ?? null);
    }
  });

  test('/v1/model shows both figures side by side', async () => {
    const body = (await start({ evaluations: [inside, outside] }).inject('/v1/model')).json();
    expect(body).toMatchObject({
      modelVersion: 'compact@1',
      dataset: { name: 'sample', synthetic: true },
      classNames: ['FAKE', 'REAL'],
      calibration: { temperature: 1, abstainBelow: 0 },
      inSource: {
        collection: 'sample (test split)',
        metrics: { accuracy: 1 },
        intervals: { accuracy: [1, 1] },
      },
      outOfSource: [{ collection: 'another source', metrics: { accuracy: 0.574 } }],
    });
    const limits = body.limits.join(' ');
    expect(limits).toContain('57.4% of another source');
    expect(limits).toContain('invented');
    expect(limits).toContain('not whether what it says is true');
    expect(body.limitFacts.map(({ message }: { message: string }) => message)).toEqual(body.limits);
    expect(body.limitFacts).toMatchObject([
      { code: 'WRITING_NOT_TRUTH' },
      { code: 'SYNTHETIC_TRAINING' },
      { code: 'SMALL_TEST_SPLIT', articles: 2 },
      { code: 'OTHER_SOURCE_LOWER', collection: 'another source', accuracy: 0.574, ownAccuracy: 1 },
      { code: 'READS_PART', maxTokens: 256, kept: 'head', unit: 'tokens' },
    ]);
  });

  test('/v1/model says when there is no out-of-source figure', async () => {
    const body = (await start().inject('/v1/model')).json();
    expect(body).toMatchObject({ inSource: null, outOfSource: [] });
    expect(body.limits.join(' ')).toContain('not measured on articles from other sources');
    expect(body.limitFacts).toContainEqual(expect.objectContaining({ code: 'NOT_MEASURED_ELSEWHERE' }));
  });

  test('/v1/examples gives the examples, marked as invented', async () => {
    const examples = [{ id: 'e1', title: 'Title', text: 'Text', label: 'REAL', source: 'Aldane Courier' }];
    expect((await start({ examples }).inject('/v1/examples')).json()).toEqual({ synthetic: true, examples });
  });

  const example = { title: 'Ferry', text: 'It sails.', label: 'REAL', source: 'Aldane Courier' };

  test('/v1/examples gives the bundled articles for a model of the sample only, and only of its classes', async () => {
    const sampleExamples = [
      { id: 's1', ...example },
      { id: 's2', ...example, label: 'SATIRE' },
    ];
    const sample = await start({ sampleExamples }).inject('/v1/examples');
    expect(sample.json()).toEqual({ synthetic: true, examples: [sampleExamples[0]] });
    const classifier = createRuleClassifier({ info: { synthetic: false } });
    const other = await start({ sampleExamples, classifier }).inject('/v1/examples');
    expect(other.json()).toEqual({ synthetic: false, examples: [] });
  });

  test('/v1/examples gives what a model keeps of its validation articles', async () => {
    const classifier = createRuleClassifier({ info: { synthetic: false } });
    const kept = { ...example, source: null };
    const app = start({ classifier, keptExamples: () => [kept], sampleExamples: [{ id: 's1', ...example }] });
    expect((await app.inject('/v1/examples')).json()).toEqual({
      synthetic: false,
      examples: [{ id: 'example-1', ...kept, source: '' }],
    });
  });

  test('/v1/model and warnings call the texts of a model what it calls them', async () => {
    const classifier = createRuleClassifier({ info: { noun: 'complaint', language: 'de' } });
    const body = (await start({ classifier }).inject('/v1/model')).json();
    expect(body).toMatchObject({
      noun: { one: 'complaint', many: 'complaints', any: 'a complaint' },
      language: 'de',
    });
    expect(body.limits.join(' ')).not.toMatch(/article|news/);
    const old = (await start().inject('/v1/model')).json();
    expect(old).toMatchObject({ noun: { any: 'an article' }, language: null });
    const payload = { title: '', text: 'abc' };
    const warned = await start({ classifier }).inject({ method: 'POST', url: '/v1/predict', payload });
    expect(warned.json().warnings[0]).toMatch(/^The complaint is shorter/);
  });

  test('/healthz and /readyz give 200', async () => {
    const app = start();
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
    expect((await app.inject('/readyz')).json()).toEqual({
      status: 'ready',
      modelVersion: 'compact@1',
      incidents: [],
    });
  });
});
