// Replaces every `${…}` of a composed configuration by its value. A value that consists of one interpolation keeps the
// type of its target (number, list, map); otherwise the parts are joined to a string, as OmegaConf does.
// `${env:NAME,default}` reads a number as a number; `${oc.env:NAME,default}` is always a string.
import { appError } from '../core/index.ts';
import {
  type ConfigNode,
  formatOrigin,
  type MapNode,
  MISSING,
  type Origin,
  type Scalar,
  selectNode,
} from './config-node.ts';
import {
  hasInterpolation,
  type InterpolationPart,
  InterpolationSyntax,
  parseInterpolation,
} from './interpolation-parser.ts';

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
  const parts = parseAt(text, origin);
  if (parts.length === 1 && parts[0]!.kind !== 'text')
    return resolvePart(parts[0]!, origin, path, resolution);
  return { kind: 'scalar', value: joinParts(parts, origin, path, resolution), origin };
}

function joinParts(
  parts: readonly InterpolationPart[],
  origin: Origin,
  path: readonly string[],
  resolution: Resolution,
): string {
  return parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      const node = resolvePart(part, origin, path, resolution);
      if (node.kind !== 'scalar') throw failure(origin, 'a single value inside a text', `a ${node.kind}`);
      return formatScalar(node.value);
    })
    .join('');
}

function resolvePart(
  part: InterpolationPart,
  origin: Origin,
  path: readonly string[],
  resolution: Resolution,
): ConfigNode {
  if (part.kind === 'text') return { kind: 'scalar', value: part.text, origin };
  if (part.kind === 'resolver') return callResolver(part, origin, path, resolution);
  const keys = part.path.map((key) => joinParts(key, origin, path, resolution));
  if (part.level > path.length) throw failure(origin, `at most ${path.length} dots`, `${part.level}`);
  const target = [...(part.level === 0 ? [] : path.slice(0, path.length - part.level)), ...keys];
  return selectResolved(target, origin, resolution);
}

function selectResolved(target: readonly string[], origin: Origin, resolution: Resolution): ConfigNode {
  const name = target.join('.');
  const found = selectNode(resolution.root, target) ?? selectThrough(target, resolution);
  if (found === undefined) throw failure(origin, 'the name of a key', `"${name}"`);
  if (found.kind === 'scalar' && found.value === MISSING)
    throw failure(origin, `${name} to be given`, MISSING);
  if (
    found.kind !== 'scalar' &&
    resolution.active.some((active) => active === name || active.startsWith(`${name}.`))
  ) {
    throw failure(origin, 'values that do not refer to themselves', name);
  }
  return withOrigin(resolveNode(found, target, resolution), origin);
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

function callResolver(
  { name, args, quoted }: Extract<InterpolationPart, { kind: 'resolver' }>,
  origin: Origin,
  path: readonly string[],
  resolution: Resolution,
): ConfigNode {
  const texts = args.map((arg) => joinParts(arg, origin, path, resolution));
  const [first, second] = texts;
  if (first === undefined || first === '') throw failure(origin, `an argument in \${${name}:…}`, 'none');
  if (name === 'env' || name === 'oc.env') {
    const value = resolution.environment[first];
    if (value !== undefined) {
      const set: Origin = { kind: 'environment', name: first };
      return { kind: 'scalar', value: name === 'env' ? decodeScalar(value) : value, origin: set };
    }
    if (second === undefined) {
      throw failure(
        origin,
        `the environment variable ${first}`,
        'none',
        `Set ${first}, or give a default: \${${name}:${first},…}`,
      );
    }
    const isNull = !quoted[1] && second === 'null';
    const fallback = isNull ? null : name === 'env' && !quoted[1] ? decodeScalar(second) : second;
    return { kind: 'scalar', value: fallback, origin };
  }
  if (name === 'oc.decode') {
    const [source] = args[0] ?? [];
    const inner = args[0]?.length === 1 && source ? resolvePart(source, origin, path, resolution) : undefined;
    return { kind: 'scalar', value: decodeScalar(first), origin: inner?.origin ?? origin };
  }
  if (name === 'oc.select') {
    const found = selectNode(resolution.root, first.split('.'));
    if (found === undefined || (found.kind === 'scalar' && found.value === MISSING)) {
      return {
        kind: 'scalar',
        value: second === undefined ? null : quoted[1] ? second : decodeScalar(second),
        origin,
      };
    }
    return selectResolved(first.split('.'), origin, resolution);
  }
  throw failure(origin, 'one of the resolvers env, oc.env, oc.decode, oc.select', name);
}

/** A word as a number, boolean or null if it is one. */
function decodeScalar(text: string): Scalar {
  const trimmed = text.trim();
  if (/^[+-]?(?:(?:0|[1-9][0-9_]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(trimmed))
    return Number(trimmed.replaceAll('_', ''));
  if (/^(?:true|false)$/i.test(trimmed)) return trimmed.toLowerCase() === 'true';
  return /^null$/i.test(trimmed) ? null : text;
}

/** Formats a value inside a string as OmegaConf does, in Python's notation. */
function formatScalar(value: Scalar): string {
  if (value === null) return 'None';
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
}

function parseAt(text: string, origin: Origin): InterpolationPart[] {
  try {
    return parseInterpolation(text);
  } catch (error) {
    if (error instanceof InterpolationSyntax) throw failure(origin, error.message, `"${text}"`);
    throw error;
  }
}

function failure(origin: Origin, expected: string, got: string, hint = 'See all values with --cfg.'): Error {
  return appError('CONFIG_INTERPOLATION', { where: formatOrigin(origin), expected, got, hint });
}
