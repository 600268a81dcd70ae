// Searches the dataset versions of a home for rows: by id, by source, or by articles; and for copies and near duplicates of
// these rows in all versions.
import type { ArticleText, DatasetManifest, SplitName } from '../../foundation/records/index.ts';
import { ContentSet, type Likeness, nameSplit, openRowIndex, RowSearch } from '../../learning/data/index.ts';
import type { WorkflowContext } from '../context/index.ts';

export interface RowQuery {
  readonly id?: string;
  readonly source?: string;
  readonly articles?: readonly ArticleText[];
  /** The versions in which `id` is looked up; absent: all. */
  readonly versions?: ReadonlySet<string>;
}

export interface HeldRows {
  readonly manifest: DatasetManifest;
  readonly rows: Readonly<Record<SplitName, { readonly same: number; readonly near: number }>>;
  /** The first of them. */
  readonly found: readonly {
    readonly id: string;
    readonly split: SplitName;
    readonly source: string | null;
    readonly likeness: Likeness;
  }[];
}

/** Rows that are listed by their ids. */
const MAX_LISTED = 1000;
/** Rows with an id whose texts are compared with those of other versions. */
const MAX_COMPARED = 20;

/** The versions that hold such rows, newest first. @throws what reading a split throws */
export async function findRows(
  { id, source, articles = [], versions }: RowQuery,
  manifests: readonly DatasetManifest[],
  context: WorkflowContext,
): Promise<HeldRows[]> {
  const { blobs } = context.stores;
  const searches: RowSearch[] = [];
  for (const manifest of manifests)
    searches.push(new RowSearch(manifest, await openRowIndex(manifest, context), blobs));
  const contents = new ContentSet();
  const compared = [...articles];
  for (const search of searches) {
    for (const article of articles) search.addContent(article, contents);
    if (source !== undefined) search.collectContents(search.findSource(source), contents);
    if (id === undefined || versions?.has(search.manifest.id) === false) continue;
    const rows = search.findId(id);
    search.collectContents(rows, contents);
    const isNew = compared.length < MAX_COMPARED;
    if (isNew) for await (const { title, text } of search.read(rows)) compared.push({ title, text });
  }
  const held: HeldRows[] = [];
  for (const search of searches) {
    context.signal.throwIfAborted();
    const found = await search.find(contents, dropRepeats(compared));
    if (found.length > 0) held.push(await describeRows(search, found));
  }
  return held;
}

async function describeRows(
  search: RowSearch,
  found: Awaited<ReturnType<RowSearch['find']>>,
): Promise<HeldRows> {
  const rows = {
    train: { same: 0, near: 0 },
    validation: { same: 0, near: 0 },
    test: { same: 0, near: 0 },
  };
  for (const { split, likeness } of found) rows[nameSplit(split)][likeness]++;
  const listed: HeldRows['found'][number][] = [];
  const first = found.slice(0, MAX_LISTED);
  for await (const { id, source } of search.read(first)) {
    const { split, likeness } = first[listed.length]!;
    listed.push({ id, split: nameSplit(split), source, likeness });
  }
  return { manifest: search.manifest, rows, found: listed };
}

/** One text may stand in many versions. */
function dropRepeats(articles: readonly ArticleText[]): ArticleText[] {
  const seen = new Map(articles.map((article) => [`${article.title}\0${article.text}`, article]));
  return [...seen.values()];
}
