// Builds the graph of a home from its records: raw files, dataset versions, sweeps, runs, model versions, deployments, and
// evaluations on data that a model was not trained on.
import { basename, join } from 'node:path';
import type { DatasetManifest, EvaluationReport, FeedbackExport } from '../../foundation/records/index.ts';
import type { RegisteredModel } from '../../keeping/registry/index.ts';
import type { RunSummary } from '../../keeping/runs/index.ts';
import type { SweepSummary } from '../../keeping/sweeps/index.ts';
import type { Stores } from '../context/index.ts';
import { kindOfId, OriginGraph } from './origin-graph.ts';

export type LineageStores = Pick<
  Stores,
  'datasets' | 'runs' | 'sweeps' | 'registry' | 'predictions' | 'feedback'
>;

/** A home's records, and the graph of what comes from what. */
export interface HomeGraph {
  readonly graph: OriginGraph;
  readonly manifests: readonly DatasetManifest[];
  readonly models: readonly RegisteredModel[];
  readonly runs: readonly RunSummary[];
}

/** @param live  NAME@VERSION that this server runs; null: it serves no model */
export async function buildHomeGraph(live: string | null, stores: LineageStores): Promise<HomeGraph> {
  const graph = new OriginGraph();
  const manifests = (await stores.datasets.list()).datasets;
  for (const manifest of manifests) addDataset(graph, manifest);
  for (const record of await stores.feedback.listExports()) addFeedbackExport(graph, record);
  const dataOf = new Map<string, readonly string[]>();
  for (const summary of await stores.sweeps.list()) {
    addSweep(graph, summary);
    dataOf.set(summary.sweep.id, summary.sweep.parents);
  }
  const { runs } = await stores.runs.list();
  for (const run of runs) addRun(graph, run, dataOf);
  addPaths(graph, manifests, runs);
  const { models } = await stores.registry.list();
  for (const model of models) addModel(graph, model);
  connectPretrained(graph, models);
  await addStages(graph, models, stores);
  if (live?.includes('@') === true) {
    graph.add({
      id: 'live',
      kind: 'deployment',
      label: 'this server',
      createdAt: null,
      facts: { live: true },
    });
    graph.connect(live, 'live');
  }
  return { graph, manifests, models, runs };
}

function addDataset(
  graph: OriginGraph,
  { id, name, createdAt, synthetic, files, rows, splits, parents }: DatasetManifest,
): void {
  const { train, validation, test } = splits;
  graph.add({
    ...{ id, kind: 'dataset', label: name, createdAt },
    facts: {
      rows: rows.kept,
      ...{ train: train.rows, validation: validation.rows, test: test.rows },
      synthetic,
    },
  });
  for (const parent of parents) graph.connect(parent, id);
  for (const { md5, name: file, sizeBytes, edition, path, sha256 } of files) {
    const node = `md5:${md5}`;
    graph.add({
      ...{ id: node, kind: 'file', label: file, createdAt: null },
      facts: {
        ...graph.node(node)?.facts,
        ...{ sizeBytes, md5 },
        ...(sha256 === undefined ? {} : { sha256 }),
        ...(path === undefined ? {} : { path }),
        ...(edition === null ? {} : { edition }),
      },
    });
    graph.connect(node, id);
  }
}

/** A file of feedback comes from the versions whose predictions got the feedback. */
function addFeedbackExport(graph: OriginGraph, record: FeedbackExport): void {
  const { md5, createdAt, rows, path, parents, sizeBytes } = record;
  const id = `feedback:${md5.slice(0, 12)}`;
  graph.add({ id, kind: 'feedback', label: 'feedback export', createdAt, facts: { rows, path } });
  for (const parent of parents) graph.connect(parent, id);
  const file = `md5:${md5}`;
  if (!graph.has(file))
    graph.add({
      ...{ id: file, kind: 'file', label: basename(path), createdAt: null },
      facts: { sizeBytes, md5, path },
    });
  graph.connect(id, file);
}

function addSweep(graph: OriginGraph, { sweep, status, counts }: SweepSummary): void {
  const { id, createdAt, definition, parents } = sweep;
  const trials = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const facts = { status, method: definition.method, metric: definition.metric.name, trials };
  graph.add({ id, kind: 'sweep', label: definition.name, createdAt, facts });
  for (const parent of parents) graph.connect(parent, id);
}

/** @param dataOf  by sweep, what it comes from: a trial comes from that through its sweep */
function addRun(
  graph: OriginGraph,
  { id, createdAt, status, model, steps, test, parents }: RunSummary,
  dataOf: ReadonlyMap<string, readonly string[]>,
): void {
  const facts = { status, model, steps, ...(test === null ? {} : { accuracy: test.accuracy }) };
  graph.add({ id, kind: 'run', label: model, createdAt, facts });
  const throughSweep = new Set(parents.flatMap((parent) => dataOf.get(parent) ?? []));
  for (const parent of parents) if (!throughSweep.has(parent)) graph.connect(parent, id);
}

/** Where a run read files that a manifest gives no path of, because they lay outside of the working directory. */
function addPaths(
  graph: OriginGraph,
  manifests: readonly DatasetManifest[],
  runs: readonly RunSummary[],
): void {
  const filesOf = new Map(manifests.map(({ id, files }) => [id, files]));
  for (const { datasetVersion, config } of runs) {
    const { path } = (config.data ?? {}) as { readonly path?: unknown };
    if (typeof path !== 'string' || path.startsWith('package:')) continue;
    for (const { md5, name } of filesOf.get(datasetVersion) ?? []) {
      const id = `md5:${md5}`;
      if (graph.node(id)?.facts.path === undefined)
        graph.addFacts(id, { path: basename(path) === name ? path : join(path, name) });
    }
  }
}

function addModel(graph: OriginGraph, { reference, record, info, evaluations }: RegisteredModel): void {
  const own = evaluations.find(({ outOfSource }) => !outOfSource);
  const facts = {
    dataset: info.datasetName,
    digest: record.digest,
    ...(info.precision === undefined ? {} : { precision: info.precision }),
    ...(info.prunedHeads === undefined ? {} : { prunedHeads: info.prunedHeads.flat().length }),
    ...(own === undefined ? {} : { accuracy: own.metrics.accuracy }),
  };
  graph.add({ id: reference, kind: 'model', label: reference, createdAt: record.createdAt, facts });
  const [original = ''] = info.parents;
  // A compressed version comes from its original, which comes from the run; the run has the dataset version as its own parent.
  if (kindOfId(original) === 'model') graph.connect(original, reference);
  else {
    const runs = record.parents.filter((parent) => kindOfId(parent) === 'run');
    for (const parent of runs.length > 0 ? runs : record.parents) graph.connect(parent, reference);
    // Of a run that was deleted, the version knows what it came from.
    for (const run of runs.filter((id) => !graph.has(id)))
      for (const parent of record.parents) if (parent !== run) graph.connect(parent, run);
  }
  for (const report of evaluations)
    if (!report.testSet.startsWith(`${info.datasetVersion}/`)) addEvaluation(graph, reference, report);
}

/** An evaluation on other data than the model's own: it was measured on them, and learned nothing. */
export function addEvaluation(graph: OriginGraph, reference: string, report: EvaluationReport): string {
  const { testSet, collection, createdAt, n, metrics, parents } = report;
  const id = `${reference}/${testSet}`;
  const facts = { articles: n, accuracy: metrics.accuracy, testSet };
  graph.add({ id, kind: 'evaluation', label: collection, createdAt, facts });
  for (const parent of new Set([reference, ...parents])) {
    // A collection is read where it lies, and is no file of a dataset version.
    if (parent.startsWith('md5:') && !graph.has(parent))
      graph.add({
        id: parent,
        kind: 'file',
        label: collection,
        createdAt: null,
        facts: { md5: parent.slice(4) },
      });
    graph.connect(parent, id);
  }
  return id;
}

/** Weights that another version was fine-tuned from may be those of a version here. */
function connectPretrained(graph: OriginGraph, models: readonly RegisteredModel[]): void {
  for (const { reference, record } of models) {
    for (const { path, sha256 } of record.files)
      if (path.endsWith('.safetensors') && graph.knows(`sha256:${sha256}`))
        graph.connect(reference, `sha256:${sha256}`);
  }
}

async function addStages(
  graph: OriginGraph,
  models: readonly RegisteredModel[],
  { registry }: LineageStores,
): Promise<void> {
  for (const { name, reference, stages } of models) {
    if (stages.length === 0) continue;
    const history = await registry.history(name);
    for (const stage of stages) {
      const createdAt = history.findLast((event) => event.stage === stage)?.createdAt ?? null;
      const id = `${name}@${stage}`;
      graph.add({ id, kind: 'deployment', label: stage, createdAt, facts: { stage, name } });
      graph.connect(reference, id);
    }
  }
}
