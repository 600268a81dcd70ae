// GET /model/ (the short answer that older clients read) and GET /v1/model (what the page tells about the model).
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AppContext } from '../app-context.ts';
import { createModelFacts, modelFactsSchema } from '../model-facts.ts';

const modelSchema = z.object({
  version: z.string(),
  model: z.string(),
  run: z.string(),
  datasetVersion: z.string(),
  dataset: z.string(),
  /** How many numbers the model learned. */
  parameters: z.int(),
  classNames: z.array(z.string()),
});

export function addModelRoutes(app: FastifyInstance, context: AppContext): void {
  const { info, modelVersion } = context.classifier;
  const short: z.infer<typeof modelSchema> = {
    version: modelVersion,
    model: info.model,
    run: info.runId,
    datasetVersion: info.datasetVersion,
    dataset: info.datasetName,
    parameters: info.parameterCount,
    classNames: info.classNames,
  };
  const facts = createModelFacts(info, modelVersion, context.evaluations);
  app.get(
    '/model/',
    { schema: { summary: 'Which model is loaded', tags: ['predecessor'], response: { 200: modelSchema } } },
    async () => short,
  );
  app.get(
    '/v1/model',
    {
      schema: {
        summary: 'The model, its figures and its limits',
        tags: ['model'],
        response: { 200: modelFactsSchema },
      },
    },
    async () => facts,
  );
}
