// Arguments that name data, among overrides of the configuration.

/** Overrides have the form of `key=value`, `+key=value` or `~key`; all other arguments name data. */
export function splitDataArguments(args: readonly string[]) {
  const isOverride = (arg: string): boolean =>
    /^(?:\+{0,2}[A-Za-z_][\w.@/-]*=|~[A-Za-z_])/.test(arg) && !arg.startsWith('~/');
  return { references: args.filter((arg) => !isOverride(arg)), overrides: args.filter(isOverride) };
}

/** The choices of `data` ask for a path, which is named without a key here. */
export function addDataPath(overrides: readonly string[], path: string | undefined): readonly string[] {
  const needsPath =
    overrides.some((one) => one.startsWith('data=')) &&
    !overrides.some((one) => one.startsWith('data.path='));
  return needsPath && path !== undefined ? [...overrides, `data.path=${JSON.stringify(path)}`] : overrides;
}
