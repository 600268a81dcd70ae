// veracity/client against its server: a method for every operation of /openapi.json, with the documented path and method,
// and with the types of the schemas.
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import type * as Client from '../../src/client/index.ts';
import { createClient, VeracityRequestError } from '../../src/client/index.ts';
import type { explanationAnswerSchema } from '../../src/foundation/records/explanation.ts';
import type { nearestArticleSchema } from '../../src/judging/out-of-distribution/article-index.ts';
import { createApp } from '../../src/serving/app/app.ts';
import type { ProblemDocument } from '../../src/serving/http/problem.ts';
import type { answerSchema } from '../../src/serving/routes/answer.ts';
import type { createPredictSchemas } from '../../src/serving/routes/article-request.ts';
import type { feedbackRequestSchema } from '../../src/serving/routes/feedback.ts';
import type { inferRequestSchema, inferResponseSchema } from '../../src/serving/routes/inference-tensors.ts';
import type { ServedModelFacts } from '../../src/serving/routes/model-facts.ts';
import type { uploadLineSchema } from '../../src/serving/routes/predict-upload.ts';
import type { receiptSchema } from '../../src/serving/routes/predictions.ts';
import type * as Registry from '../../src/serving/studio/registry-schemas.ts';
import type * as Runs from '../../src/serving/studio/run-schemas.ts';
import { EXAMPLE_RUN_ID, EXAMPLE_SWEEP_ID } from '../../src/serving/studio/studio-examples.ts';
import type * as Sweeps from '../../src/serving/studio/sweep-schemas.ts';
import { createExampleFeedback, createExampleJournal, EXAMPLE_ID } from './example-journal.ts';
import { createExampleStudio } from './example-studio.ts';
import { createRuleClassifier } from './rule-classifier.ts';

let url = '';
const app = createApp({
  classifier: createRuleClassifier(),
  journal: createExampleJournal(),
  feedback: createExampleFeedback(),
  studio: createExampleStudio(),
  access: {
    keys: { find: (key) => (key === 'k' ? { ...KEY, scopes: ['predict', 'feedback', 'admin'] } : undefined) },
  },
});
const KEY = { id: '0123abcd', name: 'test', createdAt: '', revokedAt: null };
beforeAll(async () => {
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => app.close());

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The id that the calls below send in a path. */
function idOf(path: string): string {
  if (path.startsWith('/v1/runs')) return EXAMPLE_RUN_ID;
  if (path.startsWith('/v1/sweeps')) return EXAMPLE_SWEEP_ID;
  return path.startsWith('/v1/lineage') ? encodeURIComponent('compact@1') : EXAMPLE_ID;
}

const article = { title: 'Ferry', text: 'It sailed.' };
const tensor = { name: 'text', shape: [1], datatype: 'BYTES', data: ['It sailed.'] } as const;

/** One call of each method. The first test fails until a new operation is added here. */
const calls = (
  client: Client.VeracityClient,
): Record<keyof Client.VeracityClient, () => Promise<unknown>> => ({
  predict: () => client.predict(article),
  predictFile: () => collect(client.predictFile('title,text\na,b\n')),
  getPrediction: () => client.getPrediction(EXAMPLE_ID),
  sendFeedback: () => client.sendFeedback({ id: EXAMPLE_ID, agrees: true }),
  getModel: () => client.getModel(),
  listExamples: () => client.listExamples(),
  predictNews: () => client.predictNews(article),
  getLoadedModel: () => client.getLoadedModel(),
  classifyText: () => client.classifyText({ inputs: 'It sailed.' }),
  getInferenceServer: () => client.getInferenceServer(),
  getInferenceLiveness: () => client.getInferenceLiveness(),
  getInferenceReadiness: () => client.getInferenceReadiness(),
  getInferenceModel: () => client.getInferenceModel('compact'),
  getInferenceModelReadiness: () => client.getInferenceModelReadiness('compact'),
  infer: () => client.infer('compact', { inputs: [tensor] }),
  getInferenceModelVersion: () => client.getInferenceModelVersion('compact', '1'),
  getInferenceModelVersionReadiness: () => client.getInferenceModelVersionReadiness('compact', '1'),
  inferVersion: () => client.inferVersion('compact', '1', { inputs: [tensor] }),
  getHealth: () => client.getHealth(),
  getReadiness: () => client.getReadiness(),
  getMetrics: () => client.getMetrics(),
  listRuns: () => client.listRuns(),
  watchRuns: async () => {
    for await (const changes of client.watchRuns()) return changes;
    return null;
  },
  listCurves: () => client.listCurves({ runs: [EXAMPLE_RUN_ID], metrics: ['train_loss'] }),
  compareRuns: () => client.compareRuns([EXAMPLE_RUN_ID]),
  getRun: () => client.getRun(EXAMPLE_RUN_ID),
  deleteRun: () => client.deleteRun(EXAMPLE_RUN_ID),
  getRunLog: () => client.getRunLog(EXAMPLE_RUN_ID),
  tagRun: () => client.tagRun(EXAMPLE_RUN_ID, { add: ['baseline'] }),
  setRunNote: () => client.setRunNote(EXAMPLE_RUN_ID, null),
  stopRun: () => client.stopRun(EXAMPLE_RUN_ID),
  resumeRun: () => client.resumeRun(EXAMPLE_RUN_ID),
  listSweeps: () => client.listSweeps(),
  getSweep: () => client.getSweep(EXAMPLE_SWEEP_ID),
  getImportance: () => client.getImportance(EXAMPLE_SWEEP_ID),
  getPareto: () => client.getPareto(EXAMPLE_SWEEP_ID),
  listRegistry: () => client.listRegistry(),
  getRegisteredName: () => client.getRegisteredName('compact'),
  promoteVersion: () =>
    client.promoteVersion('compact', { version: 1, stage: 'staging', reason: 'a first try' }),
  rollBack: () => client.rollBack('compact', { reason: 'complaints' }),
  getLineage: () => client.getLineage('compact@1'),
});

describe('veracity/client', () => {
  test('has a method for every operation, which sends the documented request and gets a response', async () => {
    const { paths } = (await app.inject('/openapi.json')).json();
    const operations = Object.entries<Record<string, { operationId: string }>>(paths).flatMap(
      ([path, methods]) =>
        Object.entries(methods)
          .filter(([, { operationId }]) => operationId !== 'getPage') // for people
          .map(([method, { operationId }]) => ({ path, method, operationId })),
    );
    const asked: string[] = [];
    const client = createClient({
      url: `${url}/`,
      key: 'k',
      fetch: (input, init) => {
        asked.push(`${init?.method ?? 'GET'} ${String(input).slice(url.length)}`);
        return fetch(input, init);
      },
    });
    const methods = calls(client);
    expect(Object.keys(methods).sort()).toEqual(operations.map(({ operationId }) => operationId).sort());
    expect(Object.keys(client).sort()).toEqual(Object.keys(methods).sort());
    for (const { path, method, operationId } of operations) {
      await methods[operationId as keyof Client.VeracityClient]();
      const filled = path.replace('{name}', 'compact').replace('{version}', '1').replace('{id}', idOf(path));
      expect(asked.pop(), operationId).toBe(`${method.toUpperCase()} ${filled}`);
    }
  });

  test('reads predictions, files and errors', async () => {
    const client = createClient({ url, key: 'k' });
    expect(await client.predict({ title: 'Moon!', text: 'It was sold.' })).toMatchObject({ label: 'FAKE' });
    const { predictions } = await client.predict({ articles: [{ id: 'a', ...article }] });
    expect(predictions).toMatchObject([{ id: 'a', label: 'REAL' }]);
    const lines = await collect(client.predictFile('title\nMoon!\n\nFerry\n'));
    expect(lines.map(({ type }) => type)).toEqual(['verdict', 'verdict', 'progress', 'done']);
    const bytes = await collect(client.predictFile(Buffer.from('{"title":"Moon!"}\n'), { format: 'jsonl' }));
    expect(bytes.map(({ type }) => type)).toEqual(['verdict', 'progress', 'done']);
    expect(() => createClient()).toThrow('createClient: expected a url outside of browsers');
    const refused = await client.predict({ title: '', text: '' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(VeracityRequestError);
    expect(refused).toMatchObject({ status: 422, code: 'REQUEST_INVALID', problem: { issues: [{}] } });
    const unknown = client.getInferenceModel('other');
    await expect(unknown).rejects.toMatchObject({ status: 404, code: 'OIP_MODEL_UNKNOWN' });
    await expect(createClient({ url }).getModel()).rejects.toMatchObject({
      status: 401,
      code: 'KEY_REQUIRED',
    });
  });

  test('ends the request of a file when the caller stops reading', async () => {
    for await (const line of createClient({ url, key: 'k' }).predictFile('title\na\nb\n')) {
      expect(line.type).toBe('verdict');
      break;
    }
  });

  test('has the types of the schemas', () => {
    type Mutable<T> = T extends string | number | boolean | null | undefined
      ? T
      : { -readonly [K in keyof T]: Mutable<T[K]> };
    expectTypeOf<Mutable<Client.ArticlePrediction>>().toEqualTypeOf<Mutable<z.infer<typeof answerSchema>>>();
    expectTypeOf<z.infer<typeof explanationAnswerSchema>>().toExtend<Client.Explanation>();
    expectTypeOf<Mutable<Client.Explanation>>().toExtend<z.infer<typeof explanationAnswerSchema>>();
    expectTypeOf<z.infer<typeof nearestArticleSchema>>().toEqualTypeOf<Mutable<Client.SimilarArticle>>();
    expectTypeOf<z.infer<typeof receiptSchema>>().toExtend<Client.PredictionReceipt>();
    expectTypeOf<Mutable<Client.FeedbackRequest>>().toExtend<z.input<typeof feedbackRequestSchema>>();
    expectTypeOf<Mutable<Client.PredictRequest>>().toExtend<
      z.input<ReturnType<typeof createPredictSchemas>['single']>
    >();
    expectTypeOf<Mutable<Client.Problem>>().toEqualTypeOf<Mutable<ProblemDocument>>();
    expectTypeOf<z.infer<typeof uploadLineSchema>>().toExtend<Client.BatchLine>();
    expectTypeOf<Mutable<Client.BatchLine>>().toExtend<z.infer<typeof uploadLineSchema>>();
    expectTypeOf<ServedModelFacts>().toExtend<Client.ModelFacts>();
    expectTypeOf<z.infer<typeof inferResponseSchema>>().toExtend<Client.InferResponse>();
    expectTypeOf<Runs.ServedRuns>().toExtend<Client.RunsFound>();
    expectTypeOf<Runs.ServedRunDetails>().toExtend<Client.RunDetails>();
    expectTypeOf<Runs.ServedCurves>().toEqualTypeOf<Mutable<Client.CurvesFound>>();
    expectTypeOf<Mutable<Client.CurvesRequest>>().toExtend<z.input<typeof Runs.curvesRequestSchema>>();
    expectTypeOf<Runs.ServedRunLog>().toEqualTypeOf<Mutable<Client.RunLog>>();
    expectTypeOf<Runs.ServedDifferences>().toExtend<Client.ConfigurationDifferences>();
    expectTypeOf<Runs.ServedChanges>().toExtend<Client.RunChanges>();
    expectTypeOf<Runs.ServedResume>().toEqualTypeOf<Mutable<Client.StartedResume>>();
    expectTypeOf<Sweeps.ServedSweepDetails>().toEqualTypeOf<Mutable<Client.SweepDetails>>();
    expectTypeOf<Sweeps.ServedImportance>().toEqualTypeOf<Mutable<Client.ParameterImportance>>();
    expectTypeOf<Sweeps.ServedPareto>().toEqualTypeOf<Mutable<Client.ParetoView>>();
    expectTypeOf<Registry.ServedRegistry>().toExtend<Client.RegistryFound>();
    expectTypeOf<Registry.ServedName>().toExtend<Client.RegisteredName>();
    expectTypeOf<Registry.ServedStageChange>().toEqualTypeOf<Mutable<Client.StageChanged>>();
    expectTypeOf<Mutable<Client.PromotionRequest>>().toExtend<
      z.input<typeof Registry.promotionRequestSchema>
    >();
    expectTypeOf<Registry.ServedLineage>().toEqualTypeOf<Mutable<Client.LineageGraph>>();
    expectTypeOf<Mutable<Client.InferRequest>>().toExtend<z.input<typeof inferRequestSchema>>();
  });
});
