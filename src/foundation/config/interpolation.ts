// Replaces every `${…}` of a composed configuration by its value. A value that consists of one interpolation keeps the
// type of its target (number, list, map); otherwise the parts are joined to a string, as OmegaConf does. The resolvers are
// in resolver.ts.
import { appError } from '../core/index.ts';
import {
  type ConfigNode,
  formatOrigin,
  type MapNode,
  MISSING,
  type Origin,
  selectNode,
} from './config-node.ts';
import {
  type Argument,
  hasInterpolation,
  type InterpolationPart,
  InterpolationSyntax,
  parseArgument,
  parseInterpolation,
  splitKey,
} from './interpolation-parser.ts';
import { formatPython } from './python-text.ts';
import { callResolver, type Found } from './resolver.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

interface Resolution {
  readonly root: MapNode;
  readonly environment: Environment;
  /** Paths that are being resolved, to detect cycles. */
  readonly active: string[];
}

/** @throws CONFIG_INTERPOLATION */
export function resolveInterpolations(root: MapNode, environment: Environment): MapNode {
  return resolveNode(root, [], { root, environment, active: [] }) as MapNode;
}

function resolveNode(node: ConfigNode, path: readonly string[], resolution: Resolution): ConfigNode {
  if (node.kind === 'list')
    return {
      ...node,
      items: node.items.map((item, i) => resolveNode(item, [...path, String(i)], resolution)),
    };
  if (node.kind === 'map') {
    const entries = [...node.entries].map(
      ([key, item]) => [key, resolveNode(item, [...path, key], resolution)] as const,
    );
    return { ...node, entries: new Map(entries) };
  }
  if (typeof node.value !== 'string' || !hasInterpolation(node.value)) return node;
  const name = path.join('.');
  if (resolution.active.includes(name)) {
    throw failure(
      node.origin,
      'values that do not refer to themselves',
      [...resolution.active, name].join(' → '),
    );
  }
  resolution.active.push(name);
  const resolved = resolveText(node.value, node.origin, path, resolution);
  resolution.active.pop();
  return resolved;
}

function resolveText(
  text: string,
  origin: Origin,
  path: readonly string[],
  resolution: Resolution,
): ConfigNode {
  return resolveParts(parseAt(text, origin, parseInterpolation), origin, path, resolution);
}

/** One interpolation alone keeps its type; anything else becomes a text. */
function resolveParts(
  parts: readonly InterpolationPart[],
  origin: Origin,
  path: readonly string[],
  resolution: Resolution,
): ConfigNode {
  const [only] = parts;
  if (parts.length === 1 && only!.kind !== 'text') {
    const { node, path: place, isResolved } = findPart(only!, origin, path, resolution);
    return withOrigin(isResolved ? node : resolveNode(node, place, resolution), origin);
  }
  const texts = parts.map((part) =>
    part.kind === 'text' ? part.text : formatPython(findPart(part, origin, path, resolution).node),
  );
  return { kind: 'scalar', value: texts.join(''), origin };
}

function findPart(
  part: Exclude<InterpolationPart, { kind: 'text' }>,
  origin: Origin,
  path: readonly string[],
  resolution: Resolution,
): Found {
  if (part.kind === 'reference') {
    const keys = part.path.map((key) => resolveKey(key, origin, path, resolution));
    return findTarget(absolutePath(part.level, keys, path, origin), origin, resolution);
  }
  const args = part.args.map((argument) => resolveArgument(argument, origin, path, resolution));
  const found = callResolver(part.name, args, {
    environment: resolution.environment,
    origin,
    find: (key, entry) => findKey(key, entry, origin, path, resolution),
    decode: (text, textOrigin) =>
      resolveArgument(parseAt(text, textOrigin, parseArgument), textOrigin, path, resolution),
    fail: (expected, got, hint) => failure(origin, expected, got, hint),
  });
  return 'path' in found ? found : { node: found, path, isResolved: found.kind === 'scalar' };
}

function resolveKey(
  key: InterpolationPart,
  origin: Origin,
  path: readonly string[],
  resolution: Resolution,
): string {
  const node = resolveParts([key], origin, path, resolution);
  if (node.kind === 'scalar' && typeof node.value === 'string') return node.value;
  throw failure(origin, 'a text as a key', formatPython(node));
}

function resolveArgument(
  argument: Argument,
  origin: Origin,
  path: readonly string[],
  resolution: Resolution,
): ConfigNode {
  const inner = (item: Argument): ConfigNode => resolveArgument(item, origin, path, resolution);
  if (argument.kind === 'parts') {
    const node = resolveParts(argument.parts, origin, path, resolution);
    return argument.isQuoted ? { kind: 'scalar', value: formatPython(node), origin: node.origin } : node;
  }
  if (argument.kind === 'list') return { kind: 'list', items: argument.items.map(inner), origin };
  if (argument.kind === 'map') {
    const entries = argument.entries.map(([key, item]) => [key, inner(item)] as const);
    return { kind: 'map', entries: new Map(entries), origin };
  }
  return {
    kind: 'scalar',
    value: argument.value,
    ...(argument.isFloat && { isFloat: true }),
    origin,
  };
}

/** What a resolver such as oc.select finds under a key as written, or in an entry there; undefined if there is none. */
function findKey(
  key: string,
  entry: string | undefined,
  origin: Origin,
  path: readonly string[],
  resolution: Resolution,
): Found | undefined {
  const split = splitKey(key);
  if (split === undefined) throw failure(origin, 'the name of a key', `"${key}"`);
  const place = absolutePath(split.level, split.path, path, origin);
  const target = entry === undefined ? place : [...place, entry];
  const node = selectNode(resolution.root, target) ?? selectThrough(target, resolution);
  if (node === undefined) return undefined;
  return node.kind === 'scalar' && node.value === MISSING
    ? { node, path: target, isResolved: true }
    : findTarget(target, origin, resolution);
}

function absolutePath(
  level: number,
  keys: readonly string[],
  path: readonly string[],
  origin: Origin,
): string[] {
  if (level > path.length) throw failure(origin, `at most ${path.length} dots`, `${level}`);
  return [...(level === 0 ? [] : path.slice(0, path.length - level)), ...keys];
}

function findTarget(target: readonly string[], origin: Origin, resolution: Resolution): Found {
  const name = target.join('.');
  const found = selectNode(resolution.root, target) ?? selectThrough(target, resolution);
  if (found === undefined) throw failure(origin, 'the name of a key', `"${name}"`);
  if (found.kind === 'scalar') {
    if (found.value === MISSING) throw failure(origin, `${name} to be given`, MISSING);
    return { node: resolveNode(found, target, resolution), path: target, isResolved: true };
  }
  if (resolution.active.some((active) => active === name || active.startsWith(`${name}.`)))
    throw failure(origin, 'values that do not refer to themselves', name);
  return { node: found, path: target, isResolved: false };
}

/** Finds a target when part of its path is itself an interpolation of a map. */
function selectThrough(target: readonly string[], resolution: Resolution): ConfigNode | undefined {
  let node: ConfigNode | undefined = resolution.root;
  for (const [i, key] of target.entries()) {
    node = node === undefined ? undefined : selectNode(node, [key]);
    if (node?.kind === 'scalar' && i < target.length - 1)
      node = resolveNode(node, target.slice(0, i + 1), resolution);
  }
  return node;
}

/** Gives a resolved value the origin of its interpolation, unless it comes from the environment or the command line. */
function withOrigin(node: ConfigNode, origin: Origin): ConfigNode {
  if (node.kind === 'list')
    return { ...node, items: node.items.map((item) => withOrigin(item, origin)), origin };
  if (node.kind === 'map')
    return {
      ...node,
      entries: new Map([...node.entries].map(([key, item]) => [key, withOrigin(item, origin)])),
      origin,
    };
  return node.origin.kind === 'file' ? { ...node, origin } : node;
}

function parseAt<T>(text: string, origin: Origin, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof InterpolationSyntax) {
      const hint =
        origin.kind === 'environment' ? `Correct the variable ${origin.name}, or unset it.` : undefined;
      throw failure(origin, error.message, `"${text}"`, hint);
    }
    throw error;
  }
}

function failure(origin: Origin, expected: string, got: string, hint = 'See all values with --cfg.'): Error {
  return appError('CONFIG_INTERPOLATION', { where: formatOrigin(origin), expected, got, hint });
}
