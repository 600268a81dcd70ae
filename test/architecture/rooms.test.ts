// Compares the tables of floors and rooms in ARCHITECTURE.md with the imports of the code, both ways.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { floorOf, isDoor, listImports, listSourceFiles, repositoryRoot, roomOf } from './source-imports.ts';

const page = readFileSync(join(repositoryRoot, 'ARCHITECTURE.md'), 'utf8');
const allowed = new Map(
  readTable(page, '| room |').map(([room, , targets]) => [
    room!,
    new Set(
      targets!
        .split(',')
        .map((target) => target.trim())
        .filter((target) => target !== ''),
    ),
  ]),
);
/** The floors from top to bottom. */
const floors = readTable(page, '| floor |').map(([floor]) => floor!);
const imports = listImports().filter(({ isTest }) => !isTest);
const between = imports.filter(({ from, to, isPackage }) => !isPackage && roomOf(from) !== roomOf(to));

describe('the floor plan of ARCHITECTURE.md', () => {
  it('names every floor, and no other', () => {
    const rooms = [...new Set(listSourceFiles().map(roomOf))];
    expect(floors.toSorted()).toEqual([...new Set(rooms.map(floorOf))].sort());
  });

  it('holds: no import points up', () => {
    const level = (file: string): number => floors.indexOf(floorOf(roomOf(file)));
    const up = between.filter(({ from, to }) => level(to) < level(from));
    expect(up.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });
});

describe('the room table of ARCHITECTURE.md', () => {
  it('names every room, and no other', () => {
    expect([...allowed.keys()].sort()).toEqual([...new Set(listSourceFiles().map(roomOf))].sort());
  });

  it('allows every import of the code', () => {
    const forbidden = between.filter(({ from, to }) => !allowed.get(roomOf(from))?.has(roomOf(to)));
    expect(forbidden.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it('allows no direction without an import', () => {
    const used = new Set(between.map(({ from, to }) => `${roomOf(from)} -> ${roomOf(to)}`));
    const unused = [...allowed].flatMap(([room, targets]) =>
      [...targets].map((target) => `${room} -> ${target}`),
    );
    expect(unused.filter((direction) => !used.has(direction))).toEqual([]);
  });

  it('has a description of every room and of every floor', () => {
    for (const line of [...readTable(page, '| room |'), ...readTable(page, '| floor |')])
      expect(line[1]).toMatch(/\w{3}/);
  });
});

describe('doors', () => {
  it('are the only files that other rooms import', () => {
    const past = between.filter(({ to }) => !isDoor(to));
    expect(past.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });
});

describe('commands', () => {
  const outside = between.filter(({ from }) => roomOf(from) === 'program/commands');

  it('call workflows; of other rooms they import only the foundation and two rooms that make reports', () => {
    const rooms = new Set(
      outside.map(({ to }) => roomOf(to)).filter((room) => !/^(workflows|foundation)\//.test(room)),
    );
    expect([...rooms].sort()).toEqual(['judging/evaluate', 'serving/loadtest']);
  });

  it('import from the rooms that make reports only types and functions that parse or format text', () => {
    const values = outside
      .filter(({ to }) => /^(judging|serving)\//.test(roomOf(to)))
      .flatMap((found) => found.values);
    expect(values.filter((name) => !/^(format|parse)[A-Z]/.test(name))).toEqual([]);
    expect(values).toContain('formatEvaluationText');
  });
});

describe('imports', () => {
  it('have no cycle, not even between files', () => {
    const edges = new Map<string, string[]>();
    for (const { from, to, isPackage } of imports)
      if (!isPackage) edges.set(from, [...(edges.get(from) ?? []), to]);
    expect(findCycle(edges)).toEqual([]);
  });

  it('reach onnxruntime-node from one file alone', () => {
    const importers = imports.filter(({ to }) => to === 'onnxruntime-node').map(({ from }) => from);
    expect(new Set(importers)).toEqual(new Set(['engine/runtime/session/onnx-runtime.ts']));
  });

  it('name only packages that package.json depends on', () => {
    const manifest = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
      optionalDependencies: Record<string, string>;
    };
    const packages = imports.filter(({ to, isPackage }) => isPackage && !to.startsWith('node:'));
    const nameOf = (specifier: string): string =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
    const known = { ...manifest.dependencies, ...manifest.optionalDependencies };
    const unknown = packages.filter(({ to }) => known[nameOf(to)] === undefined);
    expect(unknown.map(({ from, to }) => `${from}: ${to}`)).toEqual([]);
  });
});

describe('folders and files', () => {
  it('have kebab-case names, and no meaningless ones', () => {
    const parts = new Set(
      listSourceFiles().flatMap((file) => file.replace(/(\.slow)?(\.test)?\.ts$/, '').split('/')),
    );
    const bad = [...parts].filter(
      (part) =>
        !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(part) ||
        /(^|-)(utils?|helpers?|common|managers?|services?|impl|misc)$/.test(part),
    );
    expect(bad).toEqual([]);
  });

  it('begin with a comment', () => {
    const silent = listSourceFiles().filter((file) => {
      const text = readFileSync(join(repositoryRoot, 'src', file), 'utf8').replace(/^#!.*\n/, '');
      return !file.endsWith('.test.ts') && !text.startsWith('//') && !text.startsWith('/*');
    });
    expect(silent).toEqual([]);
  });
});

/** The cells of the table whose first line begins with `heading`. */
function readTable(markdown: string, heading: string): string[][] {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => line.startsWith(heading));
  const end = lines.findIndex((line, i) => i > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** Finds a cycle and returns its files; empty if there is none. */
function findCycle(edges: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const finished = new Set<string>();
  for (const start of edges.keys()) {
    const path: string[] = [];
    const stack: { file: string; next: number }[] = [{ file: start, next: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      if (top.next === 0) path.push(top.file);
      const target = edges.get(top.file)?.[top.next++];
      if (target === undefined) {
        finished.add(top.file);
        path.pop();
        stack.pop();
      } else if (path.includes(target)) return [...path.slice(path.indexOf(target)), target];
      else if (!finished.has(target)) stack.push({ file: target, next: 0 });
    }
  }
  return [];
}
