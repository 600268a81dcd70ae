// Converts the value of an override into a plain value, and a text into a quoted override value.

import { invariant } from '../core/index.ts';
import type { ConfigNode, Origin, PlainValue } from './config-node.ts';
import { isSweep, type OverrideValue } from './override.ts';

/** The plain value of an override. A sweep has none; parseOverrides refuses sweeps before this is called. */
export function toPlainValue(value: OverrideValue): PlainValue {
  invariant(!isSweep(value), 'a sweep has no single value');
  if (value.kind === 'list') return value.items.map(toPlainValue);
  if (value.kind === 'map')
    return Object.fromEntries(value.entries.map(([key, item]) => [key, toPlainValue(item)]));
  return value.value;
}

export function toConfigNode(value: OverrideValue, origin: Origin): ConfigNode {
  invariant(!isSweep(value), 'a sweep has no single value');
  if (value.kind === 'list')
    return { kind: 'list', items: value.items.map((item) => toConfigNode(item, origin)), origin };
  if (value.kind === 'map') {
    const entries = value.entries.map(([key, item]) => [key, toConfigNode(item, origin)] as const);
    return { kind: 'map', entries: new Map(entries), origin };
  }
  const isFloat = value.kind === 'scalar' && value.isFloat === true;
  return { kind: 'scalar', value: value.value, ...(isFloat && { isFloat }), origin };
}

/** Quotes `text` so that parsing the result gives `text` again, whatever characters it holds. */
export function quoteText(text: string): string {
  // Backslashes are escapes only before a quote or at the end.
  return `'${text.replace(/(\\*)'/g, "$1$1\\'").replace(/(\\+)$/, '$1$1')}'`;
}
