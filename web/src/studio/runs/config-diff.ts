// Compares the configurations of runs: which keys have different values.

export type ConfigValue = string | number | boolean | null | readonly ConfigValue[];
export type FlatConfig = Readonly<Record<string, ConfigValue>>;

export interface ConfigRow {
  readonly key: string;
  /** One for each configuration, in their order; undefined: the configuration has no such key. */
  readonly values: readonly (ConfigValue | undefined)[];
  readonly differs: boolean;
}

/** All keys of the configurations in alphabetical order. */
export function compareConfigs(configs: readonly FlatConfig[]): ConfigRow[] {
  const keys = [...new Set(configs.flatMap((config) => Object.keys(config)))].sort();
  return keys.map((key) => {
    const values = configs.map((config) => config[key]);
    return { key, values, differs: new Set(values.map((value) => JSON.stringify(value))).size > 1 };
  });
}

/** Flattens nested objects: `{a: {b: 1}}` becomes `{'a.b': 1}`. A list of scalars stays a list. */
export function flattenConfig(config: unknown, prefix = ''): Record<string, ConfigValue> {
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    return { [prefix]: config as ConfigValue };
  return Object.assign(
    {},
    ...Object.entries(config).map(([key, value]) =>
      flattenConfig(value, prefix === '' ? key : `${prefix}.${key}`),
    ),
  );
}
