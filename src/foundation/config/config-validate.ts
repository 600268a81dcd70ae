// Checks a composed configuration against its zod schema and reports all problems at once, each with the file and line
// (or the override) that set the value. Messages name keys as people type them.
import { z } from 'zod';
import { appError, type Issue } from '../core/index.ts';
import { suggestPath } from './closest-name.ts';
import type { ComposedConfig } from './config-compose.ts';
import { type ConfigNode, deepestNode, formatOrigin, MISSING, toPlain, walkNodes } from './config-node.ts';

/**
 * @returns the typed configuration
 * @throws CONFIG_INVALID with one issue for each problem; CONFIG_VALUE_MISSING where the only problem is `???`
 */
export function validateConfig<T>(composed: ComposedConfig, schema: z.ZodType<T>): T {
  const missing = [...walkNodes(composed.root)].filter(
    ([, node]) => node.kind === 'scalar' && node.value === MISSING,
  );
  const result = schema.safeParse(toPlain(composed.root));
  if (missing.length === 1 && (result.success || onlyAbout(result.error, missing[0]![0]))) {
    const [path, node] = missing[0]!;
    const key = path.join('.');
    throw appError('CONFIG_VALUE_MISSING', {
      where: formatOrigin(node.origin),
      key,
      hint: `Give it on the command line: ${key}=…`,
    });
  }
  const issues: Issue[] = missing.map(([path, node]) => ({
    path: path.join('.'),
    code: 'CONFIG_VALUE_MISSING',
    message: `${formatOrigin(node.origin)}: expected a value for ${path.join('.')}, got ${MISSING}`,
  }));
  const missingPaths = new Set(issues.map((issue) => issue.path));
  if (!result.success) {
    const found = result.error.issues.flatMap((issue) => createIssues(issue, composed.root, schema));
    issues.push(...found.filter((issue) => !missingPaths.has(issue.path)));
  }
  const problem =
    issues.length === 1
      ? issues[0]!.message
      : `configuration ${composed.entry}: expected every value to fit its schema, got ${issues.length} that do not`;
  if (issues.length > 0) throw appError('CONFIG_INVALID', { problem }, { issues });
  return (result as { data: T }).data;
}

function onlyAbout(error: z.ZodError, path: readonly string[]): boolean {
  return error.issues.every((issue) => issue.path.join('.') === path.join('.'));
}

function createIssues(issue: z.core.$ZodIssue, root: ConfigNode, schema: z.ZodType): Issue[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = knownPaths(schema, root);
    return issue.keys.map((key) => {
      const full = [...path, key].join('.');
      const where = formatOrigin(deepestNode(root, [...path, key]).origin);
      return {
        path: full,
        code: 'CONFIG_KEY_UNKNOWN',
        message: `${where}: expected a known key, got ${full}. ${suggestPath(full, known)}`,
      };
    });
  }
  const key = path.join('.') || 'the configuration';
  const { where, got } = describeValues(issue, root, path);
  return [
    {
      path: path.join('.'),
      code: 'CONFIG_INVALID',
      message: `${where}: expected ${key} to be ${expectation(issue)}, got ${got}`,
    },
  ];
}

/**
 * Where the wrong value was set, and what it is. A rule about several keys of a map names them in `params.keys`, and what they
 * are together in `params.got`; then the places are those of these keys, of the command line if any of them was set there.
 */
function describeValues(
  issue: z.core.$ZodIssue,
  root: ConfigNode,
  path: readonly string[],
): { where: string; got: string } {
  const params = issue.code === 'custom' ? (issue.params as { keys?: string[]; got?: string }) : undefined;
  if (params?.keys === undefined || params.got === undefined)
    return { where: formatOrigin(deepestNode(root, path).origin), got: formatValueAt(root, path) };
  const origins = params.keys.map((name) => deepestNode(root, [...path, name]).origin);
  const typed = origins.filter(({ kind }) => kind === 'command line');
  const places = (typed.length > 0 ? typed : origins).map(formatOrigin);
  return { where: [...new Set(places)].join(', ').replaceAll(', command line: ', ' '), got: params.got };
}

function formatValueAt(root: ConfigNode, path: readonly string[]): string {
  let node: ConfigNode | undefined = root;
  for (const key of path) {
    if (node?.kind === 'map') node = node.entries.get(key);
    else if (node?.kind === 'list') node = node.items[Number(key)];
  }
  if (node === undefined) return 'nothing';
  if (node.kind !== 'scalar') return `a ${node.kind}`;
  const text = JSON.stringify(toPlain(node));
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeWord(issue.expected);
    case 'invalid_value':
      return issue.values.length === 1
        ? JSON.stringify(issue.values[0])
        : `one of ${issue.values.map((v) => JSON.stringify(v)).join(', ')}`;
    case 'too_small':
      return `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${lengthWord(issue.origin)}`;
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${lengthWord(issue.origin)}`;
    case 'invalid_union':
      return unionExpectation(issue);
    default:
      return issue.message;
  }
}

function unionExpectation(issue: z.core.$ZodIssueInvalidUnion): string {
  const inner = issue.errors.flatMap((errors) => errors.slice(0, 1).map(expectation));
  return inner.length > 0 ? [...new Set(inner)].join(' or ') : 'one of the known kinds';
}

function typeWord(expected: string): string {
  if (expected === 'int') return 'a whole number';
  if (expected === 'object' || expected === 'record') return 'a map';
  if (expected === 'array') return 'a list';
  if (expected === 'boolean') return 'true or false';
  return expected === 'string' ? 'a text' : `a ${expected}`;
}

function lengthWord(origin: string): string {
  return origin === 'string' ? ' characters long' : origin === 'array' ? ' items long' : '';
}

/** Every dotted path of the schema; of a union, the paths of the branch that matches the `kind` of `node`. */
function knownPaths(schema: z.core.$ZodType, node: ConfigNode | undefined, prefix = ''): string[] {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional)
    return knownPaths(schema.unwrap(), node, prefix);
  if (schema instanceof z.ZodUnion) {
    const kind = node?.kind === 'map' ? node.entries.get('kind') : undefined;
    const branches = schema.options.filter(
      (option) => kind?.kind !== 'scalar' || acceptsKind(option, kind.value),
    );
    return [...new Set(branches.flatMap((option) => knownPaths(option, node, prefix)))];
  }
  if (schema instanceof z.ZodLazy) return knownPaths(schema.unwrap(), node, prefix);
  if (schema instanceof z.ZodRecord)
    return [...(node?.kind === 'map' ? node.entries : [])].flatMap(([key, child]) =>
      knownPaths(schema.valueType, child, `${prefix}${key}.`),
    );
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).flatMap(([key, inner]) => {
    const child = node?.kind === 'map' ? node.entries.get(key) : undefined;
    return [`${prefix}${key}`, ...knownPaths(inner as z.core.$ZodType, child, `${prefix}${key}.`)];
  });
}

function acceptsKind(option: z.core.$ZodType, kind: unknown): boolean {
  return option instanceof z.ZodObject && (option.shape.kind as z.ZodType).safeParse(kind).success;
}
