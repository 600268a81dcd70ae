// Puts single values of one configuration into another.

/**
 * @param paths  dotted paths, such as `evaluate.collections`, or groups, such as `evaluate`
 * @returns `to` with the values that `from` has at `paths`
 */
export function copyPaths<T>(paths: readonly string[], from: T, to: T): T {
  return paths.reduce((merged, path) => copyPath(path.split('.'), from, merged), to);
}

function copyPath<T>(path: readonly string[], from: T, to: T): T {
  const [key, ...rest] = path;
  if (key === undefined || !isPlainObject(from) || !isPlainObject(to)) return from;
  return { ...to, [key]: copyPath(rest, from[key], to[key]) };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
