// A configuration as dotted paths with their values, such as `optimizer.lr`: how filters, tables, comparisons and trackers
// name a setting.

/** In the order of the configuration. Lists and empty groups are values. */
export function flattenConfig(config: Readonly<Record<string, unknown>>): Map<string, unknown> {
  return new Map(listValues(config, ''));
}

function* listValues(
  group: Readonly<Record<string, unknown>>,
  prefix: string,
): Generator<readonly [string, unknown]> {
  for (const [key, value] of Object.entries(group)) {
    if (isGroup(value) && Object.keys(value).length > 0) yield* listValues(value, `${prefix}${key}.`);
    else if (value !== undefined) yield [`${prefix}${key}`, value];
  }
}

/** The value or the group at a path; undefined if there is none. */
export function findConfigValue(config: Readonly<Record<string, unknown>>, path: string): unknown {
  let value: unknown = config;
  for (const part of path.split('.')) {
    if (!isGroup(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
