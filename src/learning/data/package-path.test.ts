import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isPackagePath, resolveDataPath } from './package-path.ts';
import { samplePath } from './source-files.ts';

describe('resolveDataPath', () => {
  it('finds a bundled file from any working directory', () => {
    const path = resolveDataPath('package:sample/other-outlets.jsonl', '/nowhere/at/all');
    expect(existsSync(path)).toBe(true);
    expect(resolveDataPath('package:sample/articles.jsonl', '.')).toBe(samplePath);
  });

  it('starts other paths at the working directory, and leaves absolute ones', () => {
    expect(resolveDataPath('others/a.csv', join('/', 'base'))).toBe(resolve('/base/others/a.csv'));
    expect(resolveDataPath(resolve('/data/a.csv'), '/work')).toBe(resolve('/data/a.csv'));
  });

  it('takes only the prefix for a package path', () => {
    expect(isPackagePath('package:sample/a.jsonl')).toBe(true);
    expect(isPackagePath('package/sample/a.jsonl')).toBe(false);
    expect(isPackagePath('./package:a.jsonl')).toBe(false);
  });
});
