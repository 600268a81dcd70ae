// Places the parts of a lineage in columns, from raw files on the left to deployments on the right.
import type { LineageGraph, LineageNode } from '../../../../src/client/studio-types.ts';

/** The least column of each kind. */
const COLUMNS: Readonly<Record<LineageNode['kind'], number>> = {
  file: 0,
  dataset: 1,
  pretrained: 1,
  commit: 1,
  sweep: 1,
  run: 2,
  model: 3,
  deployment: 4,
  evaluation: 4,
  prediction: 4,
  feedback: 0,
};

export const BOX = { width: 168, height: 62 } as const;
const GAP = { x: 30, y: 18 } as const;
const MARGIN = 8;
/** Passes that put connected boxes at similar heights. */
const PASSES = 4;

export interface PlacedNode extends LineageNode {
  readonly column: number;
  /** The upper left corner. */
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly { readonly from: PlacedNode; readonly to: PlacedNode }[];
  readonly width: number;
  readonly height: number;
}

/** Each part stands right of all that it comes from; in a column, near those that it is connected with. */
export function placeLineage({ nodes, edges }: Pick<LineageGraph, 'nodes' | 'edges'>): Layout {
  const columnOf = findColumns(nodes, edges);
  const used = [...new Set(columnOf.values())].sort((a, b) => a - b);
  const columns = used.map((column) => nodes.filter(({ id }) => columnOf.get(id) === column));
  orderColumns(columns, edges);
  const most = Math.max(1, ...columns.map(({ length }) => length));
  const height = most * (BOX.height + GAP.y) - GAP.y + 2 * MARGIN;
  const placed = new Map<string, PlacedNode>();
  columns.forEach((column, index) => {
    const own = column.length * (BOX.height + GAP.y) - GAP.y;
    column.forEach((node, row) => {
      placed.set(node.id, {
        ...node,
        column: index,
        x: MARGIN + index * (BOX.width + GAP.x),
        y: (height - own) / 2 + row * (BOX.height + GAP.y),
      });
    });
  });
  return {
    nodes: [...placed.values()],
    edges: edges.flatMap(({ from, to }) => {
      const [a, b] = [placed.get(from), placed.get(to)];
      return a === undefined || b === undefined ? [] : [{ from: a, to: b }];
    }),
    width: columns.length * (BOX.width + GAP.x) - GAP.x + 2 * MARGIN,
    height,
  };
}

function findColumns(
  nodes: readonly LineageNode[],
  edges: LineageGraph['edges'],
): ReadonlyMap<string, number> {
  const columns = new Map(nodes.map(({ id, kind }) => [id, COLUMNS[kind]]));
  // as often as there are nodes: longer paths do not exist without a circle, and a circle must not hang the page
  for (let pass = 0; pass < nodes.length; pass++) {
    let isChanged = false;
    for (const { from, to } of edges) {
      const [a, b] = [columns.get(from), columns.get(to)];
      if (a === undefined || b === undefined || b > a || a >= nodes.length + 4) continue;
      columns.set(to, a + 1);
      isChanged = true;
    }
    if (!isChanged) break;
  }
  return columns;
}

/** Sorts each column by the mean position of what its parts are connected with, from both sides in turn. */
function orderColumns(columns: LineageNode[][], edges: LineageGraph['edges']): void {
  const neighbours = new Map<string, string[]>();
  for (const { from, to } of edges) {
    neighbours.set(from, [...(neighbours.get(from) ?? []), to]);
    neighbours.set(to, [...(neighbours.get(to) ?? []), from]);
  }
  for (let pass = 0; pass < PASSES; pass++) {
    const rows = new Map(
      columns.flatMap((column) => column.map(({ id }, row) => [id, (row + 0.5) / column.length] as const)),
    );
    for (const column of pass % 2 === 0 ? columns : [...columns].reverse()) {
      const weights = new Map(
        column.map(({ id }) => {
          const others = (neighbours.get(id) ?? []).flatMap((other) => rows.get(other) ?? []);
          return [
            id,
            others.length === 0 ? rows.get(id)! : others.reduce((a, b) => a + b, 0) / others.length,
          ];
        }),
      );
      column.sort((a, b) => weights.get(a.id)! - weights.get(b.id)!);
      for (const [row, { id }] of column.entries()) rows.set(id, (row + 0.5) / column.length);
    }
  }
}

/**
 * Leaves out what would make the drawing too high: of a kind with many parts, those from which nothing was made go first,
 * then the oldest. The chosen part always stays.
 */
export function thinLineage(
  graph: LineageGraph,
  most: number,
): { readonly graph: LineageGraph; readonly leftOut: ReadonlyMap<LineageNode['kind'], number> } {
  const leads = new Set(graph.edges.map(({ from }) => from));
  const leftOut = new Map<LineageNode['kind'], number>();
  const kept = new Set<string>();
  for (const kind of Object.keys(COLUMNS) as LineageNode['kind'][]) {
    const nodes = graph.nodes
      .filter((node) => node.kind === kind)
      .sort(
        (a, b) =>
          Number(b.id === graph.id) - Number(a.id === graph.id) ||
          Number(leads.has(b.id)) - Number(leads.has(a.id)) ||
          (b.createdAt ?? '').localeCompare(a.createdAt ?? ''),
      );
    for (const { id } of nodes.slice(0, most)) kept.add(id);
    if (nodes.length > most) leftOut.set(kind, nodes.length - most);
  }
  return {
    graph: {
      ...graph,
      nodes: graph.nodes.filter(({ id }) => kept.has(id)),
      edges: graph.edges.filter(({ from, to }) => kept.has(from) && kept.has(to)),
    },
    leftOut,
  };
}

/** What an arrow key leads to: up and down in the column, left and right to what is connected. */
export function findNeighbour(layout: Layout, id: string, key: string): string | undefined {
  const node = layout.nodes.find((one) => one.id === id);
  if (node === undefined) return undefined;
  const nearest = (nodes: readonly PlacedNode[]): string | undefined =>
    [...nodes].sort((a, b) => Math.abs(a.y - node.y) - Math.abs(b.y - node.y))[0]?.id;
  const column = layout.nodes.filter((one) => one.column === node.column);
  switch (key) {
    case 'ArrowUp':
      return nearest(column.filter(({ y }) => y < node.y));
    case 'ArrowDown':
      return nearest(column.filter(({ y }) => y > node.y));
    case 'ArrowLeft':
      return nearest(layout.edges.filter(({ to }) => to.id === id).map(({ from }) => from));
    case 'ArrowRight':
      return nearest(layout.edges.filter(({ from }) => from.id === id).map(({ to }) => to));
    default:
      return undefined;
  }
}
