// GET /healthz: the process answers. GET /readyz: it takes work: not while it shuts down, nor when its model is broken.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { appError } from '../../core/errors.ts';
import type { AppContext } from '../app-context.ts';
import { problemSchema } from '../problem.ts';

const statusSchema = z.object({ status: z.string() });

export function addHealthRoutes(app: FastifyInstance, context: AppContext): void {
  const tags = ['operation'];
  app.get(
    '/healthz',
    { schema: { summary: 'Is the process alive?', tags, response: { 200: statusSchema } } },
    async () => ({ status: 'ok' }),
  );
  app.get(
    '/readyz',
    {
      schema: {
        summary: 'Does the server take work?',
        tags,
        response: { 200: statusSchema.extend({ modelVersion: z.string() }), 503: problemSchema },
      },
    },
    async () => {
      if (!context.isReady()) throw appError('SERVER_STOPPING');
      if (context.health.failed) await assertModelAnswers(context);
      return { status: 'ready', modelVersion: context.classifier.modelVersion };
    },
  );
}

/** @throws MODEL_FAILED */
async function assertModelAnswers({ classifier, health }: AppContext): Promise<void> {
  try {
    await classifier.judge([{ title: 'probe', text: '' }]);
    health.failed = false;
  } catch (cause) {
    throw appError('MODEL_FAILED', {}, { cause });
  }
}
