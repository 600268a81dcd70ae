// Explanations and similar articles over HTTP: requested, refused, counted.
import { afterEach, describe, expect, test } from 'vitest';
import { appError } from '../../src/foundation/core/errors.ts';
import { createEvidence } from '../../src/judging/explain/evidence.ts';
import { createApp } from '../../src/serving/app/app.ts';
import { createExampleEvidence } from './example-evidence.ts';
import { createRuleClassifier } from './rule-classifier.ts';

const apps: ReturnType<typeof createApp>[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});
function start(evidence: Parameters<typeof createApp>[0]['evidence'] = createExampleEvidence()) {
  const app = createApp({ classifier: createRuleClassifier(), evidence });
  apps.push(app);
  return app;
}
const ARTICLE = { title: 'Ferry', text: 'It sailed.' };
const ask = (app: ReturnType<typeof start>, body: object) =>
  app.inject({ method: 'POST', url: '/v1/predict', payload: body });

describe('POST /v1/predict', () => {
  test('explains and names similar articles only on request', async () => {
    const app = start();
    expect((await ask(app, ARTICLE)).json()).not.toHaveProperty('explanation');
    const explained = (await ask(app, { ...ARTICLE, explain: true })).json();
    expect(explained.explanation).toMatchObject({ schemaVersion: 1, sentences: expect.any(Array) });
    expect(explained).not.toHaveProperty('similar');
    expect((await ask(app, { ...ARTICLE, similar: true })).json().similar.length).toBe(1);
    expect((await ask(app, { ...ARTICLE, similar: 0, explain: false })).json()).not.toHaveProperty('similar');
    const { body } = await app.inject('/metrics');
    expect(body).toContain('veracity_evidence_seconds_count{kind="explanation"} 1');
  });

  test('gives null when the version keeps no index', async () => {
    const app = start(createExampleEvidence({ findSimilar: async () => null }));
    expect((await ask(app, { ...ARTICLE, similar: 3 })).json().similar).toBeNull();
  });

  test('refuses when there is no explanation', async () => {
    const none = await ask(start(null), { ...ARTICLE, explain: true });
    expect([none.statusCode, none.json().code]).toEqual([409, 'EXPLANATION_UNAVAILABLE']);
    const busy = createExampleEvidence({
      explain: () => Promise.reject(appError('SERVER_BUSY', { max: 8 })),
    });
    const refused = await ask(start(busy), { ...ARTICLE, explain: true });
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '1']);
    for (const wrong of [{ explain: 'yes' }, { similar: 21 }, { similar: -1 }])
      expect((await ask(start(), { ...ARTICLE, ...wrong })).statusCode).toBe(422);
    const batch = await ask(start(), { articles: [ARTICLE], explain: true });
    expect(batch.statusCode).toBe(422);
  });
});

test('evidence refuses too long articles before it loads a model, and unknown versions', async () => {
  const evidence = createEvidence({
    locate: () => Promise.reject(appError('MODEL_NOT_FOUND', { reference: 'x', known: '' })),
    explainer: { threads: 1 },
  });
  const long = { title: '', text: 'x'.repeat(200_001) };
  await expect(evidence.explain('compact@1', long)).rejects.toMatchObject({ code: 'ARTICLE_TOO_LONG' });
  await expect(evidence.explain('compact@1', ARTICLE)).rejects.toMatchObject({
    code: 'EXPLANATION_UNAVAILABLE',
  });
  await evidence.close();
});
