// POST /v1/predict: one article, or a batch whose answers keep the order.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Judgement } from '../../predict/judgement.ts';
import { predictionSchema } from '../../records/prediction.ts';
import type { AppContext } from '../app-context.ts';
import { parsePredictRequest, predictRequestSchema } from '../article-request.ts';
import { judgeRequest } from '../judge-request.ts';
import { problemSchema } from '../problem.ts';

const answerSchema = predictionSchema.extend({
  /** Plain sentences about what to mind; empty when nothing is unusual. */
  warnings: z.array(z.string()),
});
const aboutSchema = z.object({ requestId: z.string(), latencyMs: z.number() });

const singleResponseSchema = answerSchema.extend(aboutSchema.shape);
const batchResponseSchema = z.object({
  predictions: z.array(answerSchema.extend({ id: z.string().optional() })),
  modelVersion: z.string(),
  ...aboutSchema.shape,
});

export function addPredictRoute(app: FastifyInstance, context: AppContext): void {
  app.post(
    '/v1/predict',
    {
      schema: {
        summary: 'Judge one article or a batch',
        description: `Send {title, text}, or {articles: [{id?, title, text}, …]} with at most ${context.limits.maxArticles} articles.`,
        tags: ['prediction'],
        body: predictRequestSchema,
        response: { 200: z.union([singleResponseSchema, batchResponseSchema]), '4xx': problemSchema },
      },
    },
    async (request): Promise<z.infer<typeof singleResponseSchema> | z.infer<typeof batchResponseSchema>> => {
      const { batch, articles } = parsePredictRequest(request.body, context.limits.maxArticles);
      const { judgements, latencyMs } = await judgeRequest(context, articles);
      const about = { requestId: request.id, latencyMs };
      if (!batch) return { ...createAnswer(judgements[0]!), ...about };
      const predictions = judgements.map((judgement, index) => {
        const id = articles[index]!.id;
        return { ...(id === undefined ? {} : { id }), ...createAnswer(judgement) };
      });
      return { predictions, modelVersion: context.classifier.modelVersion, ...about };
    },
  );
}

function createAnswer(judgement: Judgement): z.infer<typeof answerSchema> {
  return { ...judgement.prediction, warnings: [...judgement.warnings] };
}
