// Which setting of a training a parameter of a sweep means: by our name, by the name of a group, or by the name that another
// trainer gave it. An unknown name is refused with the closest one.
import { findClosest, type PlainValue } from '../../foundation/config/index.ts';
import { appError } from '../../foundation/core/index.ts';
import type { Parameter, SearchValue } from '../../learning/search/index.ts';
import { formatOverrideValue, listKeyChoices, translateName } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';

type ConfigSearch = Pick<WorkflowContext, 'workingDirectory' | 'configDirs' | 'searchesConfigs'>;

/** A parameter with the name that it has here. */
export interface NamedParameter {
  readonly name: string;
  readonly parameter: Parameter;
  /** Overrides by value as JSON, where they are not NAME=VALUE. */
  readonly spelling: Readonly<Record<string, readonly string[]>>;
}

export type Naming = NamedParameter | { readonly unused: string };

export interface SettingNames {
  /** @throws SWEEP_INVALID for a name that nothing has */
  resolve(path: readonly string[], parameter: Parameter): Naming;
}

/**
 * The names that a training knows with these overrides.
 * @param alternatives  overrides of groups that the sweep tries, such as `model=linear`: their keys are known, too
 */
export function openSettingNames(
  overrides: readonly string[],
  alternatives: readonly string[],
  search: ConfigSearch,
): SettingNames {
  const tables = [[], ...alternatives.map((alternative) => [alternative])].map((extra) =>
    listKeyChoices('train', [...overrides, ...extra], search),
  );
  const groups = new Map(tables.flatMap((table) => [...table.groups]));
  const keys = new Set(tables.flatMap((table) => [...table.keys.keys()]));

  return {
    resolve(path, parameter) {
      const name = path.join('.');
      const plain: NamedParameter = { name, parameter, spelling: {} };
      const choices = groups.get(name);
      const values = listValues(parameter);
      if (choices !== undefined && values.every((value) => choices.includes(String(value)))) return plain;
      if (keys.has(name) && choices === undefined) return plain;
      const found = translateName(path, values as readonly PlainValue[], search);
      if (found.kind === 'unused') return { unused: found.why };
      if (found.kind === 'known') return rename(name, parameter, values, found.overrides, groups);
      const known = [...keys, ...groups.keys()];
      const closest =
        findClosest(name, known) ?? findClosest(path.at(-1)!, known.map(lastPart)) ?? found.closest;
      const ours = known.find((key) => key === closest || lastPart(key) === closest) ?? closest;
      throw appError('SWEEP_INVALID', {
        problem: `parameter ${name}: expected a setting of a training, got an unknown one`,
        hint:
          ours === null || ours === undefined
            ? 'veracity train --cfg lists the settings.'
            : `Did you mean ${ours}? veracity train --cfg lists the settings.`,
      });
    },
  };
}

/** The parameter under our name. A value whose overrides are not NAME=VALUE keeps them beside it. */
function rename(
  theirs: string,
  parameter: Parameter,
  values: readonly SearchValue[],
  overrides: readonly (readonly string[])[],
  groups: ReadonlyMap<string, readonly string[]>,
): NamedParameter {
  const keys = new Set(overrides.map((texts) => (texts.length === 1 ? splitOverride(texts[0]!)[0] : '')));
  const [key = ''] = keys;
  const isOneKey = keys.size === 1 && key !== '';
  if (isOneKey && (parameter.kind !== 'categorical' || !groups.has(key))) {
    const isPlain = overrides.every(([text], i) => text === `${key}=${formatOverrideValue(values[i]!)}`);
    if (isPlain) return { name: key, parameter, spelling: {} };
  }
  if (parameter.kind !== 'categorical') return { name: key === '' ? theirs : key, parameter, spelling: {} };
  if (isOneKey && groups.has(key)) {
    const choices = [...new Set(overrides.map(([text]) => splitOverride(text!)[1]))];
    return { name: key, parameter: { ...parameter, choices }, spelling: {} };
  }
  const spelling = Object.fromEntries(overrides.map((texts, i) => [JSON.stringify(values[i]), texts]));
  return { name: theirs, parameter, spelling };
}

/** All choices; of a range its ends, which stand for the rest. */
function listValues(parameter: Parameter): readonly SearchValue[] {
  return parameter.kind === 'categorical' ? parameter.choices : [parameter.low, parameter.high];
}

function splitOverride(text: string): [key: string, value: string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
