// Checks the workflows for GitHub Actions that come with the package with actionlint, where VERACITY_ACTIONLINT names that program:
// go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 (1.7.12 is what it was tried with). It runs shellcheck if that is found.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../architecture/source-imports.ts';

const { VERACITY_ACTIONLINT: program = '' } = process.env;
const folder = join(repositoryRoot, 'templates', 'workflows');
const files = readdirSync(folder).map((name) => join(folder, name));

describe('the workflows of veracity ci init', () => {
  it.skipIf(program === '')('pass actionlint (skipped: VERACITY_ACTIONLINT names no program)', () => {
    const { status, stdout } = spawnSync(program, files, { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  it.skipIf(program === '')('would not pass with a misspelt key', () => {
    const text = readFileSync(files[0]!, 'utf8').replace('runs-on:', 'run-on:');
    expect(spawnSync(program, ['-'], { input: text }).status).toBe(1);
  });
});
