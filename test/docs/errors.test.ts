// docs/errors.md against the error catalogue, both ways; and every code against the tests that provoke it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../src/core/error-catalogue.ts';
import { repositoryRoot } from '../architecture/source-imports.ts';

const codes = Object.keys(CATALOGUE).sort();
const documented = [
  ...readFileSync(join(repositoryRoot, 'docs/errors.md'), 'utf8').matchAll(/^### ([A-Z0-9_]+)$/gm),
].map((match) => match[1]!);

describe('docs/errors.md', () => {
  it('describes every error of the catalogue once, and none that is not there', () => {
    expect(documented.toSorted()).toEqual(codes);
  });
});

describe('every error of the catalogue', () => {
  const tests = ['src', 'test'].flatMap((folder) =>
    readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.ts'))
      .map((path) => readFileSync(join(repositoryRoot, folder, path), 'utf8')),
  );

  it.each(codes)('has a test that provokes it: %s', (code) => {
    expect(
      tests.some(
        (text) => text.includes(`'${code}'`) || text.includes(`"${code}"`) || text.includes(`error ${code}`),
      ),
    ).toBe(true);
  });

  it.each(codes)('is thrown somewhere: %s', (code) => {
    const sources = readdirSync(join(repositoryRoot, 'src'), { recursive: true, encoding: 'utf8' })
      .filter(
        (path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.endsWith('error-catalogue.ts'),
      )
      .map((path) => readFileSync(join(repositoryRoot, 'src', path), 'utf8'));
    expect(sources.some((text) => text.includes(`'${code}'`))).toBe(true);
  });
});
