// Computes for one entry of a defaults list which file it names, below which key the content of that file goes (its
// package), and which key overrides it. The rules are Hydra 1.3's: a relative group starts at its parent's group; a
// package starts at its parent's package unless it holds _global_; an absolute group (/db) changes the file's folder,
// not its package.
import type { DefaultEntry } from './config-file.ts';
import type { Origin } from './config-node.ts';

export interface PlaceParent {
  readonly group: string;
  readonly package: string;
}

/** An entry and its position in the tree; `choice` may change until the tree is expanded. */
export interface DefaultPlace {
  readonly entry: Exclude<DefaultEntry, { kind: 'self' }>;
  readonly choice: string | readonly string[] | null;
  readonly parent: PlaceParent;
}

/** A place together with the origin of its choice. */
export interface ChosenPlace extends DefaultPlace {
  /** Where the choice was made. */
  readonly origin: Origin;
  readonly isRoot: boolean;
}

export function createPlace(entry: DefaultPlace['entry'], parent: PlaceParent): DefaultPlace {
  return { entry, parent, choice: entry.kind === 'group' ? entry.choice : lastPart(entry.path) };
}

/** The group's path from the root, e.g. `db/engine`. */
export function groupOf({ entry, parent }: DefaultPlace): string {
  const written = entry.kind === 'group' ? entry.group : folderPart(entry.path);
  const isAbsolute = (entry.kind === 'group' ? entry.group : entry.path).startsWith('/');
  const relative = written.replace(/^\//, '');
  return isAbsolute ? relative : join(parent.group, relative);
}

/** The configuration's name from the root, e.g. `db/engine/fast`. */
export function nameOf(place: DefaultPlace): string {
  return join(groupOf(place), String(place.choice));
}

/** @param header  the file's own `# @package`, or null; a package given in the defaults list overrules it */
export function packageOf({ entry, parent, choice }: DefaultPlace, header: string | null): string {
  const group = groupOf({ entry, parent, choice });
  const relative = (entry.kind === 'group' ? entry.group : folderPart(entry.path)).replace(/^\//, '');
  const own = entry.package === null ? null : expandKeywords(entry.package, group);
  const fromHeader =
    header === null || header === '_group_'
      ? null
      : header.startsWith('_global_')
        ? header
        : `_global_.${header}`;
  const parts = joinPackage(parent.package, own ?? fromHeader ?? relative.replaceAll('/', '.'));
  const global = parts.lastIndexOf('_global_');
  return global === -1 ? parts : parts.slice(global + '_global_'.length + 1);
}

/** The key by which the command line and `override` name this group: `db`, or `db@package` for an unusual package. */
export function overrideKeyOf(place: DefaultPlace): string {
  const group = groupOf(place);
  const packageName = packageOf(place, null);
  return packageName === group.replaceAll('/', '.')
    ? group
    : `${group}@${packageName === '' ? '_global_' : packageName}`;
}

function expandKeywords(packageName: string, group: string): string {
  if (packageName === '_here_') return '';
  if (!packageName.includes('_group_')) return packageName;
  return `_global_.${packageName.replace('_group_', group.replaceAll('/', '.'))}`;
}

function joinPackage(parent: string, child: string): string {
  return [parent, child].filter((part) => part !== '').join('.');
}

function join(folder: string, name: string): string {
  return [folder, name].filter((part) => part !== '').join('/');
}

function folderPart(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? path.slice(0, Math.max(slash, 0)) : path.slice(0, slash);
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
