// The summary of a run for lists: its status and best figures, computed from its head and events.
import type { Metrics, Run, RunEvent, RunStatus } from '../../foundation/records/index.ts';
import type { Annotations } from './annotation-log.ts';
import type { MetricSummary } from './measurement.ts';

/** A metric of a run in a list. */
export type ListedMetric = Pick<MetricSummary, 'last' | 'min' | 'max' | 'lastStep'>;

export interface RunSummary {
  readonly id: string;
  readonly createdAt: string;
  readonly status: RunStatus;
  readonly model: string;
  readonly datasetVersion: string;
  /** Optimizer steps done. */
  readonly steps: number;
  /** Best evaluation on validation so far; null before the first. */
  readonly best: { readonly step: number; readonly metrics: Metrics; readonly calibratedLoss: number } | null;
  /** On the test split, once finished. */
  readonly test: Metrics | null;
  readonly modelVersion: string | null;
  /** Seconds of the run, once finished. */
  readonly seconds: number | null;
  /** Peak memory of the training in bytes; null before the end, and if it was not measured. */
  readonly peakMemoryBytes: number | null;
  /** Sorted. */
  readonly tags: readonly string[];
  readonly note: string | null;
  readonly parents: readonly string[];
  /** Host of the process that wrote the run last; null before the first. */
  readonly machine: string | null;
  /** Resolved configuration at the start. */
  readonly config: Readonly<Record<string, unknown>>;
  /** By name. */
  readonly metrics: Readonly<Record<string, ListedMetric>>;
}

/** What a summary is made of. */
export interface SummaryParts {
  readonly run: Run;
  /** The visible ones. */
  readonly events: readonly RunEvent[];
  readonly status: RunStatus;
  readonly annotations: Pick<Annotations, 'tags' | 'note'>;
  readonly metrics: readonly MetricSummary[];
  readonly machine: string | null;
}

/**
 * Derives the run's status from its last event about a process.
 * @param isAlive  tells whether the process that logged `started` at that time still works on the run
 */
export function deriveStatus(
  events: readonly RunEvent[],
  isAlive: (processId: number, sinceIso: string) => boolean,
): RunStatus {
  for (const event of [...events].reverse()) {
    if (event.type === 'finished' || event.type === 'stopped' || event.type === 'failed') return event.type;
    if (event.type === 'started') {
      return isAlive(event.process, event.createdAt) ? 'running' : 'interrupted';
    }
  }
  return 'interrupted';
}

export function summarizeRun({
  run,
  events,
  status,
  annotations,
  metrics,
  machine,
}: SummaryParts): RunSummary {
  const best = events.findLast((event) => event.type === 'eval' && event.best);
  const finished = events.findLast((event) => event.type === 'finished');
  const steps = Math.max(
    0,
    ...events.map((event) => ('step' in event ? event.step : 0)),
    ...metrics.map(({ lastStep }) => lastStep),
    finished?.steps ?? 0,
  );
  return {
    id: run.id,
    createdAt: run.createdAt,
    status,
    model: run.model,
    datasetVersion: run.datasetVersion,
    steps,
    best:
      best?.type === 'eval'
        ? { step: best.step, metrics: best.metrics, calibratedLoss: best.calibratedLoss }
        : null,
    test: finished?.metrics.test ?? null,
    modelVersion: finished?.modelVersion ?? null,
    seconds: finished?.seconds ?? null,
    peakMemoryBytes: finished?.peakMemoryBytes ?? null,
    tags: annotations.tags,
    note: annotations.note,
    parents: run.parents,
    machine,
    config: run.config,
    metrics: Object.fromEntries(
      metrics.map(({ name, last, min, max, lastStep }) => [name, { last, min, max, lastStep }]),
    ),
  };
}
