// Composes one configuration tree: defaults list → merged files → command-line values → interpolations.
// The result is not checked against a schema here; config-load.ts does that.
import { appError } from '../core/index.ts';
import { parseYamlFile } from './config-file.ts';
import { applyOverride, embedNode, mergeNodes } from './config-merge.ts';
import { type MapNode, type Origin, selectNode } from './config-node.ts';
import { type ConfigRepository, createConfigRepository, type SearchFolder } from './config-repository.ts';
import { buildDefaultsList } from './defaults-list.ts';
import { separateOverrides } from './group-override.ts';
import { type Environment, resolveInterpolations } from './interpolation.ts';
import { isSweep, type Override } from './override.ts';
import { parseOverride } from './override-parser.ts';
import { readSettingsText } from './settings-file.ts';

export interface ComposeRequest {
  /** Name of the entry file, such as `train`. */
  readonly entry: string;
  /** As typed on the command line. */
  readonly overrides: readonly string[];
  readonly searchPath: readonly SearchFolder[];
  readonly environment: Environment;
  readonly mergedFile?: MergedFile;
}

/** A file that is no choice of a group: its keys are put below `package`. */
export interface MergedFile {
  readonly path: string;
  /** As messages show it. */
  readonly shownAs: string;
  readonly package: string;
  /** Keys that are left out, because another program evaluates them. */
  readonly leftOut: readonly string[];
}

export interface ComposedConfig {
  readonly entry: string;
  readonly searchPath: readonly SearchFolder[];
  readonly root: MapNode;
  /** The choice made for each group, and where it was made. */
  readonly choices: ReadonlyMap<string, { readonly choice: string | null; readonly origin: Origin }>;
  readonly overrides: readonly Override[];
}

/**
 * Composes an entry file with its groups and overrides; every value knows its origin.
 * @throws OVERRIDE_SYNTAX, OVERRIDE_SWEEP, FILE_NOT_FOUND, CONFIG_FILE_INVALID, CONFIG_FOREIGN, CONFIG_DEFAULTS, CONFIG_CHOICE_UNKNOWN,
 *   CONFIG_KEY_UNKNOWN, CONFIG_OVERRIDE, CONFIG_VALUE_MISSING, CONFIG_INTERPOLATION
 */
export function composeConfig(request: ComposeRequest): ComposedConfig {
  const repository = createConfigRepository(request.searchPath);
  const overrides = parseOverrides(request.overrides);
  const { root, choices } = composeFiles(request, overrides, repository);
  return {
    entry: request.entry,
    searchPath: request.searchPath,
    root: resolveInterpolations(root, request.environment),
    choices,
    overrides,
  };
}

/** @throws OVERRIDE_SYNTAX, OVERRIDE_SWEEP */
export function parseOverrides(texts: readonly string[]): Override[] {
  const overrides = texts.map(parseOverride);
  for (const { value, text, key } of overrides) {
    if (!isSweep(value)) continue;
    const written = text.slice(text.indexOf('=') + 1);
    const asOne = `For a list write ${key}=[${written}], for a string ${key}='${written}' (in a shell, put the whole in double quotes). `;
    const hint = `${value.kind === 'choice' && value.simple ? asOne : ''}To run every value: add --multirun (train, evaluate).`;
    throw appError('OVERRIDE_SWEEP', { override: text, hint });
  }
  return overrides;
}

function composeFiles(
  { entry, mergedFile }: Pick<ComposeRequest, 'entry' | 'mergedFile'>,
  overrides: readonly Override[],
  repository: ConfigRepository,
): Pick<ComposedConfig, 'root' | 'choices'> {
  const { groups, values } = separateOverrides(overrides, repository);
  const { items, choices } = buildDefaultsList(entry, repository, groups);
  const start: Origin = { kind: 'file', path: items[0]?.file.shownPath ?? `${entry}.yaml`, line: 1 };
  let root: MapNode = { kind: 'map', entries: new Map(), origin: start };
  for (const item of items) root = mergeNodes(root, embedNode(item.file.content, item.package)) as MapNode;
  if (mergedFile !== undefined) {
    const { content } = parseYamlFile(
      readSettingsText(mergedFile.path, mergedFile.shownAs),
      mergedFile.shownAs,
    );
    const entries = new Map([...content.entries].filter(([key]) => !mergedFile.leftOut.includes(key)));
    root = mergeNodes(root, embedNode({ ...content, entries }, mergedFile.package)) as MapNode;
  }
  for (const override of values)
    root = applyOverride(root, override, (path) => findInOtherChoice(path, repository));
  return { root, choices };
}

/** For a key that another choice of the same group has: a sentence such as `model.dim belongs to model=linear.` */
function findInOtherChoice(path: readonly string[], repository: ConfigRepository): string | undefined {
  const [group = ''] = path;
  if (path.length < 2 || !repository.isGroup(group)) return undefined;
  const owner = repository.listChoices(group).find((choice) => {
    const file = repository.loadPackaged(`${group}/${choice}`);
    if (file === undefined) return false;
    return (
      selectNode(embedNode(file.content, file.packageHeader === '_global_' ? '' : group), path) !== undefined
    );
  });
  return owner === undefined ? undefined : `${path.join('.')} belongs to ${group}=${owner}.`;
}
