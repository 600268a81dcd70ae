// Compares docs/errors.md with the error catalogue, both ways, and checks that a test provokes every code.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../src/foundation/core/error-catalogue.ts';
import { repositoryRoot } from '../architecture/source-imports.ts';

const codes = Object.keys(CATALOGUE).sort();
const documented = [
  ...readFileSync(join(repositoryRoot, 'docs/errors.md'), 'utf8').matchAll(/^### ([A-Z0-9_]+)$/gm),
].map((match) => match[1]!);

describe('docs/errors.md', () => {
  it('describes every error of the catalogue once, and no other', () => {
    expect(documented.toSorted()).toEqual(codes);
  });
});

describe('every error of the catalogue', () => {
  const readAll = (folder: string, isWanted: (path: string) => boolean): string[] =>
    readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && isWanted(path))
      .map((path) => readFileSync(join(repositoryRoot, folder, path), 'utf8'));
  const isTest = (path: string): boolean => path.endsWith('.test.ts') || path.startsWith('conformance/');
  // an error that a test creates itself does not count
  const expected = ['src', 'test']
    .flatMap((folder) => readAll(folder, isTest))
    .map((text) => text.replaceAll(/appError\(\s*'[A-Z_0-9]+'/g, ''));
  const sources = readAll('src', (path) => !isTest(path) && !path.endsWith('error-catalogue.ts'));

  it.each(codes)('is expected by a test: %s', (code) => {
    const mention = new RegExp(`['"]${code}['"]|error ${code}\\b`);
    expect(expected.some((text) => mention.test(text))).toBe(true);
  });

  it.each(codes)('is thrown somewhere: %s', (code) => {
    expect(sources.some((text) => text.includes(`'${code}'`))).toBe(true);
  });
});
