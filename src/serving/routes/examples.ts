// GET /v1/examples: articles to try the model on, for the page.
import { z } from 'zod';
import type { RouteDefinition } from '../http/index.ts';
import type { AppContext } from './app-context.ts';

const examplesSchema = z
  .object({
    synthetic: z.literal(true).meta({ description: 'The bundled articles are invented.' }),
    examples: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        text: z.string(),
        label: z.string(),
        source: z.string(),
      }),
    ),
  })
  .meta({ id: 'Examples' });

export function createExamplesRoute(context: AppContext): RouteDefinition {
  const answer: z.infer<typeof examplesSchema> = {
    synthetic: true,
    examples: context.examples.map(({ id, title, text, label, source }) => ({
      id,
      title,
      text,
      label,
      source,
    })),
  };
  return {
    method: 'GET',
    url: '/v1/examples',
    operationId: 'listExamples',
    summary: 'Invented articles to try',
    tag: 'model',
    access: 'any-key',
    answers: { 200: { description: 'Articles', content: { 'application/json': examplesSchema } } },
    examples: [
      {
        name: 'an article',
        status: 200,
        answer: {
          synthetic: true,
          examples: [
            {
              id: 'example-0',
              title: 'Ferry resumes',
              text: 'The ferry sailed on Tuesday, the harbour office said.',
              label: 'REAL',
              source: 'harbour-gazette',
            },
          ],
        },
      },
    ],
    handle: async () => answer,
  };
}
