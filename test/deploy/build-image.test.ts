// Tests scripts/build-image.mjs with a stub builder that records its arguments and reports a size that the test sets.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../architecture/source-imports.ts';

const DIGEST = 'ab'.repeat(32);
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'veracity-image-'));
  const version = join(root, 'models', 'compact', '3');
  mkdirSync(version, { recursive: true });
  writeFileSync(join(version, 'version.json'), JSON.stringify({ digest: DIGEST }));
});
afterEach(() => rmSync(root, { recursive: true }));

function build(args: readonly string[], { sizeBytes = 300_000_000, status = 0 } = {}) {
  const bin = join(root, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(
    join(bin, 'docker'),
    `#!/bin/sh\nprintf '%s\\n' "$@" >> ${join(root, 'asked')}\n[ "$1" = image ] && echo ${sizeBytes}\n[ "$1" = build ] && exit ${status}\nexit 0\n`,
  );
  chmodSync(join(bin, 'docker'), 0o755);
  writeFileSync(join(root, 'asked'), '');
  const result = spawnSync(process.execPath, ['scripts/build-image.mjs', ...args], {
    cwd: repositoryRoot,
    encoding: 'utf8',
    env: { PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`, VERACITY_HOME: root },
  });
  return { ...result, asked: readFileSync(join(root, 'asked'), 'utf8').split('\n') };
}

describe('build-image', () => {
  it('passes the folder, the version and the digest of the model to the build', () => {
    const { status, asked, stdout } = build(['serve', '--model', 'compact@3']);
    expect(status).toBe(0);
    expect(asked).toContain(`models=${join(root, 'models')}`);
    expect(asked).toEqual(
      expect.arrayContaining(['MODEL_NAME=compact', 'MODEL_VERSION=3', `MODEL_DIGEST=${DIGEST}`]),
    );
    expect(stdout).toContain('veracity-serve:compact-3: 300 MB, at most 350 MB');
  });

  it('prefers a given digest to that of the registry', () => {
    const other = 'cd'.repeat(32);
    expect(build(['serve', '--model', 'compact@3', '--digest', other]).asked).toContain(
      `MODEL_DIGEST=${other}`,
    );
  });

  it('fails above the budget', () => {
    const { status, stderr } = build(['serve', '--model', 'compact@3'], { sizeBytes: 351_000_000 });
    expect(status).toBe(1);
    expect(stderr).toContain('expected at most 350 MB, got 351 MB');
  });

  it('fails if the size is unknown', () => {
    expect(build(['train', '--budget', '1'], { sizeBytes: 0 }).status).toBe(1);
  });

  it('refuses a model that is not in the registry before anything is built', () => {
    const { status, stderr, asked } = build(['serve', '--model', 'compact@4']);
    expect(status).toBe(2);
    expect(stderr).toContain('compact@4: expected');
    expect(asked).not.toContain('build');
  });

  it.each([
    [[]],
    [['serve']],
    [['serve', '--model', 'compact']],
    [['serve', '--model', '../x@1']],
    [['what']],
    [['train', '--budget', 'x']],
  ])('refuses %j and shows the usage', (args) => {
    const { status, stderr } = build(args);
    expect(status).toBe(2);
    expect(stderr).toContain('usage: node scripts/build-image.mjs');
  });

  it('passes options to the builder, and its failure to the caller', () => {
    const { status, asked } = build(['train', '--', '--no-cache'], { status: 1 });
    expect(asked).toContain('--no-cache');
    expect(status).toBe(2);
  });
});
