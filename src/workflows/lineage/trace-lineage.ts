// Traces a record of any kind: everything that it comes from, down to raw files and commits, and everything that was made of it.
import { appError, isAppError } from '../../foundation/core/index.ts';
import { predictionIdPattern, type ReceiptRecord, type Run } from '../../foundation/records/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { findFileStart, noteFileStates } from './file-start.ts';
import { addEvaluation, buildHomeGraph, type HomeGraph, type LineageStores } from './home-graph.ts';
import type { Lineage, OriginGraph } from './origin-graph.ts';
import { notePointers } from './pointer-notes.ts';

export interface TraceOptions {
  /** NAME@VERSION that this server runs; null: it serves no model. */
  readonly live?: string | null;
  /** Whether `id` may be the path of a file. Never for a request over HTTP, which must not read files of the server. */
  readonly readsFiles?: boolean;
}

/**
 * Everything that `id` comes from, and everything that was made of it.
 * @param id  any id of a record, the md5 or sha256 of a raw file; with `readsFiles` also a raw file, a pointer or a saved report
 * @throws LINEAGE_UNKNOWN
 */
export async function traceLineage(
  id: string,
  { live = null, readsFiles = false }: TraceOptions,
  context: WorkflowContext,
): Promise<Lineage> {
  const { stores } = context;
  const home = await buildHomeGraph(live, stores);
  const start =
    (await findStart(id, home, stores)) ?? (readsFiles ? await findFileStart(id, home.graph, context) : null);
  if (start === null) throw appError('LINEAGE_UNKNOWN', { id });
  const { graph } = home;
  await addCommits(graph, start, stores);
  notePointers(graph, context);
  if (readsFiles) await noteFileStates(graph, graph.before(start), context);
  return { id: start, ...graph.cut(new Set([...graph.before(start), ...graph.behind(start)])) };
}

/** The node of an id as a person types it; null: nothing has it, and no record names it. */
export async function findStart(id: string, home: HomeGraph, stores: LineageStores): Promise<string | null> {
  const { graph } = home;
  const known = [id, `md5:${id}`, `sha256:${id}`].find((one) => graph.knows(one));
  if (known !== undefined) return known;
  const sha256 = id.replace(/^sha256:/, '');
  const file = graph.list('file').find((one) => graph.node(one)?.facts.sha256 === sha256);
  if (file !== undefined) return file;
  if (predictionIdPattern.test(id)) {
    const receipt = await stores.predictions.find(id);
    if (receipt !== undefined) return addPrediction(graph, receipt);
  }
  return findEvaluation(id, home) ?? findModel(id, stores);
}

/** NAME@VERSION/TESTSET: an evaluation that was kept with a version. */
function findEvaluation(id: string, { graph, models }: HomeGraph): string | null {
  for (const { reference, evaluations } of models)
    for (const report of evaluations)
      if (id === `${reference}/${report.testSet}`) return addEvaluation(graph, reference, report);
  return null;
}

/** NAME and NAME@latest as other commands read them. */
async function findModel(id: string, { registry }: LineageStores): Promise<string | null> {
  try {
    return (await registry.resolve(id)).reference;
  } catch (error) {
    if (isAppError(error)) return null;
    throw error;
  }
}

/** The version may be deleted: the receipt says what it came from. */
export function addPrediction(graph: OriginGraph, receipt: ReceiptRecord): string {
  const { id, createdAt, modelVersion, runId, datasetVersion, label, probability, contentSha256, route } =
    receipt;
  const facts = { label, probability, abstained: receipt.abstained, route, contentSha256 };
  graph.add({ id, kind: 'prediction', label, createdAt, facts });
  graph.connect(modelVersion, id);
  if (!graph.has(modelVersion) && modelVersion !== runId) graph.connect(runId, modelVersion);
  if (!graph.has(runId)) graph.connect(datasetVersion, runId);
  return id;
}

/** The code of each run that `start` comes from: the commit, and the changes that were not committed. */
async function addCommits(graph: OriginGraph, start: string, { runs }: LineageStores): Promise<void> {
  const ids = [...graph.before(start)].filter((id) => graph.node(id)?.kind === 'run');
  for (const id of ids) {
    try {
      addCommit(graph, await runs.load(id));
    } catch (error) {
      if (!isAppError(error)) throw error; // the run cannot be read, or was deleted meanwhile
      graph.addFacts(id, { unreadable: error.code });
    }
  }
}

function addCommit(graph: OriginGraph, { id, commit, code, versions, reproduces }: Run): void {
  graph.addFacts(id, {
    program: versions.veracity,
    ...(code?.programSha256 == null ? {} : { programSha256: code.programSha256 }),
    ...(reproduces === undefined ? {} : { reproduces }),
  });
  if (commit === null) return;
  const changes = code?.changes ?? null;
  const isDirty = changes !== null && changes.sizeBytes !== 0;
  const digest = isDirty ? (changes.sha256 ?? 'unknown') : null;
  const node = `commit:${commit}${digest === null ? '' : `+${digest.slice(0, 12)}`}`;
  graph.add({
    ...{ id: node, kind: 'commit', label: commit.slice(0, 12), createdAt: null },
    facts: {
      commit,
      ...(changes === null ? { uncommitted: 'not recorded' } : { uncommitted: isDirty }),
      ...(digest === null ? {} : { changesSha256: digest, changesBytes: changes?.sizeBytes ?? null }),
      ...(changes === null ? {} : { untrackedFiles: changes.untracked.length }),
    },
  });
  graph.connect(node, id);
}
