// The lineage of records as a graph: what comes from what, from raw files and commits to predictions and reports.

export type LineageKind =
  | 'file'
  | 'dataset'
  | 'pretrained'
  | 'commit'
  | 'run'
  | 'sweep'
  | 'model'
  | 'deployment'
  | 'prediction'
  | 'evaluation'
  | 'feedback';

export interface TracedRecord {
  /** md5:…, ds-…, run-…, NAME@VERSION, NAME@STAGE, live, the id of a prediction, or what a report was found by. */
  readonly id: string;
  readonly kind: LineageKind;
  readonly label: string;
  readonly createdAt: string | null;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
  /** It is named by another record, and is not there any more. */
  readonly missing: boolean;
}

export interface LineageEdge {
  readonly from: string;
  readonly to: string;
}

export interface Lineage {
  /** The record that was asked for. */
  readonly id: string;
  readonly nodes: readonly TracedRecord[];
  readonly edges: readonly LineageEdge[];
}

export class OriginGraph {
  readonly #nodes = new Map<string, TracedRecord>();
  readonly #parents = new Map<string, Set<string>>();
  readonly #children = new Map<string, Set<string>>();

  add(node: Omit<TracedRecord, 'missing'>): void {
    this.#nodes.set(node.id, { ...node, missing: false });
  }

  /** Adds facts to a node that is there. */
  addFacts(id: string, facts: TracedRecord['facts']): void {
    const node = this.#nodes.get(id);
    if (node !== undefined) this.#nodes.set(id, { ...node, facts: { ...node.facts, ...facts } });
  }

  connect(from: string, to: string): void {
    link(this.#parents, to, from);
    link(this.#children, from, to);
  }

  has(id: string): boolean {
    return this.#nodes.has(id);
  }

  node(id: string): TracedRecord | undefined {
    return this.#nodes.get(id);
  }

  /** Whether a record has this id, or another record names it. */
  knows(id: string): boolean {
    return this.#nodes.has(id) || this.#children.has(id);
  }

  /** Ids of this kind. */
  list(kind: LineageKind): string[] {
    return [...this.#nodes.values()].filter((node) => node.kind === kind).map(({ id }) => id);
  }

  parentsOf(id: string): readonly string[] {
    return [...(this.#parents.get(id) ?? [])];
  }

  childrenOf(id: string): readonly string[] {
    return [...(this.#children.get(id) ?? [])];
  }

  /** Everything that `start` comes from, itself included. */
  before(start: string): ReadonlySet<string> {
    return reach(start, this.#parents);
  }

  /** Everything that was made of `start`, itself included. */
  behind(start: string): ReadonlySet<string> {
    return reach(start, this.#children);
  }

  /** The part of the graph with these ids. */
  cut(kept: ReadonlySet<string>): Pick<Lineage, 'nodes' | 'edges'> {
    const edges = [...kept].flatMap((from) =>
      [...(this.#children.get(from) ?? [])].filter((to) => kept.has(to)).map((to) => ({ from, to })),
    );
    return { nodes: [...kept].map((id) => this.#nodes.get(id) ?? describeMissing(id)), edges };
  }
}

/** What an id names, by its form. */
export function kindOfId(id: string): LineageKind {
  if (id.startsWith('md5:')) return 'file';
  if (id.startsWith('ds-')) return 'dataset';
  if (id.startsWith('run-')) return 'run';
  if (id.startsWith('sweep-')) return 'sweep';
  if (id.startsWith('commit:')) return 'commit';
  if (/^[0-9a-z]{9}[a-z2-7]{16}$/.test(id)) return 'prediction';
  return /^[a-z0-9][a-z0-9-]*@\d+$/.test(id) ? 'model' : 'pretrained';
}

/** Pretrained weights lie in no store: they are not missing. */
function describeMissing(id: string): TracedRecord {
  const kind = kindOfId(id);
  return { id, kind, label: id, createdAt: null, facts: {}, missing: kind !== 'pretrained' };
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
