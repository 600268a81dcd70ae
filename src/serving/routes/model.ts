// GET /model/ (the short form that older clients read) and GET /v1/model (all that the page shows of the model).
import { z } from 'zod';
import type { RouteDefinition } from '../http/index.ts';
import { restingRollout, rolloutStateSchema } from '../live/index.ts';
import type { AppContext } from './app-context.ts';
import { createModelFacts, modelFactsSchema } from './model-facts.ts';

const modelSchema = z
  .object({
    version: z.string(),
    model: z.string(),
    run: z.string(),
    datasetVersion: z.string(),
    dataset: z.string(),
    parameters: z.int().meta({ description: 'Number of trained parameters.' }),
    classNames: z.array(z.string()),
    rollout: rolloutStateSchema.meta({ description: 'Other versions in memory: loading, canary or shadow.' }),
  })
  .meta({ id: 'LoadedModel' });

export function createModelRoute(context: AppContext): RouteDefinition {
  return {
    method: 'GET',
    url: '/model/',
    operationId: 'getLoadedModel',
    summary: 'Which model is loaded',
    tag: 'predecessor',
    access: 'any-key',
    answers: { 200: { description: 'The model', content: { 'application/json': modelSchema } } },
    examples: [
      {
        name: 'a model',
        status: 200,
        answer: {
          version: 'compact@1',
          model: 'compact',
          run: 'run-20260101-000000-abcd',
          datasetVersion: 'ds-0123456789ab',
          dataset: 'sample',
          parameters: 1_188_098,
          classNames: ['FAKE', 'REAL'],
          rollout: restingRollout,
        },
      },
    ],
    handle: async (): Promise<z.infer<typeof modelSchema>> => {
      const { info, modelVersion } = context.classifier;
      return {
        version: modelVersion,
        model: info.model,
        run: info.runId,
        datasetVersion: info.datasetVersion,
        dataset: info.datasetName,
        parameters: info.parameterCount,
        classNames: info.classNames,
        rollout: context.live?.rollout() ?? restingRollout,
      };
    },
  };
}

export function createModelFactsRoute(context: AppContext): RouteDefinition {
  return {
    method: 'GET',
    url: '/v1/model',
    operationId: 'getModel',
    summary: 'The model, its figures and its limits',
    tag: 'model',
    access: 'any-key',
    answers: { 200: { description: 'The model', content: { 'application/json': modelFactsSchema } } },
    examples: [{ name: 'a model', status: 200 }],
    handle: async () => {
      const { info, modelVersion } = context.classifier;
      return createModelFacts(
        info,
        modelVersion,
        context.evaluations,
        await context.listVersions(modelVersion),
        context.live?.rollout(),
      );
    },
  };
}
