// Tells whether a file in an own folder was written for Veracity. `configs` is a usual name, so the folder may belong to
// another program: a Hydra project, Lightning's CLI, a trainer with flat settings. Such a file is refused by name and never
// merged. A file is foreign if it instantiates classes, or if it stands in the place of an entry (`train.yaml`) without the
// groups of that entry.
import { appError } from '../core/index.ts';
import type { ConfigFile, DefaultEntry } from './config-file.ts';
import { type Origin, walkNodes } from './config-node.ts';

/** Keys by which Hydra's instantiate and Lightning's CLI name a class to create. */
const CLASS_KEYS: readonly string[] = ['_target_', '_partial_', '_recursive_', 'class_path', 'init_args'];

/** The files around the one in question. */
interface OtherFiles {
  load(name: string): ConfigFile | undefined;
  loadPackaged(name: string): ConfigFile | undefined;
  listChoices(group: string): string[];
}

/** @throws CONFIG_FOREIGN */
export function assertOurs(file: ConfigFile, name: string, files: OtherFiles): void {
  for (const [path, node] of walkNodes(file.content)) {
    const key = path.at(-1)!;
    if (CLASS_KEYS.includes(key))
      throw foreign(file, lineOf(node.origin), `the key ${path.join('.')} of another program`, '');
  }
  const entry = files.loadPackaged(name);
  if (name.includes('/') || entry === undefined) return;
  const advice = ` If it is yours: it replaces the package's ${name}.yaml as a whole, so copy the defaults list of that file; to change a few values, write experiment/NAME.yaml beside it and add experiment=NAME.`;
  const known = entry.defaults.flatMap(listGroup);
  const written = file.defaults.flatMap(listGroup);
  const strange = written.filter((group) => !known.includes(group) && !isOwnGroup(group, file, files));
  if (strange.length > 0) {
    const line = file.defaults.find((item) => listGroup(item).includes(strange[0]!))!.line;
    throw foreign(file, line, `a defaults list with ${strange.join(', ')}`, advice);
  }
  const absent = entry.defaults.filter((item) => isAbsent(item, file, files)).flatMap(listGroup);
  if (absent.length === 0) return;
  const keys = [...file.content.entries.keys()].slice(0, 8).join(', ') || '(none)';
  const got = written.some((group) => known.includes(group))
    ? `a defaults list without ${absent.join(', ')}, nor such keys`
    : `no defaults list with ${known.slice(0, 3).join(', ')} …, but the keys ${keys}`;
  throw foreign(file, 1, got, advice);
}

/**
 * True for a group that the package's entry includes, and this file neither includes nor replaces by keys of its own. A group
 * of which `none` is chosen may be absent: it adds nothing, and came after the files that users have.
 */
function isAbsent(item: DefaultEntry, file: ConfigFile, files: OtherFiles): boolean {
  if (item.kind !== 'group' || typeof item.choice !== 'string' || item.choice === 'none') return false;
  const [group = ''] = listGroup(item);
  const header = files.loadPackaged(`${group}/${item.choice}`)?.packageHeader ?? group;
  const key = header === '_global_' ? group : header.split('.')[0]!;
  return !file.defaults.flatMap(listGroup).includes(group) && !file.content.entries.has(key);
}

/** The group of a line of a defaults list, from the root; nothing for `_self_` and plain files. */
function listGroup(entry: DefaultEntry): string[] {
  return entry.kind === 'group' ? [entry.group.replace(/^\//, '')] : [];
}

/** A group of the user's own is fine in a defaults list if its file says where its values go. */
function isOwnGroup(group: string, file: ConfigFile, files: OtherFiles): boolean {
  const choices = file.defaults.flatMap((entry) =>
    entry.kind === 'group' && listGroup(entry).includes(group) ? [entry.choice].flat() : [],
  );
  return choices.every((choice) => {
    if (choice === null) return files.listChoices(group).length > 0;
    return files.load(`${group}/${choice}`)?.packageHeader != null;
  });
}

function lineOf(origin: Origin): number {
  return origin.kind === 'file' ? origin.line : 1;
}

function foreign(file: ConfigFile, line: number, got: string, advice: string): Error {
  return appError('CONFIG_FOREIGN', { file: file.shownPath, line, got, ifYours: advice });
}
