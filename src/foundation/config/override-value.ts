// Between override values and configuration nodes.

import { invariant } from '../core/index.ts';
import { type ConfigNode, createNode, type Origin, type PlainValue } from './config-node.ts';
import { isSweep, type OverrideValue } from './override.ts';

/** The value without its syntax. Sweeps have none: see assertNoSweep. */
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

/** `text` as a quoted value that parses back to it, whatever it holds. */
export function quoteText(text: string): string {
  // Backslashes count only before a quote or at the end.
  return `'${text.replace(/(\\*)'/g, "$1$1\\'").replace(/(\\+)$/, '$1$1')}'`;
}
