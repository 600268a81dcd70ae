// The fields of a run by name, as filters, sorting and tables read them: facts, metrics, and keys of the configuration.
import { findConfigValue, flattenConfig } from './flat-config.ts';
import { nameValidationMetrics } from './metric-name.ts';
import type { RunSummary } from './run-summary.ts';

export type RunFieldValue = string | number | boolean | null | readonly string[];

/** Facts of every run, by the names that people type. */
const FACTS: Readonly<Record<string, (run: RunSummary) => RunFieldValue>> = {
  id: ({ id }) => id,
  created: ({ createdAt }) => createdAt,
  status: ({ status }) => status,
  model: ({ model }) => model,
  dataset: ({ datasetVersion }) => datasetVersion,
  model_version: ({ modelVersion }) => modelVersion,
  steps: ({ steps }) => steps,
  seconds: ({ seconds }) => seconds,
  peak_memory_bytes: ({ peakMemoryBytes }) => peakMemoryBytes,
  machine: ({ machine }) => machine,
  tag: ({ tags }) => tags,
  note: ({ note }) => note,
  parent: ({ parents }) => parents,
};

/** Metrics that every run gets, if it lives to its first evaluation: a filter may name them before. */
const USUAL_METRIC = /^(?:train_loss|(?:val|test)_(?:loss|accuracy|macro_f1|roc_auc|brier|ece))$/;
const ENDS = ['last', 'min', 'max'] as const;

/**
 * Reads a field: a fact such as `model`; a metric such as `val_loss` (a validation metric at the best step, any other at
 * its last) or `train_loss.min`, `.max`, `.last`; a key of the configuration such as `optimizer.lr`. Null if the run has
 * no such field.
 */
export function readRunField(run: RunSummary, name: string): RunFieldValue {
  const fact = Object.hasOwn(FACTS, name) ? FACTS[name] : undefined;
  if (fact !== undefined) return fact(run);
  const metric = readMetric(run, name);
  if (metric !== null) return metric;
  const path = name.startsWith('config.') ? name.slice('config.'.length) : name;
  return toFieldValue(findConfigValue(run.config, path));
}

/** All names that mean something for at least one of the runs, without `.min` and its like. */
export function listRunFields(runs: readonly RunSummary[]): string[] {
  const names = new Set(Object.keys(FACTS));
  for (const run of runs) {
    for (const metric of Object.keys(run.metrics)) names.add(metric);
    for (const key of flattenConfig(run.config).keys()) names.add(key);
  }
  return [...names];
}

/** True for a name that is a fact, a usual metric, or a metric or key of one of the runs. */
export function isRunField(runs: readonly RunSummary[], name: string): boolean {
  if (Object.hasOwn(FACTS, name) || USUAL_METRIC.test(name)) return true;
  return runs.some(
    (run) => readRunField(run, name) !== null || findConfigValue(run.config, name) !== undefined,
  );
}

function readMetric(run: RunSummary, name: string): number | null {
  const best = run.best === null ? {} : nameValidationMetrics(run.best);
  if (Object.hasOwn(best, name)) return best[name]!;
  const whole = Object.hasOwn(run.metrics, name) ? run.metrics[name] : undefined;
  if (whole !== undefined) return whole.last;
  const dot = name.lastIndexOf('.');
  const end = ENDS.find((candidate) => candidate === name.slice(dot + 1));
  const base = name.slice(0, Math.max(0, dot));
  return end !== undefined && Object.hasOwn(run.metrics, base) ? run.metrics[base]![end] : null;
}

/** A setting as a cell of a table; a list or a group as JSON. */
export function toFieldValue(value: unknown): RunFieldValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value))
    return value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  return JSON.stringify(value);
}
