// Builds the ordered list of files to merge, starting from an entry file: Hydra 1.3's defaults list. The tree is walked
// from the last default backwards, so that `override group: choice` in a later file applies to the groups before it.
import { appError } from '../core/index.ts';
import type { ConfigFile, DefaultEntry } from './config-file.ts';
import { MISSING, type Origin } from './config-node.ts';
import type { ConfigRepository } from './config-repository.ts';
import {
  type ChosenPlace,
  createPlace,
  type DefaultPlace,
  groupOf,
  nameOf,
  overrideKeyOf,
  type PlaceParent,
  packageOf,
} from './default-place.ts';
import { choiceMissing, choiceUnknown, wrongDefaults } from './defaults-error.ts';
import { assertAllUsed, type GroupOverrides } from './group-override.ts';

/** One file to merge, below `package` ('' for the root). */
export interface DefaultsItem {
  readonly name: string;
  readonly package: string;
  readonly file: ConfigFile;
}

export interface DefaultsList {
  readonly items: readonly DefaultsItem[];
  /** The choice of each group, by override key. */
  readonly choices: ReadonlyMap<string, { readonly choice: string | null; readonly origin: Origin }>;
}

interface Expansion {
  readonly repository: ConfigRepository;
  readonly groups: GroupOverrides;
  readonly choices: Map<string, { choice: string | null; origin: Origin }>;
  readonly knownKeys: Set<string>;
}

/**
 * Builds the list of an entry file.
 * @param entry  name of the entry file, such as `train`
 * @throws FILE_NOT_FOUND, CONFIG_DEFAULTS, CONFIG_CHOICE_UNKNOWN, CONFIG_OVERRIDE, CONFIG_VALUE_MISSING,
 *   CONFIG_FILE_INVALID
 */
export function buildDefaultsList(
  entry: string,
  repository: ConfigRepository,
  groups: GroupOverrides,
): DefaultsList {
  if (repository.load(entry) === undefined) {
    const folders = repository.searchPath.map((folder) => folder.shownAs).join(', ');
    throw appError('FILE_NOT_FOUND', {
      path: `${entry}.yaml`,
      kind: `entry configuration in ${folders || 'no folder'}`,
    });
  }
  const expansion: Expansion = { repository, groups, choices: new Map(), knownKeys: new Set() };
  const root: DefaultPlace['entry'] = { kind: 'config', path: entry, package: null, line: 1 };
  const origin: Origin = { kind: 'file', path: `${entry}.yaml`, line: 1 };
  const place: ChosenPlace = { ...createPlace(root, { group: '', package: '' }), origin, isRoot: true };
  const items = expand(place, expansion, [], false);
  assertNoDuplicates(items);
  assertAllUsed(groups, [...expansion.knownKeys]);
  return {
    items: items.map(({ name, package: packageName, file }) => ({ name, package: packageName, file })),
    choices: expansion.choices,
  };
}

type Result = DefaultsItem & { readonly key: string | null };

function expand(
  place: ChosenPlace,
  expansion: Expansion,
  ancestors: readonly string[],
  deferred: boolean,
): Result[] {
  const { groups, repository } = expansion;
  const key = place.entry.kind === 'group' ? overrideKeyOf(place) : null;
  const choice = place.choice as string | null;
  if (key !== null) {
    const deletion = groups.deleted.get(key);
    if (deletion !== undefined && (deletion.choice === null || deletion.choice === choice)) {
      deletion.used = true;
      return [];
    }
    recordChoice(key, choice, place, expansion);
  }
  if (choice === null) return [];
  if (choice === MISSING) throw choiceMissing(place, repository);
  const name = nameOf(place);
  if (ancestors.includes(name))
    throw wrongDefaults(
      place.origin,
      'files that do not include themselves',
      `${[...ancestors, name].join(' → ')}`,
    );
  const file = repository.load(name);
  if (file === undefined) {
    if (place.entry.kind === 'group' && place.entry.optional) return [];
    throw choiceUnknown(place, repository);
  }
  const here: PlaceParent = { group: groupOf(place), package: packageOf(place, file.packageHeader) };
  const self: Result = { name, package: here.package, file, key };
  const entries = withAppended(file, place, groups);
  if (entries.length === 0) return [self];
  registerOverrides(entries, file, here, expansion, deferred);
  const slots = expandEntries(entries, file, here, self, expansion, [...ancestors, name], deferred);
  return slots.length === 0 ? [self] : slots;
}

/** The file's defaults with `_self_` (last by default); for the root also what `+group=choice` adds. */
function withAppended(
  file: ConfigFile,
  place: ChosenPlace,
  groups: GroupOverrides,
): (DefaultEntry & { origin?: Origin })[] {
  const own = [...file.defaults];
  const selves = own.filter((entry) => entry.kind === 'self').length;
  if (selves > 1)
    throw wrongDefaults(
      { kind: 'file', path: file.shownPath, line: own[0]!.line },
      'one _self_',
      `${selves}`,
    );
  const appended = place.isRoot ? groups.appended : [];
  if (own.length === 0 && appended.length === 0) return [];
  const hasContent = own.length === 0 || own.some((entry) => !(entry.kind === 'group' && entry.override));
  if (selves === 0 && hasContent) own.push({ kind: 'self', line: 1 });
  return [
    ...own,
    ...appended.map((item) => ({
      kind: 'group' as const,
      ...item,
      optional: false,
      override: false,
      line: 0,
    })),
  ];
}

function registerOverrides(
  entries: readonly (DefaultEntry & { origin?: Origin })[],
  file: ConfigFile,
  here: PlaceParent,
  { groups }: Expansion,
  deferred: boolean,
): void {
  let seen: string | undefined;
  for (const entry of entries) {
    if (entry.kind === 'self') continue;
    const origin: Origin = { kind: 'file', path: file.shownPath, line: entry.line };
    const place = createPlace(entry, here);
    if (entry.kind !== 'group' || !entry.override) {
      if (seen === undefined || entry.origin !== undefined) continue;
      throw wrongDefaults(
        origin,
        'overrides at the end of the defaults list',
        `"override ${seen}" before this line`,
      );
    }
    seen = entry.group;
    if (deferred)
      throw wrongDefaults(origin, 'no overrides below an interpolated choice', `"override ${seen}"`);
    const key = overrideKeyOf(place);
    if (!groups.chosen.has(key)) groups.chosen.set(key, { choice: entry.choice, origin });
  }
}

function expandEntries(
  entries: readonly (DefaultEntry & { origin?: Origin })[],
  file: ConfigFile,
  here: PlaceParent,
  self: Result,
  expansion: Expansion,
  ancestors: readonly string[],
  deferred: boolean,
): Result[] {
  const slots: (readonly Result[] | ChosenPlace)[] = [];
  for (const entry of entries.toReversed()) {
    if (entry.kind === 'self') {
      slots.push([{ ...self, key: null }]);
      continue;
    }
    if (entry.kind === 'group' && entry.override) continue;
    const origin = entry.origin ?? { kind: 'file' as const, path: file.shownPath, line: entry.line };
    const place = applyChoice({ ...createPlace(entry, here), origin, isRoot: false }, expansion);
    if (Array.isArray(place.choice)) slots.push(expandList(place, here, expansion, ancestors, deferred));
    else if (isInterpolated(place)) slots.push(place);
    else slots.push(expand(place, expansion, ancestors, deferred));
  }
  // Interpolated choices (`db_${size}`) are resolved after all plain choices beside them.
  const resolved = slots.map((slot) =>
    Array.isArray(slot)
      ? (slot as readonly Result[])
      : expand(resolveChoice(slot as ChosenPlace, expansion), expansion, ancestors, true),
  );
  return resolved.reverse().flat();
}

function applyChoice(place: ChosenPlace, { groups }: Expansion): ChosenPlace {
  if (place.entry.kind !== 'group') return place;
  const key = overrideKeyOf(place);
  const chosen = groups.chosen.get(key);
  if (chosen === undefined) return place;
  groups.used.add(key);
  return { ...place, choice: chosen.choice, origin: chosen.origin };
}

/** Expands `group: [a, b]` to both files of the group. */
function expandList(
  place: ChosenPlace,
  here: PlaceParent,
  expansion: Expansion,
  ancestors: readonly string[],
  deferred: boolean,
): Result[] {
  const { entry, origin } = place;
  if (entry.kind !== 'group') return [];
  expansion.knownKeys.add(overrideKeyOf(place));
  const results: Result[][] = [];
  for (const choice of (place.choice as readonly string[]).toReversed()) {
    const { line } = entry;
    const item = createPlace(
      { kind: 'config', path: `${entry.group}/${choice}`, package: entry.package, line },
      here,
    );
    if (entry.optional && expansion.repository.load(nameOf(item)) === undefined) continue;
    results.push(expand({ ...item, origin, isRoot: false }, expansion, ancestors, deferred));
  }
  return results.reverse().flat();
}

function isInterpolated(place: DefaultPlace): boolean {
  const written = place.entry.kind === 'group' ? place.choice : place.entry.path;
  return typeof written === 'string' && written.includes('${');
}

function resolveChoice(place: ChosenPlace, { choices }: Expansion): ChosenPlace {
  const resolve = (text: string): string =>
    text.replace(/\$\{([^}]+)\}/g, (_, key: string) => {
      const known = choices.get(key)?.choice;
      if (known !== undefined && known !== null) return known;
      throw wrongDefaults(
        place.origin,
        `an interpolation of a chosen group (${[...choices.keys()].join(', ')})`,
        key,
      );
    });
  if (place.entry.kind === 'group') return { ...place, choice: resolve(String(place.choice)) };
  const entry = { ...place.entry, path: resolve(place.entry.path) };
  return { ...place, ...createPlace(entry, place.parent), entry };
}

function recordChoice(
  key: string,
  choice: string | null,
  place: ChosenPlace,
  { choices, knownKeys }: Expansion,
): void {
  knownKeys.add(key);
  const before = choices.get(key);
  if (before !== undefined && before.choice !== choice) {
    throw wrongDefaults(
      place.origin,
      `one choice for ${key} (or "override ${key}: ${choice}")`,
      `${before.choice} and ${choice}`,
    );
  }
  choices.set(key, { choice, origin: place.origin });
}

function assertNoDuplicates(items: readonly Result[]): void {
  const seen = new Set<string>();
  for (const { key, file } of items) {
    if (key === null) continue;
    if (seen.has(key))
      throw wrongDefaults(
        { kind: 'file', path: file.shownPath, line: 1 },
        `the group ${key} once`,
        'it more than once',
      );
    seen.add(key);
  }
}
