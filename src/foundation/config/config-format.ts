// Formats a resolved configuration as YAML; a comment behind each value says where it was set. --cfg prints this text
// and each run keeps it. Parsing it gives the same values.
import { stringify } from 'yaml';
import type { ComposedConfig } from './config-compose.ts';
import { type ConfigNode, formatOrigin, type Origin, toPlain, walkNodes } from './config-node.ts';
import { maskSecrets } from './secret-mask.ts';

const COMMENT_COLUMN = 40;

/**
 * YAML with the origin behind each value and secrets masked; comments at the top name the folders that were searched and
 * the choice of each group.
 */
export function formatConfigWithOrigins(
  composed: Pick<ComposedConfig, 'entry' | 'searchPath' | 'root' | 'choices'>,
): string {
  const folders = composed.searchPath.map(({ shownAs }) => shownAs).join(', ');
  const choices = [...composed.choices].map(([group, { choice, origin }]) =>
    commented(`# ${group}=${choice ?? 'null'}`, formatOrigin(origin), ''),
  );
  return `${[`# files searched in: ${folders}`, ...choices, ...formatEntries(maskSecrets(composed.root), '', true)].join('\n')}\n`;
}

/** YAML without comments. */
export function formatConfig(root: ConfigNode): string {
  return `${formatEntries(root, '', false).join('\n')}\n`;
}

/** The origin of each value by dotted path; --json prints it. */
export function listOrigins(root: ConfigNode): Record<string, string> {
  const leaves = [...walkNodes(maskSecrets(root))].filter(([, node]) => isLeaf(node));
  return Object.fromEntries(leaves.map(([path, node]) => [path.join('.'), formatOrigin(node.origin)]));
}

function formatEntries(node: ConfigNode, indent: string, withOrigins: boolean): string[] {
  if (node.kind === 'map') {
    return [...node.entries].flatMap(([key, item]) =>
      formatItem(`${formatKey(key)}:`, item, indent, withOrigins),
    );
  }
  if (node.kind === 'list') return node.items.flatMap((item) => formatItem('-', item, indent, withOrigins));
  return [];
}

function formatItem(lead: string, item: ConfigNode, indent: string, withOrigins: boolean): string[] {
  if (!isLeaf(item)) return [`${indent}${lead}`, ...formatEntries(item, `${indent}  `, withOrigins)];
  const line = `${indent}${lead} ${formatLeaf(item)}`;
  return [withOrigins ? commented(line, formatOriginComment(item.origin)) : line];
}

/** True for what is written on one line: scalars, empty maps and lists, and lists of scalars. */
function isLeaf(node: ConfigNode): boolean {
  if (node.kind === 'list') return node.items.every((item) => item.kind === 'scalar');
  return node.kind === 'scalar' || node.entries.size === 0;
}

function formatLeaf(node: ConfigNode): string {
  if (node.kind === 'map') return '{}';
  if (node.kind === 'list') return `[${node.items.map(formatLeaf).join(', ')}]`;
  const { value } = node;
  if (typeof value !== 'string') return stringify(toPlain(node)).trim();
  return quoteIfNeeded(value);
}

function formatKey(key: string): string {
  return quoteIfNeeded(key);
}

/**
 * The text without quotes if YAML can read it only as this string, else a JSON string, which is valid YAML too except
 * for a few line separators.
 */
function quoteIfNeeded(text: string): string {
  const isPlain =
    /^[A-Za-z_./][\w ./@+-]*$/.test(text) &&
    !text.endsWith(' ') &&
    !/^(?:true|false|null|~|\.inf|\.nan)$/i.test(text);
  if (isPlain && !/^\.?\d/.test(text)) return text;
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function formatOriginComment(origin: Origin): string {
  return formatOrigin(origin);
}

function commented(line: string, comment: string, mark = '# '): string {
  return `${line.padEnd(COMMENT_COLUMN)} ${mark}${comment.replace(/[\r\n]+/g, ' ')}`;
}
