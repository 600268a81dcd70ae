// Decides whether `model.path` names a local folder or a model of the Hub. An existing folder always wins, as in Python's
// transformers; the grammar of names is that of huggingface_hub's validate_repo_id.
import { statSync } from 'node:fs';
import { appError, expandHome } from '../../foundation/core/index.ts';

export type ModelSource =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'hub'; readonly name: string };

const MAX_NAME_CHARS = 96;
const PART = '[A-Za-z0-9_](?:[\\w.-]*\\w)?';
const NAME = new RegExp(`^${PART}(?:/${PART})?$`);

/**
 * An existing folder is a folder, and so is a path that begins with `.`, `/` or `~`, whether or not it exists (`~` is
 * expanded); `name` or `org/name` is a model of the Hub.
 * @throws MODEL_SOURCE_INVALID for anything else
 */
export function parseModelSource(path: string): ModelSource {
  if (expandHome(path) !== path) return { kind: 'folder', path: expandHome(path) };
  if (/^[./~]/.test(path) || isFolder(path)) return { kind: 'folder', path };
  if (isHubName(path)) return { kind: 'hub', name: path };
  throw appError('MODEL_SOURCE_INVALID', { path });
}

/** True for `name` and `org/name` in the form that the Hub allows. */
export function isHubName(text: string): boolean {
  return text.length <= MAX_NAME_CHARS && NAME.test(text) && !/--|\.\./.test(text) && !text.endsWith('.git');
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
