// GET /healthz: the process is alive. GET /readyz: it takes requests, so not while it stops or its model is broken.
import { z } from 'zod';
import { appError } from '../../foundation/core/index.ts';
import type { RouteDefinition } from '../http/index.ts';
import { incidentSchema } from '../incidents/index.ts';
import type { AppContext } from './app-context.ts';

const aliveSchema = z.object({ status: z.literal('ok') }).meta({ id: 'Alive' });
const readySchema = z
  .object({
    status: z.literal('ready'),
    modelVersion: z.string(),
    incidents: z.array(incidentSchema).meta({
      description: 'Incidents: what is being lost although predictions go on; empty if nothing is.',
    }),
  })
  .meta({ id: 'Ready' });

export function createHealthRoute(): RouteDefinition {
  return {
    method: 'GET',
    url: '/healthz',
    operationId: 'getHealth',
    summary: 'Liveness: is the process running?',
    tag: 'operation',
    access: 'open',
    limited: false,
    answers: { 200: { description: 'Alive', content: { 'application/json': aliveSchema } } },
    examples: [{ name: 'alive', status: 200, answer: { status: 'ok' } }],
    handle: async (): Promise<z.infer<typeof aliveSchema>> => ({ status: 'ok' }),
  };
}

export function createReadyRoute(context: AppContext): RouteDefinition {
  return {
    method: 'GET',
    url: '/readyz',
    operationId: 'getReadiness',
    summary: 'Readiness: does the server accept requests?',
    tag: 'operation',
    access: 'open',
    limited: false,
    answers: { 200: { description: 'Ready', content: { 'application/json': readySchema } } },
    errors: ['SERVER_STOPPING', 'MODEL_FAILED'],
    examples: [
      { name: 'ready', status: 200, answer: { status: 'ready', modelVersion: 'compact@1', incidents: [] } },
    ],
    handle: async (): Promise<z.infer<typeof readySchema>> => {
      await assertReady(context);
      return {
        status: 'ready',
        modelVersion: context.classifier.modelVersion,
        incidents: context.incidents.list(),
      };
    },
  };
}

/** @throws SERVER_STOPPING, MODEL_FAILED */
export async function assertReady({ classifier, health, isReady }: AppContext): Promise<void> {
  if (!isReady()) throw appError('SERVER_STOPPING');
  if (!health.failed) return;
  try {
    await classifier.predictDetailed([{ title: 'probe', text: '' }], {
      priority: 'background',
      cached: false,
    });
    health.failed = false;
  } catch (cause) {
    throw appError('MODEL_FAILED', {}, { cause });
  }
}
