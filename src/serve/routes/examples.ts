// GET /v1/examples: articles to try the model on, for the page.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AppContext } from '../app-context.ts';

const examplesSchema = z.object({
  /** Always true: the bundled articles are invented. */
  synthetic: z.literal(true),
  examples: z.array(
    z.object({ id: z.string(), title: z.string(), text: z.string(), label: z.string(), source: z.string() }),
  ),
});

export function addExamplesRoute(app: FastifyInstance, context: AppContext): void {
  const body: z.infer<typeof examplesSchema> = {
    synthetic: true,
    examples: context.examples.map(({ id, title, text, label, source }) => ({
      id,
      title,
      text,
      label,
      source,
    })),
  };
  app.get(
    '/v1/examples',
    { schema: { summary: 'Invented articles to try', tags: ['model'], response: { 200: examplesSchema } } },
    async () => body,
  );
}
