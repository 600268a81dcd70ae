// A part that the model was trained without, title or text, is optional in every request and no input of the protocol.
import { afterEach, describe, expect, test } from 'vitest';
import type { ModelColumns } from '../../src/foundation/records/model-folder.ts';
import { createApp } from '../../src/serving/app/app.ts';
import { createRuleClassifier, type RuleClassifier } from './rule-classifier.ts';

const NONE: ModelColumns = { title: null, text: null, label: null, source: null, date: null, id: null };
const TEXT_ONLY = { ...NONE, text: 'Nachricht' };
const TITLE_ONLY = { ...NONE, title: 'Schlagzeile' };
const BOTH = { ...NONE, title: 'title', text: 'text' };

const apps: ReturnType<typeof createApp>[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

function start(columns: ModelColumns | undefined): {
  app: ReturnType<typeof createApp>;
  classifier: RuleClassifier;
} {
  const info = columns === undefined ? {} : { columns };
  const classifier = createRuleClassifier({ info });
  const app = createApp({ classifier });
  apps.push(app);
  return { app, classifier };
}

describe('POST /v1/predict', () => {
  test.each<[string, ModelColumns, Record<string, unknown>, number]>([
    ['a text alone for a model without titles', TEXT_ONLY, { text: 'a' }, 200],
    ['a null title for a model without titles', TEXT_ONLY, { title: null, text: 'a' }, 200],
    ['a title too for a model without titles', TEXT_ONLY, { title: 'b', text: 'a' }, 200],
    ['no text for a model without titles', TEXT_ONLY, { title: 'a' }, 422],
    ['an empty text for a model without titles', TEXT_ONLY, { text: ' ' }, 422],
    ['a number as title for a model without titles', TEXT_ONLY, { title: 7, text: 'a' }, 422],
    ['a title alone for a model without texts', TITLE_ONLY, { title: 'a' }, 200],
    ['no title for a model without texts', TITLE_ONLY, { text: 'a' }, 422],
    ['a text alone for a model with both', BOTH, { text: 'a' }, 422],
    ['a null title for a model with both', BOTH, { title: null, text: 'a' }, 422],
  ])('answers to %s', async (_, columns, article, status) => {
    for (const payload of [article, { articles: [article] }]) {
      const { app } = start(columns);
      const response = await app.inject({ method: 'POST', url: '/v1/predict', payload });
      expect(response.statusCode).toBe(status);
    }
  });

  test('gives the model an empty text for the part that is left out', async () => {
    const { app, classifier } = start(TEXT_ONLY);
    await app.inject({ method: 'POST', url: '/v1/predict', payload: { text: 'a' } });
    await app.inject({ method: 'POST', url: '/v1/predict', payload: { articles: [{ id: '1', text: 'b' }] } });
    expect(classifier.seen).toMatchObject([
      { title: '', text: 'a' },
      { title: '', text: 'b' },
    ]);
  });

  test('names the parts that the model needs, in errors and in the OpenAPI document', async () => {
    const { app } = start(TEXT_ONLY);
    const refused = await app.inject({ method: 'POST', url: '/v1/predict', payload: {} });
    expect(refused.json().detail).toContain('an object with the string text, or a list');
    const { schemas } = (await app.inject('/openapi.json')).json().components;
    expect(schemas.PredictRequest.required).toEqual(['text']);
    expect(schemas.PredictManyRequest.properties.articles.items.required).toEqual(['text']);
  });

  test('POST /news/ keeps requiring both, as the predecessor did', async () => {
    const response = await start(TEXT_ONLY).app.inject({
      method: 'POST',
      url: '/news/',
      payload: { text: 'a' },
    });
    expect(response.statusCode).toBe(422);
  });
});

test.each<[string, ModelColumns | undefined, string[]]>([
  ['both parts for an early model', undefined, ['title', 'text']],
  ['no title for a model without titles', TEXT_ONLY, ['text']],
  ['no text for a model without texts', TITLE_ONLY, ['title']],
])('GET /v2/models/{name} lists %s', async (_, columns, inputs) => {
  const body = (await start(columns).app.inject('/v2/models/compact')).json();
  expect(body.inputs.map(({ name }: { name: string }) => name)).toEqual(inputs);
});
