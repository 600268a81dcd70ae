// A run of the store as the studio's lists have it.
import { flattenConfig, type RunSummary } from '../../keeping/runs/index.ts';
import { type ServedRun, toMetricValue } from '../../serving/studio/index.ts';

/** @param config  dotted paths of the configuration whose values to add; a group adds everything below it */
export function buildRunFacts(summary: RunSummary, config: readonly string[] = []): ServedRun {
  const { metrics, config: resolved, ...facts } = summary;
  const values = config.length === 0 ? [] : [...flattenConfig(resolved)];
  return {
    ...facts,
    parents: [...facts.parents],
    tags: [...facts.tags],
    metrics: Object.entries(metrics).map(([name, { last, lastStep, min, max }]) => ({
      name,
      last: toMetricValue(last),
      lastStep,
      min: toMetricValue(min),
      max: toMetricValue(max),
    })),
    config: Object.fromEntries(
      values.filter(([path]) => config.some((named) => path === named || path.startsWith(`${named}.`))),
    ),
  };
}
