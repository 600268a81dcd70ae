// POST /v1/predict: one article, or a batch whose predictions keep the order.
import { z } from 'zod';
import {
  buildExplanationAnswer,
  explanationAnswerSchema,
  explanationRecord,
  predictionReceiptRecord,
} from '../../foundation/records/index.ts';
import { nearestArticleSchema } from '../../judging/out-of-distribution/index.ts';
import type { RouteDefinition } from '../http/index.ts';
import { createPredictOptions } from '../queue/index.ts';
import { answerSchema, createAnswer } from './answer.ts';
import type { AppContext } from './app-context.ts';
import { createPredictBodySchema, listRequiredParts, parsePredictRequest } from './article-request.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { predictTexts } from './predict-request.ts';
import { buildRequestOrigin, formatIdHeader, keepReceipts } from './receipts.ts';
import { describeTextRule } from './text-rule.ts';

const aboutSchema = z.object({ requestId: z.string(), latencyMs: z.number() });

const singleResponseSchema = answerSchema
  .extend({
    explanation: explanationAnswerSchema.meta({ id: 'Explanation' }).optional(),
    similar: z
      .array(nearestArticleSchema.meta({ id: 'SimilarArticle' }))
      .nullable()
      .optional(),
    ...aboutSchema.shape,
  })
  .meta({ id: 'Verdict' });
const batchResponseSchema = z
  .object({
    predictions: z.array(answerSchema.extend({ id: z.string().optional() }).meta({ id: 'BatchVerdict' })),
    modelVersion: z.string(),
    ...aboutSchema.shape,
  })
  .meta({ id: 'Verdicts' });

export function createPredictRoute(context: AppContext): RouteDefinition {
  const { maxArticles } = context.limits;
  const { info } = context.classifier;
  return {
    method: 'POST',
    url: '/v1/predict',
    operationId: 'predict',
    summary: 'Predict one article or a batch',
    description: `Send {title, text}, or {articles: [{id?, title, text}, …]} with at most ${maxArticles} articles. With explain the response has the sentences and words that influenced the prediction: start and end are UTF-16 units of title and text as sent; influence is how far the label's probability falls without that part; gradient is its share of margin - baselineMargin (integrated gradients).`,
    tag: 'prediction',
    access: 'predict',
    body: {
      'application/json': createPredictBodySchema(
        listRequiredParts(info),
        maxArticles,
        describeTextRule(info).article,
      ),
    },
    answers: {
      200: {
        description: 'One prediction, or one for each article in their order',
        content: { 'application/json': z.union([singleResponseSchema, batchResponseSchema]) },
      },
    },
    errors: [
      'REQUEST_NOT_JSON',
      'REQUEST_INVALID',
      'ARTICLE_TEXT_MISSING',
      'TOO_MANY_ARTICLES',
      'SERVER_BUSY',
      'QUEUE_FULL',
      'WORKER_LOST',
      'EXPLANATION_UNAVAILABLE',
      'ARTICLE_TOO_LONG',
    ],
    examples: EXAMPLES,
    handle: async (
      request,
      reply,
    ): Promise<z.infer<typeof singleResponseSchema> | z.infer<typeof batchResponseSchema>> => {
      const {
        batch,
        articles,
        evidence: wanted,
      } = parsePredictRequest(
        request.body,
        maxArticles,
        listRequiredParts(context.classifier.info), // another version may have taken over
      );
      const { predictions: made, latencyMs } = await predictTexts(
        context,
        articles,
        createPredictOptions(request, reply),
        (index) => (batch ? `articles.${index}` : ''),
      );
      const answers = keepReceipts(context, articles, made, buildRequestOrigin(request));
      const { modelVersion } = answers[0]!.prediction;
      reply.headers({ 'x-model-version': modelVersion, ...formatIdHeader(answers) });
      const { info } = context.classifier;
      const about = { requestId: request.id, latencyMs };
      if (!batch) {
        const evidence = await gatherEvidence(context, articles[0]!, modelVersion, wanted);
        return { ...createAnswer(answers[0]!, info), ...evidence, ...about };
      }
      const predictions = answers.map((answer, index) => {
        const id = articles[index]!.id;
        return { ...(id === undefined || id === null ? {} : { id }), ...createAnswer(answer, info) };
      });
      return { predictions, modelVersion, ...about };
    },
  };
}

const ARTICLE = {
  title: 'Ferry resumes',
  text: 'The ferry sailed again on Tuesday, the harbour office said.',
};
const PREDICTION = {
  label: 'REAL',
  probability: 0.91,
  probabilities: { FAKE: 0.09, REAL: 0.91 },
  abstained: false,
  modelVersion: 'compact@1',
  predictionId: predictionReceiptRecord.example.id,
  warnings: [],
  warningFacts: [],
};
const ABOUT = { requestId: '7f8c5f6e-2d3b-4c1a-9e57-0a1b2c3d4e5f', latencyMs: 12.4 };

const EXAMPLES: RouteDefinition['examples'] = [
  { name: 'one article', body: ARTICLE, status: 200, answer: { ...PREDICTION, ...ABOUT } },
  {
    name: 'one article, explained, with similar training articles',
    body: { ...ARTICLE, explain: true, similar: 1 },
    status: 200,
    answer: {
      ...PREDICTION,
      explanation: buildExplanationAnswer(explanationRecord.example),
      similar: [
        { title: 'Ferry to Port Aldane resumes', source: 'Aldane Courier', label: 'REAL', similarity: 0.93 },
      ],
      ...ABOUT,
    },
  },
  {
    name: 'a batch',
    body: { articles: [{ id: 'a1', ...ARTICLE }, ARTICLE] },
    status: 200,
    answer: { predictions: [{ id: 'a1', ...PREDICTION }, PREDICTION], modelVersion: 'compact@1', ...ABOUT },
  },
  {
    name: 'an address instead of a text',
    body: { title: '', text: 'https://example.com/ferry-resumes' },
    status: 422,
    answer: {
      type: 'urn:veracity:error:ARTICLE_TEXT_MISSING',
      title: 'Unprocessable content',
      status: 422,
      detail: 'article: expected the text of an article, got only an address, which the model does not open',
      code: 'ARTICLE_TEXT_MISSING',
      hint: 'Send the text itself, as plain text.',
      requestId: ABOUT.requestId,
      issues: [
        {
          path: '',
          code: 'address',
          message:
            'article: expected the text of an article, got only an address, which the model does not open',
        },
      ],
    },
  },
  {
    name: 'no text',
    body: { title: 'Ferry resumes' },
    status: 422,
    answer: {
      type: 'urn:veracity:error:REQUEST_INVALID',
      title: 'Unprocessable content',
      status: 422,
      detail:
        'request body: expected an object with the strings title and text, or a list in articles, got something else',
      code: 'REQUEST_INVALID',
      hint: 'See `issues` for each field; the shapes of all requests are at /docs.',
      requestId: ABOUT.requestId,
      issues: [
        { path: 'text', code: 'invalid_type', message: 'Invalid input: expected string, received undefined' },
      ],
    },
  },
];
