// The vendors' clients are large: nothing loads them but a remote of their kind.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
/** Prints each package that is loaded, by import and by require. */
const SPY = `
import { register, Module } from 'node:module';
import { writeSync } from 'node:fs';
const say = (name) => { if (/^(@aws-sdk|@google-cloud|@smithy|google-)/.test(name)) writeSync(2, 'loaded ' + name + '\\n'); };
const load = Module._load;
Module._load = (name, ...rest) => { say(name); return load(name, ...rest); };
register('data:text/javascript,' + encodeURIComponent(\`
import { writeSync } from 'node:fs';
export async function resolve(name, context, next) {
  if (/^(@aws-sdk|@google-cloud)/.test(name)) writeSync(2, 'loaded ' + name + '\\\\n');
  return next(name, context);
}\`));
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-lazy-'));
  writeFileSync(join(folder, 'spy.mjs'), SPY);
  execFileSync('git', ['init', '-q', folder]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Packages of vendors that a command loads. @param exits  with what the command must end */
function loadedBy(exits: number, ...args: string[]): string[] {
  const spy = pathToFileURL(join(folder, 'spy.mjs')).href;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', spy, CLI, ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    env: withoutAws(),
  });
  const said = `${stdout}\n${stderr}`;
  expect(said).not.toContain('INTERNAL_BUG');
  expect(status, said).toBe(exits);
  return [...new Set(said.match(/(?<=^loaded )\S+/gm) ?? [])];
}

/** Nothing of this machine gives keys of AWS: no variables, files or roles. A push to S3 then ends before it asks a server. */
function withoutAws(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  return {
    ...Object.fromEntries(others),
    HOME: folder,
    USERPROFILE: folder,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

describe("the vendors' clients", () => {
  it('are not loaded by --help, nor by a push to a folder', () => {
    expect(loadedBy(0, '--help')).toEqual([]);
    writeFileSync(join(folder, 'data.csv'), 'title,text\n');
    expect(loadedBy(0, 'data', 'add', 'data.csv')).toEqual([]);
    expect(loadedBy(0, 'data', 'push', '--remote', './store')).toEqual([]);
  });

  it('are loaded by a push to a bucket, each by its own', () => {
    writeFileSync(join(folder, 'data.csv'), 'title,text\n');
    loadedBy(0, 'data', 'add', 'data.csv');
    const toS3 = loadedBy(1, 'data', 'push', 'remote=s3', 'remote.url=s3://bucket');
    expect(toS3).toContain('@aws-sdk/client-s3');
    expect(toS3).not.toContain('@google-cloud/storage');
  }, 30_000);
});
