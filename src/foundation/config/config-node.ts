// The tree of a configuration: every scalar, list and map remembers where it was set. Nodes are immutable: merging and
// overriding return new ones.

export type Origin =
  | { readonly kind: 'file'; readonly path: string; readonly line: number }
  | { readonly kind: 'command line'; readonly override: string }
  | { readonly kind: 'environment'; readonly name: string };

export type Scalar = string | number | boolean | null;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: Scalar;
  /** True for a number that was written as a float, such as 1.0: a text shows it as Python does. */
  readonly isFloat?: boolean;
  readonly origin: Origin;
}
export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly ConfigNode[];
  readonly origin: Origin;
}
export interface MapNode {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, ConfigNode>;
  readonly origin: Origin;
}
export type ConfigNode = ScalarNode | ListNode | MapNode;

export type PlainValue = Scalar | PlainValue[] | { [key: string]: PlainValue };

/** The value that stands for "must be given", as in Hydra (OmegaConf). */
export const MISSING = '???';

/** An origin as text: `configs/train.yaml:3`, `command line: seed=1` or `environment NAME`. */
export function formatOrigin(origin: Origin): string {
  if (origin.kind === 'file') return `${origin.path}:${origin.line}`;
  return origin.kind === 'command line' ? `command line: ${origin.override}` : `environment ${origin.name}`;
}

/** Turns a plain value into a node; the value and everything in it get the same origin. */
export function createNode(value: PlainValue, origin: Origin): ConfigNode {
  if (Array.isArray(value))
    return { kind: 'list', items: value.map((item) => createNode(item, origin)), origin };
  if (typeof value !== 'object' || value === null) return { kind: 'scalar', value, origin };
  const entries = Object.entries(value).map(([key, item]) => [key, createNode(item, origin)] as const);
  return { kind: 'map', entries: new Map(entries), origin };
}

export function toPlain(node: ConfigNode): PlainValue {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toPlain);
  // fromEntries defines own properties, so a key named __proto__ is an ordinary key.
  return Object.fromEntries([...node.entries].map(([key, item]) => [key, toPlain(item)]));
}

/** The node at `path`, or undefined. List items are addressed by index. */
export function selectNode(root: ConfigNode, path: readonly string[]): ConfigNode | undefined {
  let node: ConfigNode | undefined = root;
  for (const key of path) {
    if (node?.kind === 'map') node = node.entries.get(key);
    else if (node?.kind === 'list') node = /^\d+$/.test(key) ? node.items[Number(key)] : undefined;
    else return undefined;
  }
  return node;
}

/** The deepest existing node on the way to `path`; its origin is reported when the value is missing or wrong. */
export function deepestNode(root: ConfigNode, path: readonly string[]): ConfigNode {
  let node = root;
  for (let length = 1; length <= path.length; length++) {
    const next = selectNode(root, path.slice(0, length));
    if (next === undefined) break;
    node = next;
  }
  return node;
}

/** Yields every path below `node` with its node, in order; a map comes before its entries. */
export function* walkNodes(
  node: ConfigNode,
  path: readonly string[] = [],
): Generator<[readonly string[], ConfigNode]> {
  if (path.length > 0) yield [path, node];
  if (node.kind === 'map') for (const [key, item] of node.entries) yield* walkNodes(item, [...path, key]);
  if (node.kind === 'list')
    for (const [i, item] of node.items.entries()) yield* walkNodes(item, [...path, String(i)]);
}
