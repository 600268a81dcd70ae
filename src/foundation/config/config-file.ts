// Parses one YAML file of a configuration: its values with line numbers, its `# @package` header and its defaults list.
// Files are YAML 1.2, so `no` and `on` are strings. Unlike in Hydra, other comment lines may precede the header.
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { appError } from '../core/index.ts';
import type { ConfigNode, MapNode, Origin, Scalar } from './config-node.ts';
import { LARGEST_INTEGER } from './override-lexer.ts';

/** One line of a defaults list. */
export type DefaultEntry =
  | { readonly kind: 'self'; readonly line: number }
  | { readonly kind: 'config'; readonly path: string; readonly package: string | null; readonly line: number }
  | {
      readonly kind: 'group';
      /** As written in the file: relative to the file's group, or absolute with a leading slash. */
      readonly group: string;
      /** null chooses no file; a list merges several files. */
      readonly choice: string | readonly string[] | null;
      readonly package: string | null;
      readonly optional: boolean;
      readonly override: boolean;
      readonly line: number;
    };

export interface ConfigFile {
  /** The path as messages show it. */
  readonly shownPath: string;
  /** From `# @package X`; null when there is none. */
  readonly packageHeader: string | null;
  /** Empty when the file has no defaults list. */
  readonly defaults: readonly DefaultEntry[];
  /** Everything but `defaults`. */
  readonly content: MapNode;
}

/** @throws CONFIG_FILE_INVALID naming file and line */
export function parseYamlFile(text: string, shownPath: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fail = (line: number, expected: string, got: string): Error =>
    appError('CONFIG_FILE_INVALID', { file: shownPath, line, expected, got });
  const [problem] = document.errors;
  if (problem !== undefined)
    throw fail(lines.linePos(problem.pos[0]).line, 'well-formed YAML', problem.message);

  const originOf = (node: Node): Origin => ({
    kind: 'file',
    path: shownPath,
    line: node.range ? lines.linePos(node.range[0]).line : 1,
  });

  function convert(node: unknown, fallback: Origin): ConfigNode {
    if (isAlias(node)) return convert(node.resolve(document), fallback);
    if (isMap(node)) return convertMap(node.items, originOf(node));
    if (isSeq(node)) {
      return {
        kind: 'list',
        items: node.items.map((item) => convert(item, fallback)),
        origin: originOf(node),
      };
    }
    if (!isScalar(node)) return { kind: 'scalar', value: null, origin: fallback };
    const value = node.value as Scalar;
    if (typeof value !== 'number') return { kind: 'scalar', value, origin: originOf(node) };
    const isFloat = !/^[-+]?(?:\d+|0o[0-7]+|0x[\da-f]+)$/i.test(node.source ?? '');
    if (!isFloat && !Number.isSafeInteger(value))
      throw fail(lineOf(originOf(node)), LARGEST_INTEGER, node.source ?? String(value));
    return {
      kind: 'scalar',
      value: isFloat ? value : value + 0, // -0 is 0 as an integer
      ...(isFloat && { isFloat }),
      origin: originOf(node),
    };
  }

  function convertMap(items: readonly { key: unknown; value: unknown }[], origin: Origin): MapNode {
    const entries = new Map<string, ConfigNode>();
    for (const { key, value } of items) {
      const keyOrigin = isScalar(key) ? originOf(key) : origin;
      if (!isScalar(key)) throw fail(lineOf(keyOrigin), 'a word as a key', 'something else');
      const converted = convert(value, keyOrigin);
      // The origin of a map is the line of its key, not the line below.
      const placed = converted.kind === 'map' ? { ...converted, origin: keyOrigin } : converted;
      if (key.value === '<<' && placed.kind === 'map') {
        for (const [name, inherited] of placed.entries) if (!entries.has(name)) entries.set(name, inherited);
      } else entries.set(key.source ?? String(key.value), placed);
    }
    return { kind: 'map', entries, origin };
  }

  const start: Origin = { kind: 'file', path: shownPath, line: 1 };
  const root =
    document.contents === null
      ? { kind: 'map' as const, entries: new Map(), origin: start }
      : convert(document.contents, start);
  const content =
    root.kind === 'scalar' && root.value === null
      ? { kind: 'map' as const, entries: new Map(), origin: start }
      : root;
  if (content.kind !== 'map') throw fail(1, 'a map of keys and values', `a ${content.kind}`);
  const { defaults, ...rest } = {
    defaults: content.entries.get('defaults'),
    entries: new Map(content.entries),
  };
  rest.entries.delete('defaults');
  return {
    shownPath,
    packageHeader: parsePackageHeader(text),
    defaults: defaults === undefined ? [] : parseDefaults(defaults, fail),
    content: { kind: 'map', entries: rest.entries, origin: start },
  };
}

type Fail = (line: number, expected: string, got: string) => Error;

function parseDefaults(node: ConfigNode, fail: Fail): DefaultEntry[] {
  if (node.kind !== 'list') throw fail(lineOf(node.origin), 'a list under `defaults`', `a ${node.kind}`);
  return node.items.map((item) => parseDefault(item, fail));
}

function parseDefault(item: ConfigNode, fail: Fail): DefaultEntry {
  const line = lineOf(item.origin);
  if (item.kind === 'scalar' && typeof item.value === 'string') {
    if (item.value === '_self_') return { kind: 'self', line };
    const { name, package: packageName } = splitPackage(item.value);
    return { kind: 'config', path: name, package: packageName, line };
  }
  const [entry] = item.kind === 'map' ? item.entries : [];
  if (item.kind !== 'map' || entry === undefined || item.entries.size !== 1) {
    throw fail(
      line,
      'one `group: choice` or a config name in each default',
      item.kind === 'map' ? `${item.entries.size} keys` : 'something else',
    );
  }
  const [key, value] = entry;
  const words = key.split(' ').filter((word) => word !== '');
  const { name, package: packageName } = splitPackage(words.at(-1) ?? '');
  const keywords = words.slice(0, -1);
  const unknown = keywords.find((word) => word !== 'optional' && word !== 'override');
  if (unknown !== undefined || name === '')
    throw fail(line, 'optional, override or a group name', `"${key}"`);
  return {
    kind: 'group',
    group: name,
    choice: parseChoice(value, fail),
    package: packageName,
    optional: keywords.includes('optional'),
    override: keywords.includes('override'),
    line,
  };
}

function parseChoice(value: ConfigNode, fail: Fail): string | string[] | null {
  const line = lineOf(value.origin);
  if (value.kind === 'scalar' && (value.value === null || typeof value.value === 'string'))
    return value.value;
  if (value.kind !== 'list')
    throw fail(line, 'the name of a choice, a list of names or null', 'something else');
  return value.items.map((item) => {
    if (item.kind !== 'scalar' || typeof item.value !== 'string')
      throw fail(line, 'names of choices', 'something else');
    return item.value;
  });
}

function splitPackage(text: string): { name: string; package: string | null } {
  const at = text.indexOf('@');
  return at === -1 ? { name: text, package: null } : { name: text.slice(0, at), package: text.slice(at + 1) };
}

function parsePackageHeader(text: string): string | null {
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed !== '' && !trimmed.startsWith('#')) return null;
    const match = /^#+\s*@package\s+(\S+)$/.exec(trimmed);
    if (match) return match[1]!;
  }
  return null;
}

function lineOf(origin: Origin): number {
  return origin.kind === 'file' ? origin.line : 1;
}
