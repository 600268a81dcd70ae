// A configuration as dotted paths with their values, in the order of the configuration.

/** Yields every value that is no group; an empty group, and a list, is a value. */
export function* flattenValues(value: unknown, path = ''): Generator<readonly [string, unknown]> {
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    Object.keys(value).length === 0
  ) {
    yield [path, value];
    return;
  }
  for (const [key, item] of Object.entries(value))
    yield* flattenValues(item, path === '' ? key : `${path}.${key}`);
}
