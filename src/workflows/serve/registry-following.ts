// The part of a running server that follows the registry: which versions it should have, where their files are, and how a
// canary is tried.
import type { Logger } from '../../foundation/core/index.ts';
import type { FollowingOptions } from '../../serving/app/index.ts';
import { findFollowedStage, followRegistry, openCanaryMemory } from '../../serving/live/index.ts';
import type { ServeConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { locateServedModel } from '../locate-model/index.ts';

/**
 * How the server reacts to changes of the registry.
 * @param serving  NAME@VERSION that it starts with; null: a folder or a run
 * @throws MODEL_NOT_FOUND, MODEL_REFERENCE_INVALID for a shadow or canary that is not there
 */
export async function buildFollowing(
  serve: ServeConfig['serve'],
  serving: string | null,
  context: WorkflowContext,
  logger: Logger,
): Promise<FollowingOptions> {
  const { registry } = context.stores;
  const { shadow, precision } = serve;
  const canary =
    serve.canary === null || typeof serve.canary === 'object'
      ? serve.canary
      : { share: serve.canary, model: null };
  for (const reference of [shadow, canary?.model ?? null])
    if (reference !== null) await registry.resolve(reference);
  const stage = findFollowedStage({ serving, reference: serve.model });
  const changes = stage !== null || shadow !== null || canary !== null;
  return {
    decide: followRegistry(registry, { serving, reference: serve.model, canary, shadow }),
    // A stage or serve.model names an original, of which an int8 copy may be served. A version named as shadow or canary
    // is served as it is named.
    locate: (reference) => {
      const isExact = reference === shadow || reference === canary?.model;
      const isNamed = isExact || (serve.model?.includes('@') ?? false);
      return locateServedModel(
        { model: reference, precision: isExact ? 'auto' : precision },
        context,
        isNamed,
      );
    },
    everySeconds: changes ? serve.watch.seconds : 0,
    canary: canary === null ? null : buildCanary(canary.share, serve, context, logger),
  };
}

function buildCanary(
  share: number,
  { canary_limits: limits }: ServeConfig['serve'],
  { home }: WorkflowContext,
  logger: Logger,
): FollowingOptions['canary'] {
  return {
    share,
    memory: openCanaryMemory(home.canaries, logger),
    limits: {
      windowSeconds: limits.window_seconds,
      minRequests: limits.min_requests,
      maxErrors: limits.errors,
      maxLatencyRatio: limits.p99_ratio,
      minLatencyMs: limits.p99_ms,
    },
  };
}
