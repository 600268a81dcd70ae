// The configuration of a DVC repository: `.dvc/config`, over it `.dvc/config.local`, which Git does not have, and below both
// the user's own file. They are in the form of Python's configparser: `[section]`, `['remote "name"']`, `key = value`.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { appError, errorCodeOf } from '../../foundation/core/index.ts';

/** One section; names of keys are in lower case. */
export type DvcConfigSection = Readonly<Record<string, DvcConfigValue>>;

export interface DvcConfigValue {
  readonly text: string;
  /** The folder of the file that says so: relative paths start there. */
  readonly folder: string;
}

/** Sections by name, such as `core`, `cache` or `remote "name"`. */
export type DvcConfig = Readonly<Record<string, DvcConfigSection>>;

/** Reads all files of the configuration; those that are missing say nothing. @throws DVC_CONFIG_INVALID */
export function readDvcConfig(root: string): DvcConfig {
  const merged: Record<string, Record<string, DvcConfigValue>> = {};
  const folder = join(root, '.dvc');
  const files: readonly (readonly [path: string, folder: string])[] = [
    [join(locateUserConfig(), 'config'), locateUserConfig()],
    [join(folder, 'config'), folder],
    [join(folder, 'config.local'), folder],
  ];
  for (const [path, base] of files) {
    const text = readIfThere(path);
    if (text === null) continue;
    for (const { section, key, value } of parseDvcConfig(text, path))
      merged[section] = { ...merged[section], [key]: { text: value, folder: base } };
  }
  return merged;
}

interface ConfigEntry {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** @throws DVC_CONFIG_INVALID */
function parseDvcConfig(text: string, path: string): ConfigEntry[] {
  const entries: ConfigEntry[] = [];
  let section: string | null = null;
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || /^[#;]/.test(trimmed)) continue;
    const header = /^\[(.*)\]$/.exec(trimmed);
    if (header !== null) {
      section = header[1]!.trim().replace(/^'(.*)'$/, '$1');
      continue;
    }
    const pair = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(trimmed);
    if (pair === null || section === null) throw appError('DVC_CONFIG_INVALID', { path, line: i + 1 });
    entries.push({ section, key: pair[1]!.toLowerCase(), value: unquote(pair[2]!) });
  }
  return entries;
}

/** A quoted value keeps its signs; any other ends at ` #`. */
function unquote(value: string): string {
  const [, , quoted] = /^(["'])(.*?)\1\s*(?:[#;].*)?$/.exec(value) ?? [];
  return quoted ?? value.replace(/\s+[#;].*$/, '');
}

function locateUserConfig(): string {
  return (
    process.env.DVC_GLOBAL_CONFIG_DIR ??
    join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'dvc')
  );
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
