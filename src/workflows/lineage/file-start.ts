// Finds what a path stands for: a raw file by its content, a `.dvc` pointer, or a saved report that names its parents.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { appError, hashFile, hashMd5, resolveUserPath } from '../../foundation/core/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import type { OriginGraph } from './origin-graph.ts';

/** A saved report is smaller. */
const MAX_REPORT_BYTES = 64 * 1024 * 1024;
const REPORT_NAME = /\.(json|html?)$/i;

type FilePlace = Pick<WorkflowContext, 'workingDirectory'>;

/** The node of the file at a path; null: there is no such file. @throws LINEAGE_FILE_UNKNOWN */
export async function findFileStart(
  path: string,
  graph: OriginGraph,
  place: FilePlace,
): Promise<string | null> {
  const absolute = resolveUserPath(place.workingDirectory, path);
  if (isFile(absolute)) {
    const report = readReport(absolute);
    if (report !== null) return addReport(graph, path, absolute, report);
    const id = `md5:${await hashFile(absolute, 'md5')}`;
    if (graph.knows(id)) return id;
    throw unknownFile(path, id, graph);
  }
  return findByPath(path, graph);
}

/** The file that lay at this path when a dataset version was prepared. */
function findByPath(path: string, graph: OriginGraph): string | null {
  const files = graph.list('file').map((id) => ({ id, node: graph.node(id) }));
  const found = files.find(({ node }) => node?.facts.path === path || node?.label === path);
  return found?.id ?? null;
}

/** The error for a file that no record names, which may have had other content when it was read. */
function unknownFile(path: string, id: string, graph: OriginGraph): Error {
  const name = basename(path);
  const sameName = graph.list('file').filter((one) => graph.node(one)?.label === name);
  return appError('LINEAGE_FILE_UNKNOWN', {
    path,
    md5: id.slice('md5:'.length),
    advice:
      sameName.length === 0
        ? 'The dataset versions of this home were made from other files: veracity data list'
        : `It was read with other content: veracity lineage ${sameName[0]}`,
  });
}

interface SavedReport {
  readonly parents: readonly string[];
  readonly createdAt: string | null;
  readonly label: string;
}

/** What a saved report says about itself: an evaluation, the output of `evaluate --json`, a page, or any record with parents. */
function readReport(path: string): SavedReport | null {
  if (!REPORT_NAME.test(path) || statSync(path).size > MAX_REPORT_BYTES) return null;
  const text = readFileSync(path, 'utf8');
  if (/\.html?$/i.test(path)) return readPage(text);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null; // JSON Lines
  }
  return readParents(json);
}

function readPage(html: string): SavedReport | null {
  const content = /<meta name="veracity-parents" content="([^"]*)">/.exec(html)?.[1];
  if (content === undefined) return null;
  return { parents: content.split(' ').filter((id) => id !== ''), createdAt: null, label: 'report' };
}

function readParents(json: unknown): SavedReport | null {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return null;
  const { parents, createdAt, collection, reports, model } = json as Readonly<Record<string, unknown>>;
  const inside = Array.isArray(reports)
    ? reports.flatMap((one: unknown) => readParents(one)?.parents ?? [])
    : [];
  const own = Array.isArray(parents) ? parents.filter((id) => typeof id === 'string') : [];
  const all = [...own, ...(inside.length > 0 && typeof model === 'string' ? [model] : []), ...inside];
  if (all.length === 0) return null;
  return {
    parents: [...new Set(all)],
    createdAt: typeof createdAt === 'string' ? createdAt : null,
    label: typeof collection === 'string' ? collection : 'report',
  };
}

function addReport(graph: OriginGraph, shown: string, path: string, report: SavedReport): string {
  const { parents, createdAt, label } = report;
  const md5 = hashMd5(readFileSync(path));
  graph.add({ id: shown, kind: 'evaluation', label, createdAt, facts: { path: shown, md5 } });
  // What is behind a parent need not be named again.
  const nearest = parents.filter(
    (id) => !parents.some((other) => other !== id && graph.before(other).has(id)),
  );
  for (const parent of nearest) graph.connect(parent, shown);
  return shown;
}

/** Notes for each raw file whether it still lies where it was read, unchanged. */
export async function noteFileStates(
  graph: OriginGraph,
  ids: Iterable<string>,
  { workingDirectory }: FilePlace,
): Promise<void> {
  for (const id of ids) {
    const node = graph.node(id);
    const path = node?.facts.path;
    if (node?.kind !== 'file' || typeof path !== 'string') continue;
    graph.addFacts(id, { now: await compareFile(resolveUserPath(workingDirectory, path), node.facts) });
  }
}

async function compareFile(
  path: string,
  facts: Readonly<Record<string, unknown>>,
): Promise<'unchanged' | 'changed' | 'gone'> {
  if (!isFile(path)) return 'gone';
  if (statSync(path).size !== facts.sizeBytes) return 'changed';
  return (await hashFile(path, 'md5')) === facts.md5 ? 'unchanged' : 'changed';
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
