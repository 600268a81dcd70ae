// Rules of the files .dvcignore and .gitignore: which paths are left out. The patterns are those of Git: comments, `!` takes a
// rule back, `/` at the end means folders only, a `/` elsewhere ties the pattern to the folder of its file, `*`, `?`, `[a-z]`
// and `**` are wildcards.
import { readFileSync } from 'node:fs';
import { errorCodeOf } from '../../foundation/core/index.ts';

interface IgnoreRule {
  /** The folder of the file with the rule, below the root; '' is the root. */
  readonly base: string;
  readonly pattern: RegExp;
  readonly isFolderOnly: boolean;
  readonly isIgnored: boolean;
}

/** Rules that hold in a folder. Those of folders below are added on the way down. */
export class IgnoreRules {
  readonly #rules: readonly IgnoreRule[];

  constructor(rules: readonly IgnoreRule[] = []) {
    this.#rules = rules;
  }

  /** These rules and those of `lines`, which stand in a file of the folder `base`. */
  with(lines: string, base: string): IgnoreRules {
    const added = lines.split(/\r?\n/).flatMap((line) => parseRule(line, base));
    return added.length === 0 ? this : new IgnoreRules([...this.#rules, ...added]);
  }

  /** As `with`, from a file that need not exist. */
  withFile(path: string, base: string): IgnoreRules {
    try {
      return this.with(readFileSync(path, 'utf8'), base);
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return this;
      throw error;
    }
  }

  /** @param path  below the root, with `/`; the folders above it are not looked at */
  ignores(path: string, isFolder: boolean): boolean {
    for (const { base, pattern, isFolderOnly, isIgnored } of this.#rules.toReversed()) {
      if (isFolderOnly && !isFolder) continue;
      if (base !== '' && !path.startsWith(`${base}/`)) continue;
      if (pattern.test(base === '' ? path : path.slice(base.length + 1))) return isIgnored;
    }
    return false;
  }
}

function parseRule(line: string, base: string): IgnoreRule[] {
  let text = line.replace(/(?<!\\)\s+$/, '');
  if (text === '' || text.startsWith('#')) return [];
  const isIgnored = !text.startsWith('!');
  if (!isIgnored) text = text.slice(1);
  const isFolderOnly = text.endsWith('/');
  if (isFolderOnly) text = text.slice(0, -1);
  const isTied = text.includes('/');
  if (text.startsWith('/')) text = text.slice(1);
  if (text === '') return [];
  try {
    const pattern = new RegExp(`^${isTied ? '' : '(?:.*/)?'}${translate(text)}$`, 's');
    return [{ base, pattern, isFolderOnly, isIgnored }];
  } catch {
    return []; // such as a class that goes from z to a: Git matches nothing with it either
  }
}

function translate(pattern: string): string {
  let out = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (pattern.startsWith('**/', i) && (i === 0 || pattern[i - 1] === '/')) {
      out += '(?:.*/)?';
      i += 2;
    } else if (
      pattern.startsWith('**', i) &&
      i + 2 === pattern.length &&
      (i === 0 || pattern[i - 1] === '/')
    ) {
      out += '.+';
      i += 1;
    } else if (char === '*') {
      while (pattern[i + 1] === '*') i++;
      out += '[^/]*';
    } else if (char === '?') out += '[^/]';
    else if (char === '\\' && i + 1 < pattern.length) out += escapeChar(pattern[++i]!);
    else if (char === '[') {
      const end = pattern.indexOf(']', i + 2);
      if (end < 0) out += '\\[';
      else {
        const inside = pattern
          .slice(i + 1, end)
          .replace(/^!/, '^')
          .replace(/\\(?![\\\]])/g, '');
        out += `[${inside}]`;
        i = end;
      }
    } else out += escapeChar(char);
  }
  return out;
}

function escapeChar(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
}
