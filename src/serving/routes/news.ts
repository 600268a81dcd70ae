// POST /news/: the route of the predecessor, for its clients. The response is a JSON string.
import { z } from 'zod';
import type { RouteDefinition } from '../http/index.ts';
import { formatNewsLabel } from '../metrics/index.ts';
import { createPredictOptions } from '../queue/index.ts';
import type { AppContext } from './app-context.ts';
import { newsRequestSchema, parseNewsRequest } from './article-request.ts';
import { predictForRequest } from './predict-request.ts';
import { buildRequestOrigin, formatIdHeader, keepReceipts } from './receipts.ts';

export function createNewsRoute(context: AppContext): RouteDefinition {
  return {
    method: 'POST',
    url: '/news/',
    operationId: 'predictNews',
    summary: 'Predict one article; the response is a sentence',
    description:
      'Like the predecessor, it answers every article, even one without text, which the other routes refuse.',
    tag: 'predecessor',
    access: 'predict',
    body: { 'application/json': newsRequestSchema },
    answers: { 200: { description: 'The prediction', content: { 'application/json': z.string() } } },
    errors: ['REQUEST_NOT_JSON', 'REQUEST_INVALID', 'SERVER_BUSY', 'QUEUE_FULL', 'WORKER_LOST'],
    examples: [
      {
        name: 'an article',
        body: { title: 'Ferry resumes', text: 'The ferry sailed on Tuesday, the harbour office said.' },
        status: 200,
        answer: `This is ${formatNewsLabel(context.classifier.info.classNames[1] ?? 'REAL')}`,
      },
      { name: 'no text', body: { title: 'Ferry resumes' }, status: 422 },
    ],
    handle: async (request, reply) => {
      const { title, text } = parseNewsRequest(request.body);
      const { predictions } = await predictForRequest(
        context,
        [{ title, text }],
        createPredictOptions(request, reply),
      );
      const answers = keepReceipts(context, [{ title, text }], predictions, buildRequestOrigin(request));
      const { label, modelVersion } = answers[0]!.prediction;
      return reply
        .headers({ 'x-model-version': modelVersion, ...formatIdHeader(answers) })
        .type('application/json')
        .send(JSON.stringify(`This is ${formatNewsLabel(label)}`));
    },
  };
}
