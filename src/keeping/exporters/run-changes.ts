// Reads from the run store what a destination does not have of a run yet. While a run goes on, only what a resume cannot take
// back is read: points before the newest checkpoint. After it has ended, all that is left.
import { canonicalJson, hashSha256 } from '../../foundation/core/index.ts';
import type { Run, RunEvent, RunExport, RunStatus } from '../../foundation/records/index.ts';
import { flattenConfig, type Point, type RunStore, type RunSummary } from '../runs/index.ts';
import type { ExportChanges, ExportedRun, ExportedValue, Reached, Series } from './export-target.ts';

type Reach = RunExport['metrics'];

/** The changes, and the cursor once they are sent. */
export interface CollectedChanges {
  readonly changes: ExportChanges;
  readonly next: Pick<
    RunExport,
    'attempts' | 'step' | 'metrics' | 'texts' | 'histograms' | 'artifacts' | 'factsDigest' | 'status'
  >;
  /** False: the destination has everything. */
  readonly isAny: boolean;
  /** True: points that were sent before are no longer those of the run. */
  readonly isRewound: boolean;
}

/** What is known of a run when its changes are collected. */
export interface RunReading {
  readonly run: Run;
  readonly events: readonly RunEvent[];
  readonly summary: RunSummary;
  readonly folder: string;
}

export async function readRun(store: RunStore, id: string): Promise<RunReading> {
  const run = await store.load(id);
  const summary = await store.summarize(id);
  return { run, summary, events: await store.loadEvents(id), folder: (await store.files(id)).folder };
}

/** True if a later attempt resumed before the last step that was sent. */
export function isRewound(events: readonly RunEvent[], { attempts, step }: Reached): boolean {
  const started = events.filter((event) => event.type === 'started');
  return started.slice(attempts).some(({ resumedAtStep }) => resumedAtStep < step);
}

export async function collectChanges(
  store: RunStore,
  reading: RunReading,
  cursor: RunExport | null,
): Promise<CollectedChanges> {
  const { run, events, summary } = reading;
  const isRunning = summary.status === 'running';
  const endStep = isRunning ? newestCheckpoint(events) : Number.POSITIVE_INFINITY;
  const metrics = await collectSeries(store, run.id, { reach: cursor?.metrics ?? {}, endStep, isRunning });
  const texts = selectNew(await store.loadTexts(run.id), cursor?.texts ?? {}, endStep);
  const histograms = selectNew(await store.loadHistograms(run.id), cursor?.histograms ?? {}, endStep);
  const artifacts = await store.listArtifacts(run.id);
  const sent = new Set(cursor?.artifacts ?? []);
  const keyOf = ({ name, digest }: (typeof artifacts)[number]): string => `${name} ${digest}`;
  const facts = buildFacts(reading);
  const factsDigest = hashSha256(
    canonicalJson({ ...facts, folder: null, artifacts: artifacts.map(keyOf) }),
  ).slice(0, 16);
  const attempts = events.filter((event) => event.type === 'started').length;
  const step = Math.max(
    cursor?.step ?? 0,
    ...[metrics.reach, texts.reach, histograms.reach].flatMap((reach) =>
      Object.values(reach).map((end) => end.step),
    ),
  );
  const changes: ExportChanges = {
    run: facts,
    series: metrics.series,
    texts: texts.items,
    histograms: histograms.items,
    artifacts,
    newArtifacts: artifacts.filter((artifact) => !sent.has(keyOf(artifact))),
    reached: { attempts, step },
  };
  const count = metrics.series.length + texts.items.length + histograms.items.length;
  return {
    changes,
    next: {
      ...changes.reached,
      metrics: metrics.reach,
      texts: texts.reach,
      histograms: histograms.reach,
      artifacts: artifacts.map(keyOf),
      factsDigest,
      status: facts.status,
    },
    isAny: count > 0 || factsDigest !== cursor?.factsDigest,
    isRewound: cursor !== null && (metrics.isChanged || isRewound(events, cursor)),
  };
}

/** The step of the newest checkpoint; 0 before the first. A resume goes on from there. */
function newestCheckpoint(events: readonly RunEvent[]): number {
  const checkpoint = events.findLast((event) => event.type === 'checkpoint');
  return checkpoint?.step ?? 0;
}

async function collectSeries(
  store: RunStore,
  id: string,
  {
    reach,
    endStep,
    isRunning,
  }: { readonly reach: Reach; readonly endStep: number; readonly isRunning: boolean },
): Promise<{ series: Series[]; reach: Reach; isChanged: boolean }> {
  const next: Reach = { ...reach };
  const series: Series[] = [];
  const progress = new Map<number, Point>();
  let isChanged = false;
  for (const { name, count } of await store.listMetrics(id)) {
    const sent = reach[name] ?? { step: -1, count: 0 };
    const later = await store.loadPoints(id, name, { fromStep: sent.step + 1 });
    // While the run goes on, points come between the two calls.
    if (!isRunning && count - later.length !== sent.count) isChanged = true;
    const points = later.filter(({ step }) => step < endStep);
    if (points.length === 0) continue;
    series.push({ name, points });
    next[name] = { step: points.at(-1)!.step, count: sent.count + points.length };
    for (const point of points) progress.set(point.step, point);
  }
  series.push(...buildProgress([...progress.values()], reach, next));
  return { series, reach: next, isChanged };
}

/** Epochs and articles seen as metrics, so that every tracker can show curves by them. */
function buildProgress(points: readonly Point[], reach: Reach, next: Reach): Series[] {
  const sorted = points.toSorted((a, b) => a.step - b.step);
  return (['epoch', 'articles'] as const).flatMap((name) => {
    if (name in next && !(name in reach)) return []; // a metric of that name
    const sent = reach[name] ?? { step: -1, count: 0 };
    const later = sorted.filter(({ step }) => step > sent.step);
    if (later.length === 0) return [];
    next[name] = { step: later.at(-1)!.step, count: sent.count + later.length };
    return [{ name, points: later.map((point) => ({ ...point, value: point[name] })) }];
  });
}

function selectNew<T extends { readonly name: string; readonly step: number }>(
  all: readonly T[],
  reach: Reach,
  endStep: number,
): { items: T[]; reach: Reach } {
  const next: Reach = { ...reach };
  const items = all.filter(({ name, step }) => step > (reach[name]?.step ?? -1) && step < endStep);
  for (const { name, step } of items) {
    const end = next[name] ?? { step: -1, count: 0 };
    next[name] = { step: Math.max(end.step, step), count: end.count + 1 };
  }
  return { items, reach: next };
}

function buildFacts({ run, events, summary, folder }: RunReading): ExportedRun {
  const changed = Object.assign(
    {},
    ...events.map((event) => (event.type === 'started' ? flattenParameters(event.changed ?? {}) : {})),
  ) as Record<string, ExportedValue>;
  const parameters = flattenParameters(run.config);
  const last = events.at(-1)?.createdAt ?? run.createdAt;
  return {
    id: run.id,
    status: summary.status,
    startedMs: Date.parse(run.createdAt),
    endedMs: isEnded(summary.status) ? Date.parse(last) : null,
    parameters,
    changed: Object.fromEntries(Object.entries(changed).filter(([key, value]) => parameters[key] !== value)),
    tags: [...summary.tags],
    note: summary.note,
    parents: run.parents,
    datasetVersion: run.datasetVersion,
    commit: run.commit,
    modelVersion: summary.modelVersion,
    producer: run.versions.veracity,
    folder,
  };
}

/** Settings as trackers show them: lists, empty groups and null as JSON. */
function flattenParameters(config: Readonly<Record<string, unknown>>): Record<string, ExportedValue> {
  const isPlain = (value: unknown): value is ExportedValue =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return Object.fromEntries(
    [...flattenConfig(config)].map(([path, value]) => [path, isPlain(value) ? value : JSON.stringify(value)]),
  );
}

function isEnded(status: RunStatus): boolean {
  return status !== 'running';
}
