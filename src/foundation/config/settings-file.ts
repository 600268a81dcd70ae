// Reads a YAML file of any program as a flat list of settings with their lines.
import { readFileSync } from 'node:fs';
import { appError, errorCodeOf, isAppError } from '../core/index.ts';
import { parseYamlFile } from './config-file.ts';
import { formatOrigin, type MapNode, type PlainValue, toPlain, walkNodes } from './config-node.ts';
import { resolveInterpolations } from './interpolation.ts';

export interface Setting {
  readonly path: readonly string[];
  readonly value: PlainValue;
  /** File and line. */
  readonly from: string;
}

/**
 * The settings of a file: every value that is not a map, in order. A `defaults` list of Hydra is left out.
 * @throws FILE_NOT_FOUND, CONFIG_FILE_INVALID
 */
export function readSettings(path: string, shownAs: string): Setting[] {
  const file = parseYamlFile(readSettingsText(path, shownAs), shownAs);
  const nodes = [...walkNodes(resolveWherePossible(file.content))];
  const lists = nodes.filter(([, node]) => node.kind === 'list').map(([list]) => `${list.join('\n')}\n`);
  return nodes
    .filter(([key, node]) => node.kind !== 'map' && !lists.some((list) => key.join('\n').startsWith(list)))
    .map(([key, node]) => ({ path: key, value: toPlain(node), from: formatOrigin(node.origin) }));
}

/** Interpolations of Hydra refer to other settings; those that refer elsewhere stay as they are written. */
function resolveWherePossible(content: MapNode): MapNode {
  try {
    return resolveInterpolations(content, {});
  } catch (error) {
    if (isAppError(error)) return content;
    throw error;
  }
}

/** @throws FILE_NOT_FOUND */
export function readSettingsText(path: string, shownAs: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = errorCodeOf(error);
    if (code !== 'ENOENT' && code !== 'EISDIR' && code !== 'ENOTDIR') throw error;
    throw appError('FILE_NOT_FOUND', { path: shownAs, kind: 'YAML file' }, { cause: error });
  }
}
