// The difference between two tables of articles: rows added, removed, relabelled, with another title or text; the classes before
// and after, in total and for each source. It names rows by id or place; titles only where a person asks for them.
import type { ArticleTable } from './article-table.ts';
import { eachRow, type MatchReason, matchRows, type RowMatches } from './match-rows.ts';

export interface DifferenceOptions {
  /** Whether the listed rows have their title, at most 12 words of it. */
  readonly titles: boolean;
  /** How many rows of each kind are listed. */
  readonly listed: number;
}

/** A row that is listed; it never has more of the article than the beginning of its title. */
export interface DifferentRow {
  /** Its id, or where it stands. */
  readonly row: string;
  readonly source: string | null;
  /** null: the row is not in this table, or has no label. */
  readonly labelBefore: string | null;
  readonly labelAfter: string | null;
  readonly title?: string;
}

export interface ClassBalance {
  /** null: rows without a label. */
  readonly className: string | null;
  readonly before: number;
  readonly after: number;
}

export interface SourceDifference {
  /** null: rows without a source. */
  readonly source: string | null;
  readonly before: number;
  readonly after: number;
  readonly added: number;
  readonly removed: number;
  readonly relabelled: number;
  readonly textChanged: number;
  readonly classes: readonly ClassBalance[];
}

export const changeKinds = ['added', 'removed', 'relabelled', 'textChanged'] as const;
export type ChangeKind = (typeof changeKinds)[number];

export interface DataDifference {
  readonly before: TableSummary;
  readonly after: TableSummary;
  readonly added: number;
  readonly removed: number;
  /** Rows with a counterpart that has another label. */
  readonly relabelled: number;
  /** Rows with a counterpart that has another title or text; a row can be relabelled, too. */
  readonly textChanged: number;
  readonly sourceChanged: number;
  readonly unchanged: number;
  /** How counterparts were found. */
  readonly matchedBy: Readonly<Record<MatchReason, number>>;
  readonly idsIgnored: boolean;
  readonly relabels: readonly {
    readonly from: string | null;
    readonly to: string | null;
    readonly rows: number;
  }[];
  readonly classes: readonly ClassBalance[];
  /** Those with the most changes first. */
  readonly sources: readonly SourceDifference[];
  readonly rows: Readonly<Record<ChangeKind, readonly DifferentRow[]>>;
}

export interface TableSummary {
  readonly name: string;
  readonly version: string | null;
  readonly rows: number;
  readonly unusable: number;
}

const TITLE_WORDS = 12;

/** @throws DATA_FILE_INVALID, ARTICLE_COLUMNS_MISSING, and what reading the tables throws */
export async function compareTables(
  before: ArticleTable,
  after: ArticleTable,
  options: DifferenceOptions,
): Promise<DataDifference> {
  const matches = await matchRows(before, after);
  const unusable = [before.unusable(), after.unusable()] as const;
  const changes = findChanges(matches);
  const { counts, listed } = countChanges(matches, changes, options.listed);
  return {
    before: {
      name: before.name,
      version: before.version,
      rows: matches.before.id.length,
      unusable: unusable[0],
    },
    after: { name: after.name, version: after.version, rows: matches.after.id.length, unusable: unusable[1] },
    ...counts,
    matchedBy: matches.reasons,
    idsIgnored: matches.idsIgnored,
    relabels: countRelabels(matches, changes),
    classes: balanceClasses(matches, () => true),
    sources: compareSources(matches, changes),
    rows: await describeRows(before, after, matches, listed, options.titles),
  };
}

/** A row of `before`, of `after` or of both, and what became of it; -1: it is not in that table. */
interface Change {
  readonly a: number;
  readonly b: number;
  readonly kinds: readonly ChangeKind[];
  readonly isSourceChanged: boolean;
}

function findChanges({ before, after, counterpart }: RowMatches): Change[] {
  const changes: Change[] = [];
  const found = new Uint8Array(after.id.length);
  for (const [a, b] of counterpart.entries()) {
    if (b === -1) {
      changes.push({ a, b, kinds: ['removed'], isSourceChanged: false });
      continue;
    }
    found[b] = 1;
    const kinds: ChangeKind[] = [];
    if (before.label[a] !== after.label[b]) kinds.push('relabelled');
    if (before.content[a] !== after.content[b]) kinds.push('textChanged');
    const isSourceChanged = before.source[a] !== after.source[b];
    if (kinds.length > 0 || isSourceChanged) changes.push({ a, b, kinds, isSourceChanged });
  }
  for (const [b, isFound] of found.entries())
    if (isFound === 0) changes.push({ a: -1, b, kinds: ['added'], isSourceChanged: false });
  return changes;
}

function countChanges({ counterpart }: RowMatches, changes: readonly Change[], most: number) {
  const listed: Record<ChangeKind, Change[]> = { added: [], removed: [], relabelled: [], textChanged: [] };
  const counts = { added: 0, removed: 0, relabelled: 0, textChanged: 0 };
  for (const change of changes) {
    for (const kind of change.kinds) {
      counts[kind]++;
      if (listed[kind].length < most) listed[kind].push(change);
    }
  }
  const touched = changes.filter(({ a, b }) => a !== -1 && b !== -1).length;
  const sourceChanged = changes.filter(({ isSourceChanged }) => isSourceChanged).length;
  const paired = counterpart.length - counts.removed;
  return { listed, counts: { ...counts, sourceChanged, unchanged: paired - touched } };
}

function countRelabels({ labels, before, after }: RowMatches, changes: readonly Change[]) {
  const counts = new Map<string, { from: string | null; to: string | null; rows: number }>();
  for (const { a, b, kinds } of changes) {
    if (!kinds.includes('relabelled')) continue;
    const [from, to] = [before.label[a] as number, after.label[b] as number];
    const known = counts.get(`${from} ${to}`);
    if (known === undefined)
      counts.set(`${from} ${to}`, {
        from: labels.names[from] ?? null,
        to: labels.names[to] ?? null,
        rows: 1,
      });
    else known.rows++;
  }
  return [...counts.values()].sort((x, y) => y.rows - x.rows);
}

function balanceClasses(matches: RowMatches, isWanted: (source: number) => boolean): ClassBalance[] {
  const { labels, before, after } = matches;
  const count = ({ label, source }: RowMatches['before']): number[] => {
    const counts = labels.names.map(() => 0);
    for (const [row, number] of label.entries())
      if (isWanted(source[row] as number)) counts[number] = (counts[number] as number) + 1;
    return counts;
  };
  const [inBefore, inAfter] = [count(before), count(after)];
  return labels.names
    .map((className, i) => ({ className, before: inBefore[i] as number, after: inAfter[i] as number }))
    .filter((one) => one.before + one.after > 0)
    .sort((x, y) => compareNames(x.className, y.className));
}

function compareNames(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareSources(matches: RowMatches, changes: readonly Change[]): SourceDifference[] {
  const { sources, labels, before, after } = matches;
  const rows = sources.names.map((source) => ({
    ...{ source, before: 0, after: 0, added: 0, removed: 0, relabelled: 0, textChanged: 0 },
    perClass: labels.names.map((className) => ({ className, before: 0, after: 0 })),
  }));
  for (const side of ['before', 'after'] as const) {
    const table = matches[side];
    for (const [row, source] of table.source.entries()) {
      const entry = rows[source]!;
      entry[side]++;
      entry.perClass[table.label[row] as number]![side]++;
    }
  }
  for (const { a, b, kinds } of changes) {
    const source = b === -1 ? before.source[a] : after.source[b];
    for (const kind of kinds) rows[source as number]![kind]++;
  }
  const sizeOf = (row: Record<ChangeKind, number>): number =>
    row.added + row.removed + row.relabelled + row.textChanged;
  return rows
    .sort((x, y) => sizeOf(y) - sizeOf(x) || y.after - x.after || compareNames(x.source, y.source))
    .map(({ perClass, ...row }) => ({
      ...row,
      classes: perClass
        .filter((one) => one.before + one.after > 0)
        .sort((x, y) => compareNames(x.className, y.className)),
    }));
}

/** Reads the tables once more for the names of the listed rows. */
async function describeRows(
  before: ArticleTable,
  after: ArticleTable,
  { labels, sources, before: a, after: b }: RowMatches,
  listed: Readonly<Record<ChangeKind, readonly Change[]>>,
  hasTitles: boolean,
): Promise<DataDifference['rows']> {
  const all = Object.values(listed).flat();
  const [inBefore, inAfter] = [
    await readRows(before, new Set(all.map((change) => (change.b === -1 ? change.a : -1)))),
    await readRows(after, new Set(all.map((change) => change.b))),
  ];
  const nameOf = (names: readonly (string | null)[], number: number | undefined): string | null =>
    number === undefined ? null : (names[number] ?? null);
  const describe = (change: Change): DifferentRow => {
    const { place, title } = (change.b === -1 ? inBefore.get(change.a) : inAfter.get(change.b))!;
    return {
      row: place,
      source: nameOf(sources.names, change.b === -1 ? a.source[change.a] : b.source[change.b]),
      labelBefore: nameOf(labels.names, a.label[change.a]),
      labelAfter: nameOf(labels.names, b.label[change.b]),
      ...(hasTitles ? { title: shortenTitle(title) } : {}),
    };
  };
  return {
    added: listed.added.map(describe),
    removed: listed.removed.map(describe),
    relabelled: listed.relabelled.map(describe),
    textChanged: listed.textChanged.map(describe),
  };
}

async function readRows(table: ArticleTable, wanted: ReadonlySet<number>) {
  const rows = new Map<number, { readonly place: string; readonly title: string }>();
  let missing = [...wanted].filter((row) => row >= 0).length;
  if (missing === 0) return rows;
  for await (const [row, { id, place, title }] of eachRow(table)) {
    if (!wanted.has(row)) continue;
    rows.set(row, { place: id === null || id === place ? place : `${id} (${place})`, title });
    if (--missing === 0) break;
  }
  return rows;
}

/** The first 12 words of a title. */
export function shortenTitle(title: string): string {
  const words = title.trim().split(/\s+/);
  const start = words.slice(0, TITLE_WORDS).join(' ');
  const text = start.length > 120 ? `${start.slice(0, 119)}…` : start; // scripts without spaces
  return words.length > TITLE_WORDS ? `${text} …` : text;
}
