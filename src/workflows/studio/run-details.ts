// Everything that is recorded of one run but its points, and what differs between the configurations of several.
import { canonicalJson } from '../../foundation/core/index.ts';
import type { EvaluationReport, RunEvent } from '../../foundation/records/index.ts';
import { flattenConfig, type RunStore } from '../../keeping/runs/index.ts';
import type { ServedDifferences, ServedRunDetails } from '../../serving/studio/index.ts';
import { loadStoredConfiguration, repeatsOnResume } from '../runs/index.ts';
import { buildRunFacts } from './run-facts.ts';

/** @throws RUN_NOT_FOUND, RECORD_INVALID */
export async function loadRunDetails(runs: RunStore, id: string): Promise<ServedRunDetails> {
  const summary = await runs.summarize(id);
  const { config: _, origins: __, ...head } = await runs.load(id);
  const events = await runs.loadEvents(id);
  const isRunning = summary.status === 'running';
  return {
    run: buildRunFacts(summary),
    head,
    configuration: await listConfiguration(runs, id),
    // steps of runs of early versions are points
    events: events.filter(({ type }) => type !== 'step').map((event) => ({ ...event })),
    evaluations: (await runs.loadEvaluations(id)).map(pickFigures),
    artifacts: await runs.listArtifacts(id),
    texts: (await runs.loadTexts(id)).map(({ name, step, text }) => ({ name, step, text })),
    histograms: (await runs.loadHistograms(id)).map(({ name, step, edges, counts }) => ({
      ...{ name, step },
      ...{ edges: [...edges], counts: [...counts] },
    })),
    paths: await runs.locations(id),
    stopRequested: isRunning && (await runs.isStopRequested(id)),
    canResume: !isRunning && canResume(events),
  };
}

export function pickFigures({ collection, outOfSource, synthetic, n, metrics }: EvaluationReport) {
  return { collection, outOfSource, synthetic, n, metrics };
}

/** A finished run has nothing left to do, and some failures would only happen again. */
function canResume(events: readonly RunEvent[]): boolean {
  const last = events.findLast(({ type }) => ['finished', 'failed', 'stopped', 'started'].includes(type));
  if (last?.type === 'finished') return false;
  return last?.type !== 'failed' || !repeatsOnResume(last.code);
}

/** The configuration as it is now: that of the head, with what resuming has changed since. */
async function listConfiguration(runs: RunStore, id: string): Promise<ServedRunDetails['configuration']> {
  const { config, origins = {} } = await runs.load(id);
  const before = flattenConfig(config);
  const now = flattenConfig(await loadStoredConfiguration(runs, id));
  return [...now].map(([path, value]) => ({
    path,
    value,
    origin:
      canonicalJson(before.get(path) ?? null) === canonicalJson(value ?? null)
        ? (origins[path] ?? null)
        : 'changed by a resume',
  }));
}

/** @throws RUN_NOT_FOUND, RECORD_INVALID */
export async function compareConfigurations(
  runs: RunStore,
  ids: readonly string[],
): Promise<ServedDifferences> {
  const columns: ReadonlyMap<string, unknown>[] = [];
  for (const id of ids) {
    const values = await listConfiguration(runs, id);
    columns.push(new Map(values.map(({ path, value }) => [path, value])));
  }
  const paths = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  const differing = paths.filter((path) => {
    const spelled = columns.map((column) => (column.has(path) ? canonicalJson(column.get(path)) : ''));
    return new Set(spelled).size > 1;
  });
  return {
    runs: [...ids],
    differences: differing.map((path) => ({
      path,
      values: columns.map((column) => column.get(path) ?? null),
      absent: columns.flatMap((column, i) => (column.has(path) ? [] : [i])),
    })),
    same: paths.length - differing.length,
  };
}
