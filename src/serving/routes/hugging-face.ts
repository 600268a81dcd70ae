// POST /: text classification in the format of Hugging Face's endpoints, so that their client libraries work with this
// server's address. Scores are our calibrated probabilities; a text is an article without a title.
import { z } from 'zod';
import { appError } from '../../foundation/core/index.ts';
import type { Prediction } from '../../foundation/records/index.ts';
import type { RouteDefinition } from '../http/index.ts';
import { createBodyError } from '../http/index.ts';
import { createPredictOptions } from '../queue/index.ts';
import type { AppContext } from './app-context.ts';
import { predictTexts } from './predict-request.ts';
import { buildRequestOrigin, formatIdHeader, keepReceipts } from './receipts.ts';
import { describeTextRule } from './text-rule.ts';

const requestSchema = z.object({
  inputs: z.union([z.string(), z.array(z.string()).min(1)]),
  parameters: z
    .object({
      top_k: z
        .int()
        .min(1)
        .nullish()
        .meta({ description: 'Number of classes to return, the most probable first.' }),
      function_to_apply: z
        .literal('softmax')
        .nullish()
        .meta({ description: 'Only softmax: the scores are calibrated probabilities.' }),
    })
    .nullish(),
});

/** The body as /openapi.json has it: with how many texts a request may have and what each needs. */
function createRequestSchema({ classifier, limits }: AppContext): z.ZodType {
  const text = z.string().meta({ ...describeTextRule(classifier.info).text });
  return requestSchema
    .extend({ inputs: z.union([text, z.array(text).min(1).max(limits.maxArticles)]) })
    .meta({ id: 'TextClassificationRequest' });
}

const responseSchema = z
  .array(z.array(z.object({ label: z.string(), score: z.number() })))
  .meta({ id: 'TextClassification', description: 'One list per text, the most probable class first.' });

export function createHuggingFaceRoute(context: AppContext): RouteDefinition {
  return {
    method: 'POST',
    url: '/',
    operationId: 'classifyText',
    summary: 'Text classification in the form of Hugging Face',
    description:
      'Use the address of this server as the endpoint of a Hugging Face client. Other fields are ignored.',
    tag: 'hugging face',
    access: 'predict',
    body: { 'application/json': createRequestSchema(context) },
    answers: {
      200: { description: 'Classes with their scores', content: { 'application/json': responseSchema } },
    },
    errors: [
      'REQUEST_NOT_JSON',
      'REQUEST_INVALID',
      'ARTICLE_TEXT_MISSING',
      'TOO_MANY_ARTICLES',
      'SERVER_BUSY',
      'QUEUE_FULL',
      'WORKER_LOST',
    ],
    examples: [
      {
        name: 'one text',
        body: { inputs: 'The ferry sailed again on Tuesday, the harbour office said.' },
        status: 200,
        answer: [
          [
            { label: 'REAL', score: 0.91 },
            { label: 'FAKE', score: 0.09 },
          ],
        ],
      },
      {
        name: 'two texts, the likeliest class',
        body: { inputs: ['The ferry sailed again.', 'Moon sold!'], parameters: { top_k: 1 } },
        status: 200,
        answer: [[{ label: 'REAL', score: 0.91 }], [{ label: 'FAKE', score: 0.84 }]],
      },
      { name: 'no text', body: { inputs: '' }, status: 422 },
    ],
    handle: async (request, reply): Promise<z.infer<typeof responseSchema>> => {
      const { texts, topK } = parseRequest(request.body, context.limits.maxArticles);
      const articles = texts.map((text) => ({ title: '', text }));
      const { predictions } = await predictTexts(
        context,
        articles,
        createPredictOptions(request, reply),
        (index) => `inputs.${index}`,
      );
      const answers = keepReceipts(context, articles, predictions, buildRequestOrigin(request));
      reply.headers({ 'x-model-version': answers[0]!.prediction.modelVersion, ...formatIdHeader(answers) });
      return predictions.map(({ prediction }) => rankClasses(prediction).slice(0, topK));
    },
  };
}

/** @throws REQUEST_INVALID, TOO_MANY_ARTICLES */
function parseRequest(body: unknown, maxArticles: number): { texts: readonly string[]; topK: number } {
  const listed = typeof body === 'object' && body !== null && 'inputs' in body ? body.inputs : undefined;
  if (Array.isArray(listed) && listed.length > maxArticles)
    throw appError('TOO_MANY_ARTICLES', { max: maxArticles, got: listed.length });
  const expected = 'an object with inputs, a text or a list of texts';
  const result = requestSchema.safeParse(body);
  if (!result.success) throw createBodyError(result.error, expected);
  const { inputs, parameters } = result.data;
  const texts = typeof inputs === 'string' ? [inputs] : inputs;
  const issues = texts.flatMap((text, index) =>
    text.trim() === ''
      ? [{ path: `inputs.${index}`, code: 'empty_article', message: 'the text is empty' }]
      : [],
  );
  if (issues.length > 0)
    throw appError('REQUEST_INVALID', { expected: 'texts that are not empty' }, { issues });
  return { texts, topK: parameters?.top_k ?? Number.POSITIVE_INFINITY };
}

function rankClasses({ probabilities }: Prediction): { label: string; score: number }[] {
  return Object.entries(probabilities)
    .map(([label, score]) => ({ label, score }))
    .sort((a, b) => b.score - a.score);
}
