// Flattens a configuration to dotted names and plain values, as trackers show it.
import type { ExportedValue } from './export-target.ts';

/** Lists and empty maps become JSON, null becomes "null". */
export function flattenParameters(config: unknown, prefix = ''): Record<string, ExportedValue> {
  if (typeof config === 'object' && config !== null && !Array.isArray(config)) {
    const entries = Object.entries(config).filter(([, value]) => value !== undefined);
    if (entries.length > 0 || prefix === '')
      return Object.assign(
        {},
        ...entries.map(([key, value]) => flattenParameters(value, prefix === '' ? key : `${prefix}.${key}`)),
      );
  }
  const isPlain = typeof config === 'string' || typeof config === 'number' || typeof config === 'boolean';
  return { [prefix]: isPlain ? config : JSON.stringify(config) };
}
