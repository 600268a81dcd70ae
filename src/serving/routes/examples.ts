// GET /v1/examples: articles to try the model on, for the page. They follow the model: the bundled articles for one that
// learned from the bundled sample, what it keeps of its own validation articles for any other.
import { z } from 'zod';
import type { ExampleArticle } from '../../learning/data/index.ts';
import type { RouteDefinition } from '../http/index.ts';
import type { AppContext } from './app-context.ts';

const examplesSchema = z
  .object({
    synthetic: z.boolean().meta({ description: 'Whether the articles are invented.' }),
    examples: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        text: z.string(),
        label: z.string().meta({ description: 'Its label.' }),
        source: z.string(),
      }),
    ),
  })
  .meta({ id: 'Examples' });

export function createExamplesRoute(context: AppContext): RouteDefinition {
  return {
    method: 'GET',
    url: '/v1/examples',
    operationId: 'listExamples',
    summary: 'Articles to try',
    description:
      'For a model of the bundled sample: invented articles. For another one: the validation articles stored with register_examples; default: none.',
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
              id: 'example-1',
              title: 'Ferry resumes',
              text: 'The ferry sailed on Tuesday, the harbour office said.',
              label: 'REAL',
              source: 'harbour-gazette',
            },
          ],
        },
      },
    ],
    handle: async () => listExamples(context),
  };
}

function listExamples({
  classifier,
  examples,
  sampleExamples,
  keptExamples,
}: AppContext): z.infer<typeof examplesSchema> {
  const { synthetic, classNames } = classifier.info;
  if (examples.length > 0) return { synthetic, examples: examples.map(pickFields) };
  const kept = keptExamples();
  if (kept.length > 0 || !synthetic)
    return {
      synthetic,
      examples: kept.map(({ source, ...article }, index) => ({
        id: `example-${index + 1}`,
        ...article,
        source: source ?? '',
      })),
    };
  const fitting = sampleExamples.filter(({ label }) => classNames.includes(label));
  return { synthetic, examples: fitting.map(pickFields) };
}

function pickFields({ id, title, text, label, source }: ExampleArticle): ExampleArticle {
  return { id, title, text, label, source };
}
