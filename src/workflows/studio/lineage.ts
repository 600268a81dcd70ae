// The lineage of a home as a graph: raw files, dataset versions, runs, model versions, deployments. A node that only another
// record names is marked as missing.
import { appError } from '../../foundation/core/index.ts';
import type { RegisteredModel } from '../../keeping/registry/index.ts';
import type { RunSummary } from '../../keeping/runs/index.ts';
import type { SweepSummary } from '../../keeping/sweeps/index.ts';
import type { ServedLineage } from '../../serving/studio/index.ts';
import type { Stores } from '../context/index.ts';

type Node = ServedLineage['nodes'][number];
type LineageStores = Pick<Stores, 'datasets' | 'runs' | 'sweeps' | 'registry'>;

/**
 * Everything that `id` comes from, and everything that was made of it.
 * @param live  NAME@VERSION that this server runs; null: it serves no model
 * @throws LINEAGE_UNKNOWN
 */
export async function traceLineage(
  id: string,
  live: string | null,
  stores: LineageStores,
): Promise<ServedLineage> {
  const graph = await buildGraph(live, stores);
  const start = graph.find(id);
  if (start === null) throw appError('LINEAGE_UNKNOWN', { id });
  return { id: start, ...graph.cut(start) };
}

async function buildGraph(live: string | null, stores: LineageStores): Promise<Graph> {
  const graph = new Graph();
  await addDatasets(graph, stores);
  const dataOf = new Map<string, readonly string[]>();
  for (const summary of await stores.sweeps.list()) {
    addSweep(graph, summary);
    dataOf.set(summary.sweep.id, summary.sweep.parents);
  }
  for (const run of (await stores.runs.list()).runs) addRun(graph, run, dataOf);
  const { models } = await stores.registry.list();
  for (const model of models) addModel(graph, model);
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
  return graph;
}

async function addDatasets(graph: Graph, { datasets }: LineageStores): Promise<void> {
  for (const { id, name, createdAt, synthetic, files, rows, parents } of (await datasets.list()).datasets) {
    graph.add({ id, kind: 'dataset', label: name, createdAt, facts: { rows: rows.kept, synthetic } });
    for (const parent of parents) graph.connect(parent, id);
    for (const { md5, name: file, sizeBytes, edition } of files) {
      const facts = { sizeBytes, ...(edition === null ? {} : { edition }) };
      graph.add({ id: `md5:${md5}`, kind: 'file', label: file, createdAt: null, facts });
      graph.connect(`md5:${md5}`, id);
    }
  }
}

function addSweep(graph: Graph, { sweep, status, counts }: SweepSummary): void {
  const { id, createdAt, definition, parents } = sweep;
  const trials = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const facts = { status, method: definition.method, metric: definition.metric.name, trials };
  graph.add({ id, kind: 'sweep', label: definition.name, createdAt, facts });
  for (const parent of parents) graph.connect(parent, id);
}

/** @param dataOf  by sweep, what it comes from: a trial comes from that through its sweep */
function addRun(
  graph: Graph,
  { id, createdAt, status, model, steps, test, parents }: RunSummary,
  dataOf: ReadonlyMap<string, readonly string[]>,
): void {
  const facts = { status, model, steps, ...(test === null ? {} : { accuracy: test.accuracy }) };
  graph.add({ id, kind: 'run', label: model, createdAt, facts });
  const throughSweep = new Set(parents.flatMap((parent) => dataOf.get(parent) ?? []));
  for (const parent of parents) if (!throughSweep.has(parent)) graph.connect(parent, id);
}

function addModel(graph: Graph, { reference, record, info, evaluations }: RegisteredModel): void {
  const own = evaluations.find(({ outOfSource }) => !outOfSource);
  const facts = {
    dataset: info.datasetName,
    ...(own === undefined ? {} : { accuracy: own.metrics.accuracy }),
  };
  graph.add({ id: reference, kind: 'model', label: reference, createdAt: record.createdAt, facts });
  // the run has the dataset version as its own parent
  const runs = record.parents.filter((parent) => kindOf(parent) === 'run');
  for (const parent of runs.length > 0 ? runs : record.parents) graph.connect(parent, reference);
}

async function addStages(
  graph: Graph,
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

/** What an id names, by its form. */
function kindOf(id: string): Node['kind'] {
  if (id.startsWith('md5:')) return 'file';
  if (id.startsWith('ds-')) return 'dataset';
  if (id.startsWith('run-')) return 'run';
  if (id.startsWith('sweep-')) return 'sweep';
  return /^[a-z0-9][a-z0-9-]*@\d+$/.test(id) ? 'model' : 'pretrained';
}

class Graph {
  readonly #nodes = new Map<string, Node>();
  readonly #parents = new Map<string, Set<string>>();
  readonly #children = new Map<string, Set<string>>();

  add(node: Omit<Node, 'missing'>): void {
    this.#nodes.set(node.id, { ...node, missing: false });
  }

  connect(from: string, to: string): void {
    link(this.#parents, to, from);
    link(this.#children, from, to);
  }

  /** The node of an id as a person types it; null: nothing has it, and no record names it. */
  find(id: string): string | null {
    const candidates = [id, `md5:${id}`];
    return candidates.find((one) => this.#nodes.has(one) || this.#children.has(one)) ?? null;
  }

  /** A node with all before it and all behind it. */
  cut(start: string): Pick<ServedLineage, 'nodes' | 'edges'> {
    const kept = new Set([...reach(start, this.#parents), ...reach(start, this.#children)]);
    const edges = [...kept].flatMap((from) =>
      [...(this.#children.get(from) ?? [])].filter((to) => kept.has(to)).map((to) => ({ from, to })),
    );
    return { nodes: [...kept].map((id) => this.#nodes.get(id) ?? describeMissing(id)), edges };
  }
}

/** Pretrained weights lie in no store: they are not missing. */
function describeMissing(id: string): Node {
  const kind = kindOf(id);
  return {
    id,
    kind,
    label: id,
    createdAt: null,
    facts: {},
    missing: kind !== 'pretrained',
  };
}

function link(links: Map<string, Set<string>>, from: string, to: string): void {
  const known = links.get(from);
  if (known === undefined) links.set(from, new Set([to]));
  else known.add(to);
}

function reach(start: string, links: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const found = new Set([start]);
  for (const id of found) for (const next of links.get(id) ?? []) found.add(next);
  return found;
}
