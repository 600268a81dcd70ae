// POST /news/: the route that clients of the system before ours call. It answers a JSON string, nothing around it.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AppContext } from '../app-context.ts';
import { newsRequestSchema, parseNewsRequest } from '../article-request.ts';
import { judgeRequest } from '../judge-request.ts';
import { problemSchema } from '../problem.ts';
import { formatVerdict } from '../request-metrics.ts';

export function addNewsRoute(app: FastifyInstance, context: AppContext): void {
  app.post(
    '/news/',
    {
      schema: {
        summary: 'Judge one article; answers a sentence',
        tags: ['predecessor'],
        body: newsRequestSchema,
        response: {
          200: z
            .string()
            .meta({ example: `This is ${formatVerdict(context.classifier.info.classNames[0]!)}` }),
          '4xx': problemSchema,
        },
      },
    },
    async (request, reply) => {
      const { title, text } = parseNewsRequest(request.body);
      const { judgements } = await judgeRequest(context, [{ title, text }]);
      const sentence = `This is ${formatVerdict(judgements[0]!.prediction.label)}`;
      return reply.type('application/json').send(JSON.stringify(sentence));
    },
  );
}
