// Tests of the drawing of a lineage: columns, order, what is left out, and where the arrow keys lead.
import { describe, expect, test } from 'vitest';
import type { LineageGraph, LineageNode } from '../../../../src/client/studio-types.ts';
import { BOX, findNeighbour, placeLineage, thinLineage } from './layout.ts';

const node = (id: string, kind: LineageNode['kind'], createdAt: string | null = null): LineageNode => ({
  id,
  kind,
  label: id,
  createdAt,
  facts: {},
  missing: false,
});

const graph: LineageGraph = {
  id: 'r1',
  nodes: [
    node('stage', 'deployment'),
    node('live', 'deployment'),
    node('m1', 'model'),
    node('r1', 'run'),
    node('r2', 'run'),
    node('d1', 'dataset'),
    node('d2', 'dataset'),
    node('f', 'file'),
  ],
  edges: [
    { from: 'f', to: 'd1' },
    { from: 'd1', to: 'd2' },
    { from: 'd2', to: 'r1' },
    { from: 'd1', to: 'r2' },
    { from: 'r1', to: 'm1' },
    { from: 'm1', to: 'stage' },
    { from: 'stage', to: 'live' },
    { from: 'gone', to: 'live' },
  ],
};

describe('placeLineage', () => {
  const layout = placeLineage(graph);

  test('puts everything right of what it comes from', () => {
    for (const { from, to } of layout.edges) expect(from.x + BOX.width).toBeLessThan(to.x);
  });

  test('leaves out an edge to something that is not in the graph', () => {
    expect(layout.edges.length).toBe(7);
  });

  test('overlaps no boxes and keeps them inside the drawing', () => {
    for (const a of layout.nodes) {
      expect(a.y).toBeGreaterThanOrEqual(0);
      expect(a.y + BOX.height).toBeLessThanOrEqual(layout.height);
      for (const b of layout.nodes)
        if (a !== b && a.column === b.column) expect(Math.abs(a.y - b.y)).toBeGreaterThanOrEqual(BOX.height);
    }
  });

  test('ends for records that refer to each other in a circle', () => {
    const circle = placeLineage({
      nodes: [node('a', 'run'), node('b', 'run')],
      edges: [
        { from: 'a', to: 'b' },
        { from: 'b', to: 'a' },
      ],
    });
    expect(circle.nodes.length).toBe(2);
  });

  test('crosses no lines where it can be avoided', () => {
    const { nodes } = placeLineage({
      nodes: [node('f1', 'file'), node('f2', 'file'), node('e2', 'dataset'), node('e1', 'dataset')],
      edges: [
        { from: 'f1', to: 'e1' },
        { from: 'f2', to: 'e2' },
      ],
    });
    const y = new Map(nodes.map((one) => [one.id, one.y]));
    expect(y.get('f1')! < y.get('f2')!).toBe(y.get('e1')! < y.get('e2')!);
  });
});

describe('thinLineage', () => {
  const many: LineageGraph = {
    id: 'run-3',
    nodes: [
      node('d', 'dataset'),
      ...Array.from({ length: 50 }, (_, i) =>
        node(`run-${i}`, 'run', `2026-11-30T10:${String(i).padStart(2, '0')}`),
      ),
      node('m', 'model'),
    ],
    edges: [
      ...Array.from({ length: 50 }, (_, i) => ({ from: 'd', to: `run-${i}` })),
      { from: 'run-7', to: 'm' },
    ],
  };

  test('keeps the chosen one, what led on, and the newest', () => {
    const thin = thinLineage(many, 4);
    expect(thin.graph.nodes.flatMap(({ id, kind }) => (kind === 'run' ? [id] : []))).toEqual([
      'run-3',
      'run-7',
      'run-48',
      'run-49',
    ]);
    expect(thin.leftOut.get('run')).toBe(46);
    expect(thin.graph.edges.length).toBe(5);
  });

  test('leaves out nothing of a small graph', () => {
    expect(thinLineage(graph, 10).leftOut.size).toBe(0);
  });
});

describe('findNeighbour', () => {
  const layout = placeLineage(graph);

  test('follows the lines to both sides', () => {
    expect(findNeighbour(layout, 'r1', 'ArrowLeft')).toBe('d2');
    expect(findNeighbour(layout, 'r1', 'ArrowRight')).toBe('m1');
    expect(findNeighbour(layout, 'live', 'ArrowRight')).toBeUndefined();
    expect(findNeighbour(layout, 'r1', 'a')).toBeUndefined();
  });
});
