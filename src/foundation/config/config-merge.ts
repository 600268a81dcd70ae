// Merges files and applies command-line overrides with Hydra's meaning: maps are merged, other values are replaced;
// `a=1` changes an existing key, `+a=1` adds a new one, `++a=1` does either, `~a` deletes.
import { appError } from '../core/index.ts';
import { suggestPath } from './closest-name.ts';
import {
  type ConfigNode,
  type MapNode,
  MISSING,
  type Origin,
  selectNode,
  toPlain,
  walkNodes,
} from './config-node.ts';
import type { Override } from './override.ts';
import { toConfigNode } from './override-value.ts';

type Explain = (path: readonly string[]) => string | undefined;

/** Merges `over` into `base`. A missing value (`???`) in `over` keeps the value of `base`. */
export function mergeNodes(base: ConfigNode | undefined, over: ConfigNode): ConfigNode {
  if (base === undefined) return over;
  if (over.kind === 'scalar' && over.value === MISSING) return base;
  if (base.kind !== 'map' || over.kind !== 'map') return over;
  const entries = new Map(base.entries);
  for (const [key, item] of over.entries) entries.set(key, mergeNodes(entries.get(key), item));
  return { kind: 'map', entries, origin: base.origin };
}

/** Puts `content` below the dotted `packageName`; '' leaves it at the root. */
export function embedNode(content: MapNode, packageName: string): MapNode {
  if (packageName === '') return content;
  return packageName
    .split('.')
    .reverse()
    .reduce<MapNode>(
      (inner, key) => ({ kind: 'map', entries: new Map([[key, inner]]), origin: content.origin }),
      content,
    );
}

/**
 * Applies one override of a value.
 * @param explain  tells which other choice has an unknown key, if one does
 * @throws CONFIG_KEY_UNKNOWN, CONFIG_OVERRIDE
 */
export function applyOverride(
  root: MapNode,
  override: Override,
  explain: Explain = () => undefined,
): MapNode {
  const path = override.key.split('.');
  const current = selectNode(root, path);
  if (override.action === 'delete') return deleteAt(root, path, override, current, explain);
  const origin: Origin = { kind: 'command line', override: override.text };
  const value = toConfigNode(override.value!, origin);
  if (override.action === 'change') {
    if (current === undefined) throw unknownKey(root, override, path, explain);
    assertNoNewKeys(root, current, value, override, path, explain);
  }
  if (override.action === 'add' && current !== undefined && !isNull(current) && value.kind === 'scalar') {
    throw appError('CONFIG_OVERRIDE', {
      where: `command line: ${override.text}`,
      expected: 'a key that is not there yet',
      got: `${override.key}, which is`,
      hint: `Change it with ${override.text.slice(1)}`,
    });
  }
  return setAt(root, path, mergeForced(current, value), override, origin) as MapNode;
}

/** Like mergeNodes, but the override replaces the value even if it is `???`. */
function mergeForced(current: ConfigNode | undefined, value: ConfigNode): ConfigNode {
  return value.kind === 'scalar' ? value : mergeNodes(current, value);
}

/** Refuses `a={b: 1}` if the existing map `a` has no `b`: in Hydra's terms the composed configuration is a struct. */
function assertNoNewKeys(
  root: MapNode,
  current: ConfigNode,
  value: ConfigNode,
  override: Override,
  path: readonly string[],
  explain: Explain,
): void {
  if (current.kind !== 'map' || value.kind !== 'map') return;
  for (const [key, item] of value.entries) {
    const inner = current.entries.get(key);
    if (inner === undefined) throw unknownKey(root, override, [...path, key], explain);
    assertNoNewKeys(root, inner, item, override, [...path, key], explain);
  }
}

function setAt(
  node: ConfigNode | undefined,
  path: readonly string[],
  value: ConfigNode,
  override: Override,
  origin: Origin,
): ConfigNode {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (node?.kind === 'list') {
    const index = /^\d+$/.test(key) ? Number(key) : -1;
    const item = node.items[index];
    if (item === undefined) {
      throw appError('CONFIG_OVERRIDE', {
        where: `command line: ${override.text}`,
        expected: `an index below ${node.items.length}`,
        got: key,
        hint: 'Replace the whole list with key=[…].',
      });
    }
    return { ...node, items: node.items.with(index, setAt(item, rest, value, override, origin)) };
  }
  const entries = new Map(node?.kind === 'map' ? node.entries : []);
  entries.set(key, setAt(entries.get(key), rest, value, override, origin));
  return { kind: 'map', entries, origin: node?.kind === 'map' ? node.origin : origin };
}

function deleteAt(
  root: MapNode,
  path: readonly string[],
  override: Override,
  current: ConfigNode | undefined,
  explain: Explain,
): MapNode {
  if (current === undefined || isNull(current)) throw unknownKey(root, override, path, explain);
  if (override.value !== null) {
    const expected = toPlain(toConfigNode(override.value, { kind: 'command line', override: override.text }));
    const got = toPlain(current);
    if (JSON.stringify(expected) !== JSON.stringify(got)) {
      throw appError('CONFIG_OVERRIDE', {
        where: `command line: ${override.text}`,
        expected: `${override.key} to be ${JSON.stringify(expected)}`,
        got: JSON.stringify(got),
        hint: `Delete it whatever it is with ~${override.key}`,
      });
    }
  }
  return removeAt(root, path) as MapNode;
}

function removeAt(node: ConfigNode, path: readonly string[]): ConfigNode {
  const [key = '', ...rest] = path;
  if (node.kind === 'list') {
    const index = Number(key);
    const item = node.items[index]!;
    return {
      ...node,
      items:
        rest.length === 0 ? node.items.toSpliced(index, 1) : node.items.with(index, removeAt(item, rest)),
    };
  }
  if (node.kind !== 'map') return node;
  const entries = new Map(node.entries);
  if (rest.length === 0) entries.delete(key);
  else entries.set(key, removeAt(entries.get(key)!, rest));
  return { ...node, entries };
}

function unknownKey(root: MapNode, override: Override, path: readonly string[], explain: Explain): Error {
  const key = path.join('.');
  const known = [...walkNodes(root)]
    .filter(([other]) => selectNode(root, other.slice(0, -1))?.kind !== 'list')
    .map(([other]) => other.join('.'));
  const add = override.action === 'change' ? ` To add a new key: +${override.text}` : '';
  const hint = explain(path) ?? suggestPath(key, known);
  return appError('CONFIG_KEY_UNKNOWN', { where: `command line: ${override.text}`, key, hint: hint + add });
}

function isNull(node: ConfigNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}
