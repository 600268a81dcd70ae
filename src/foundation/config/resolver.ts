// The resolvers of interpolations: OmegaConf's `oc.env`, `oc.select`, `oc.decode`, `oc.create`, `oc.deprecated`, `oc.dict.keys`
// and `oc.dict.values`, and `env`, which reads a variable and decodes it, as in Hydra 1.0.
import { findClosest } from './closest-name.ts';
import { type ConfigNode, MISSING, type Origin } from './config-node.ts';
import { formatPython } from './python-text.ts';

/** A value and where it stands. */
export interface Found {
  readonly node: ConfigNode;
  readonly path: readonly string[];
  /**
   * Whether each `${` in it is text that was escaped. Scalars always are resolved; the items of a list or map may still be
   * interpolations.
   */
  readonly isResolved: boolean;
}

/** What a resolver needs to know of the configuration around it. */
export interface ResolverContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly origin: Origin;
  /** The value under a key as written (`a.b`, `.sibling`), or that of an entry of its map; undefined if there is none. */
  readonly find: (key: string, entry?: string) => Found | undefined;
  /** Parses a text as one value. */
  readonly decode: (text: string, origin: Origin) => ConfigNode;
  readonly fail: (expected: string, got: string, hint?: string) => Error;
}

type Resolver = (args: readonly ConfigNode[], context: ResolverContext) => ConfigNode | Found;

/** Each resolver with the fewest and the most arguments that it takes. */
const resolvers: Readonly<Record<string, readonly [number, number, Resolver]>> = {
  env: [1, 2, (args, context) => readEnvironment('env', args, context)],
  'oc.env': [1, 2, (args, context) => readEnvironment('oc.env', args, context)],
  'oc.decode': [1, 1, ([value], context) => decode(value!, context)],
  'oc.create': [1, 1, ([value]) => value!],
  'oc.select': [1, 2, select],
  'oc.deprecated': [1, 2, ([key], context) => findMap('oc.deprecated', key!, context, false)],
  'oc.dict.keys': [
    1,
    1,
    ([key], context) => {
      const { node } = findMap('oc.dict.keys', key!, context, true);
      const keys = node.kind === 'map' ? [...node.entries.keys()] : [];
      const { origin } = context;
      return { kind: 'list', items: keys.map((value) => ({ kind: 'scalar', value, origin })), origin };
    },
  ],
  'oc.dict.values': [
    1,
    1,
    ([key], context) => {
      const { node } = findMap('oc.dict.values', key!, context, true);
      const names = node.kind === 'map' ? [...node.entries.keys()] : [];
      const written = textOf('oc.dict.values', key!, context);
      const found = names.map((name) => context.find(written, name)!);
      const list: ConfigNode = { kind: 'list', items: found.map((one) => one.node), origin: context.origin };
      return { node: list, path: [], isResolved: found.every((one) => one.isResolved) };
    },
  ],
};

/** Calls a resolver with its resolved arguments. */
export function callResolver(
  name: string,
  args: readonly ConfigNode[],
  context: ResolverContext,
): ConfigNode | Found {
  const entry = Object.hasOwn(resolvers, name) ? resolvers[name] : undefined;
  if (entry === undefined) {
    const known = Object.keys(resolvers);
    const closest = findClosest(name, known);
    throw context.fail(
      `one of the resolvers ${known.join(', ')}`,
      name,
      closest === undefined ? undefined : `Did you mean \${${closest}:…}?`,
    );
  }
  const [fewest, most, call] = entry;
  if (args.length < fewest || args.length > most) {
    const expected = fewest === most ? `${fewest}` : `${fewest} or ${most}`;
    throw context.fail(`${expected} arguments in \${${name}:…}`, `${args.length}`);
  }
  return call(args, context);
}

function readEnvironment(
  resolver: 'env' | 'oc.env',
  [key, fallback]: readonly ConfigNode[],
  context: ResolverContext,
): ConfigNode {
  const name = textOf(resolver, key!, context);
  const value = context.environment[name];
  if (value !== undefined) {
    const set: Origin = { kind: 'environment', name };
    return resolver === 'env' && value !== '' ? context.decode(value, set) : text(value, set);
  }
  if (fallback === undefined) {
    const hint = `Set ${name}, or give a default: \${${resolver}:${name},…}`;
    throw context.fail(`the environment variable ${name}`, 'none', hint);
  }
  if (resolver === 'env' || (fallback.kind === 'scalar' && fallback.value === null)) return fallback;
  return text(formatPython(fallback), context.origin);
}

function decode(value: ConfigNode, context: ResolverContext): ConfigNode {
  if (value.kind === 'scalar' && value.value === null) return value;
  if (value.kind !== 'scalar' || typeof value.value !== 'string')
    throw context.fail('a text as the argument of oc.decode', formatPython(value));
  return context.decode(value.value, value.origin);
}

function select([key, fallback]: readonly ConfigNode[], context: ResolverContext): ConfigNode | Found {
  const found = context.find(textOf('oc.select', key!, context));
  const isMissing = found === undefined || (found.node.kind === 'scalar' && found.node.value === MISSING);
  return isMissing ? (fallback ?? { kind: 'scalar', value: null, origin: context.origin }) : found;
}

/** The value under a key; for the resolvers of maps it must be a map. */
function findMap(resolver: string, key: ConfigNode, context: ResolverContext, wantsMap: boolean): Found {
  const name = textOf(resolver, key, context);
  const found = context.find(name);
  if (found === undefined) throw context.fail('the name of a key', `"${name}"`);
  if (wantsMap && found.node.kind !== 'map')
    throw context.fail(`a map in \${${resolver}:…}`, `a ${found.node.kind}`);
  return found;
}

function textOf(resolver: string, node: ConfigNode, context: ResolverContext): string {
  if (node.kind === 'scalar' && typeof node.value === 'string' && node.value !== '') return node.value;
  throw context.fail(`a name in \${${resolver}:…}`, `"${formatPython(node)}"`);
}

function text(value: string, origin: Origin): ConfigNode {
  return { kind: 'scalar', value, origin };
}
