// What was made of a record, a raw file, a row or a source: the dataset versions that hold it, the runs and model versions that
// learned from it or were only measured on it, and what a search of the prediction log has to look for.
import { relative } from 'node:path';
import { appError, hashFile, resolveUserPath } from '../../foundation/core/index.ts';
import {
  type ArticleText,
  type DatasetManifest,
  hashContent,
  type SplitName,
} from '../../foundation/records/index.ts';
import type { ReceiptFilter } from '../../keeping/journal/index.ts';
import { readSourceRow } from '../../learning/data/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { EffectFinder, type RecordEffect } from './effect-finder.ts';
import { findFileStart } from './file-start.ts';
import { findRows, type HeldRows } from './held-rows.ts';
import { buildHomeGraph, type HomeGraph } from './home-graph.ts';
import type { TracedRecord } from './origin-graph.ts';
import { findSourceGaps, type SourceGaps } from './source-gaps.ts';
import { findStart } from './trace-lineage.ts';

export type ImpactTarget =
  /** Any id of a record, a hash of a raw file, or a path. */
  | { readonly kind: 'record'; readonly id: string }
  /** A row by its id; of versions made from this file only, where one is given. */
  | { readonly kind: 'row'; readonly id: string; readonly file: string | null }
  /** The row that begins on this line of a file, or of a file in a zip archive. */
  | {
      readonly kind: 'line';
      readonly file: string;
      readonly member: string | null;
      readonly line: number;
    }
  | { readonly kind: 'article'; readonly article: ArticleText }
  | { readonly kind: 'source'; readonly source: string };

/** A dataset version that holds what was asked for. */
export interface AffectedDataset {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  /** Rows by split; null: the whole version was made from it. */
  readonly rows: Readonly<Record<SplitName, { readonly same: number; readonly near: number }>> | null;
  /** The first of these rows. */
  readonly found: HeldRows['found'];
}

export interface AffectedRecord extends RecordEffect {
  readonly id: string;
  readonly kind: 'run' | 'model';
  readonly createdAt: string | null;
  /** Of a run: its model and status. Of a version: the stages it is in. */
  readonly about: readonly string[];
}

export interface Impact {
  /** What was asked for, in words without any text of an article. */
  readonly target: string;
  /** Whether it is data that a model can learn from, or a record from which others were made. */
  readonly isData: boolean;
  readonly datasets: readonly AffectedDataset[];
  /** Runs, then model versions, each oldest first. */
  readonly records: readonly AffectedRecord[];
  /** Evaluations that measured a model on it, beside those of the records' own test splits. */
  readonly evaluations: readonly TracedRecord[];
  /** The predictions of versions that learned from it, and those of the very article. */
  readonly filter: ReceiptFilter;
  /** What the search for a source cannot see; absent: no source was asked for. */
  readonly sourceGaps?: SourceGaps;
}

/** @throws LINEAGE_UNKNOWN, LINEAGE_FILE_UNKNOWN, LINEAGE_ROW_MISSING, and what reading splits throws */
export async function traceImpact(target: ImpactTarget, context: WorkflowContext): Promise<Impact> {
  const home = await buildHomeGraph(null, context.stores);
  if (target.kind === 'record') return traceRecord(target.id, home, context);
  const article = await readArticle(target, home, context);
  const held = await findRows(await buildRowQuery(target, article, home, context), home.manifests, context);
  const datasets = held.map(({ manifest, rows, found }) => describeDataset(manifest, rows, found));
  const effects = new EffectFinder(home, new Map(held.map(({ manifest, rows }) => [manifest.id, rows])));
  const contents = article === null ? [] : [hashContent(article)];
  const what = { target: describeTarget(target, context), isData: true };
  const impact = buildImpact(what, datasets, effects, home, { contents });
  if (target.kind !== 'source') return impact;
  return { ...impact, sourceGaps: await findSourceGaps(target.source, home.manifests, context) };
}

async function traceRecord(id: string, home: HomeGraph, context: WorkflowContext): Promise<Impact> {
  const { graph, manifests } = home;
  const start = (await findStart(id, home, context.stores)) ?? (await findFileStart(id, graph, context));
  if (start === null) throw appError('LINEAGE_UNKNOWN', { id });
  const node = graph.node(start);
  const behind = graph.behind(start);
  // A file of feedback leads on to a dataset version, but that version learned from people, not from the predictions.
  const ids = node?.kind === 'file' ? graph.childrenOf(start) : [start];
  const datasets = manifests
    .filter((manifest) => ids.includes(manifest.id))
    .map((manifest) => describeDataset(manifest, null, []));
  const whole = new Map(datasets.map((dataset) => [dataset.id, null]));
  const effects = new EffectFinder(home, whole, node?.kind === 'file' ? null : start);
  const measured = [...behind].filter((one) => graph.node(one)?.kind === 'evaluation');
  const name = node?.kind === 'file' ? `${node.label} (${start})` : start;
  const isData = node?.kind === 'file' || node?.kind === 'dataset';
  return buildImpact({ target: name, isData }, datasets, effects, home, { measured });
}

function describeDataset(
  { id, name, createdAt }: DatasetManifest,
  rows: AffectedDataset['rows'],
  found: HeldRows['found'],
): AffectedDataset {
  return { id, name, createdAt, rows, found };
}

function buildImpact(
  what: Pick<Impact, 'target' | 'isData'>,
  datasets: readonly AffectedDataset[],
  effects: EffectFinder,
  { graph, runs, models }: HomeGraph,
  { contents = [], measured = [] }: { contents?: readonly string[]; measured?: readonly string[] },
): Impact {
  const records: AffectedRecord[] = [];
  for (const run of [...runs].reverse()) {
    const effect = effects.of(run.id);
    if (effect === null) continue;
    const about = [run.model, run.status];
    records.push({ id: run.id, kind: 'run', createdAt: run.createdAt, about, ...effect });
  }
  for (const { reference, record, stages } of models) {
    const effect = effects.of(reference);
    if (effect === null) continue;
    records.push({ id: reference, kind: 'model', createdAt: record.createdAt, about: stages, ...effect });
  }
  const evaluations = [...new Set([...measured, ...effects.listEvaluations()])];
  const learned = records.filter(({ effect }) => effect !== 'measured');
  const idsOf = (kind: AffectedRecord['kind']): Set<string> =>
    new Set(learned.filter((one) => one.kind === kind).map(({ id }) => id));
  return {
    ...{ ...what, datasets, records },
    evaluations: evaluations.flatMap((id) => graph.node(id) ?? []),
    filter: {
      models: new Set([...idsOf('model'), ...effects.startIfModel()]),
      runs: new Set([...idsOf('run'), ...effects.startIfRun()]),
      // Versions and runs that were deleted still stand in receipts.
      datasets: new Set(datasets.flatMap(({ id }) => (effects.ofDataset(id) === 'learned' ? [id] : []))),
      contents: new Set(contents),
    },
  };
}

/** The article that was given, or that a line holds; null: the rows are found without one. */
async function readArticle(
  target: Exclude<ImpactTarget, { kind: 'record' }>,
  { manifests }: HomeGraph,
  { workingDirectory }: WorkflowContext,
): Promise<ArticleText | null> {
  if (target.kind === 'article') return target.article;
  if (target.kind !== 'line') return null;
  const path = resolveUserPath(workingDirectory, target.file);
  const md5 = await hashFileOrFail(path, target.file);
  const known = manifests.find(({ files }) => files.some((file) => file.md5 === md5));
  return readSourceRow({ path, member: target.member, line: target.line }, known ?? null);
}

async function hashFileOrFail(path: string, shown: string): Promise<string> {
  try {
    return await hashFile(path, 'md5');
  } catch (error) {
    throw appError('FILE_NOT_FOUND', { path: shown, kind: 'file' }, { cause: error });
  }
}

async function buildRowQuery(
  target: Exclude<ImpactTarget, { kind: 'record' }>,
  article: ArticleText | null,
  { graph }: HomeGraph,
  context: WorkflowContext,
): Promise<Parameters<typeof findRows>[0]> {
  if (article !== null) return { articles: [article] };
  if (target.kind === 'source') return { source: target.source };
  if (target.kind !== 'row') return { articles: [] };
  if (target.file === null) return { id: target.id };
  const file = graph.knows(target.file) ? target.file : await findFileStart(target.file, graph, context);
  if (file === null) throw appError('LINEAGE_UNKNOWN', { id: target.file });
  return { id: target.id, versions: new Set(graph.childrenOf(file)) };
}

function describeTarget(
  target: Exclude<ImpactTarget, { kind: 'record' }>,
  { workingDirectory }: WorkflowContext,
): string {
  switch (target.kind) {
    case 'row':
      return `row ${target.id}${target.file === null ? '' : ` of ${target.file}`}`;
    case 'line': {
      const path = resolveUserPath(workingDirectory, target.file);
      const below = relative(workingDirectory, path);
      const file = below.startsWith('..') ? path : below;
      return `the row on line ${target.line} of ${file}${target.member === null ? '' : `/${target.member}`}`;
    }
    case 'article':
      return 'the given article';
    case 'source':
      return `source ${target.source}`;
  }
}
