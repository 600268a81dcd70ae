// Converts the value of an override into a plain value, and a text into a quoted override value.

import { invariant } from '../core/index.ts';
import { type ConfigNode, createNode, type Origin, type PlainValue } from './config-node.ts';
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
  return createNode(toPlainValue(value), origin);
}

/** Quotes `text` so that parsing the result gives `text` again, whatever characters it holds. */
export function quoteText(text: string): string {
  // Backslashes are escapes only before a quote or at the end.
  return `'${text.replace(/(\\*)'/g, "$1$1\\'").replace(/(\\+)$/, '$1$1')}'`;
}
