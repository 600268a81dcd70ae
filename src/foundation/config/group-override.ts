// Collects choices of groups that overrule a default: from the command line, and from `override group: choice` lines.
// The command line wins over files; among files the one visited first wins (files are visited from the last default
// backwards).
import { appError } from '../core/index.ts';
import { findClosest } from './closest-name.ts';
import type { Origin } from './config-node.ts';
import { formatOrigin } from './config-node.ts';
import type { ConfigRepository } from './config-repository.ts';
import type { Override } from './override.ts';
import { toPlainValue } from './override-value.ts';

type Choice = string | readonly string[] | null;

export interface ChosenGroup {
  readonly choice: Choice;
  readonly origin: Origin;
}

export interface GroupOverrides {
  /** By override key (`db`, `db@package`). */
  readonly chosen: Map<string, ChosenGroup>;
  readonly used: Set<string>;
  /** `~db` and `~db=choice`. */
  readonly deleted: Map<string, { readonly choice: string | null; readonly origin: Origin; used: boolean }>;
  /** `+db=choice`, appended to the root's defaults. */
  readonly appended: readonly {
    readonly group: string;
    readonly package: string | null;
    readonly choice: Choice;
    readonly origin: Origin;
  }[];
}

/**
 * Separates overrides of groups from overrides of values.
 * @throws CONFIG_OVERRIDE
 */
export function separateOverrides(
  overrides: readonly Override[],
  repository: ConfigRepository,
): { groups: GroupOverrides; values: readonly Override[] } {
  const appended: GroupOverrides['appended'][number][] = [];
  const groups: GroupOverrides = { chosen: new Map(), used: new Set(), deleted: new Map(), appended };
  const values: Override[] = [];
  for (const override of overrides) {
    const origin: Origin = { kind: 'command line', override: override.text };
    const isGroup = override.value?.kind !== 'map' && repository.isGroup(override.key);
    if (!isGroup) {
      if (override.package !== null) throw noSuchGroup(override, repository);
      values.push(override);
      continue;
    }
    const key = override.package === null ? override.key : `${override.key}@${override.package}`;
    const choice = override.value === null ? null : toChoice(override);
    if (override.action === 'set')
      throw cannot(override, 'a group chosen by group=choice or +group=choice', 'Use one + or none.');
    if (override.action === 'delete') {
      if (Array.isArray(choice)) throw cannot(override, 'one choice to delete', `Use ~${key}.`);
      groups.deleted.set(key, { choice: choice as string | null, origin, used: false });
    } else if (override.action === 'add')
      appended.push({ group: override.key, package: override.package, choice, origin });
    else groups.chosen.set(key, { choice, origin });
  }
  return { groups, values };
}

/** @throws CONFIG_OVERRIDE if a choice or a deletion matches no default */
export function assertAllUsed(groups: GroupOverrides, knownKeys: readonly string[]): void {
  for (const [key, { choice, origin }] of groups.chosen) {
    if (groups.used.has(key)) continue;
    const ofGroup = knownKeys.filter((known) => known.split('@')[0] === key.split('@')[0]);
    const closest = findClosest(key, knownKeys);
    if (ofGroup.length === 0 && closest !== undefined) ofGroup.push(closest);
    const suggestion =
      ofGroup.length > 0
        ? `Did you mean ${ofGroup.sort().join(' or ')}?`
        : `To add it to the defaults: +${key}=${choice}`;
    throw appError('CONFIG_OVERRIDE', {
      where: formatOrigin(origin),
      expected: 'a group of the defaults list',
      got: key,
      hint: suggestion,
    });
  }
  for (const [key, { origin, used }] of groups.deleted) {
    if (used) continue;
    throw appError('CONFIG_OVERRIDE', {
      where: formatOrigin(origin),
      expected: 'a default that can be deleted',
      got: key,
      hint: `The defaults list has ${knownKeys.join(', ') || 'no groups'}.`,
    });
  }
}

function toChoice(override: Override): Choice {
  const value = toPlainValue(override.value!);
  if (value === null || typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value as string[];
  throw cannot(
    override,
    `the name of a choice for the group ${override.key}`,
    'Quote a name that looks like a number.',
  );
}

function noSuchGroup(override: Override, repository: ConfigRepository): Error {
  const closest = findClosest(override.key, repository.listGroups(''));
  return cannot(
    override,
    `a group before @, got "${override.key}"`,
    closest ? `Did you mean ${closest}@${override.package}?` : '',
  );
}

function cannot(override: Override, expected: string, hint: string): Error {
  return appError('CONFIG_OVERRIDE', {
    where: `command line: ${override.text}`,
    expected,
    got: 'something else',
    hint,
  });
}
