// Tests concurrent builds in one checkout, as in a fresh clone where `npm ci`, the first `npm start` and the first
// `npx veracity` all build, and programs that start meanwhile.
import { execFile, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { repositoryRoot } from '../architecture/source-imports.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'veracity-build-'));
const dist = join(folder, 'dist');

beforeAll(() => {
  for (const name of ['src', 'scripts', 'configs', 'package.json', 'package-lock.json', 'LICENSE'])
    cpSync(join(repositoryRoot, name), join(folder, name), { recursive: true });
  for (const name of ['tsconfig.json', 'tsconfig.build.json'])
    cpSync(join(repositoryRoot, name), join(folder, name));
  symlinkSync(join(repositoryRoot, 'node_modules'), join(folder, 'node_modules'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const build = async (...flags: string[]): Promise<string> => {
  const args = [join(folder, 'scripts/build.mjs'), '--no-web', ...flags];
  return (await run(process.execPath, args, { cwd: folder })).stderr;
};
const askVersion = async (): Promise<string> =>
  (await run(process.execPath, [join(dist, 'cli.js'), '--version'])).stdout.trim();
const listBundle = (): string[] => readdirSync(join(dist, 'program')).sort();
/** Makes a source newer than its build. */
const touch = (file: string): void => {
  const later = new Date(Date.now() + 1000);
  utimesSync(join(folder, file), later, later);
};

it('builds once for several requests, and never exposes a partial build', async () => {
  const builds = [build('--if-stale'), build(), build('--if-stale')];
  let isBuilding = true;
  const ended = Promise.all(builds).finally(() => {
    isBuilding = false;
  });
  const seen: string[] = [];
  while (isBuilding)
    if (existsSync(dist)) seen.push(await askVersion());
    else await new Promise((resolve) => setImmediate(resolve));
  const said = await ended;
  expect(said.filter((text) => text.includes('waiting for the build')).length).toBe(2);
  expect(new Set([...seen, await askVersion()])).toEqual(new Set(['0.1.0']));
  expect(existsSync(join(folder, '.dist-build'))).toBe(false);
  const { mtimeMs } = statSync(join(dist, 'cli.js'));
  await build('--if-stale');
  expect(statSync(join(dist, 'cli.js')).mtimeMs).toBe(mtimeMs);
});

it('keeps the bundle of running programs for one more build, and deletes older ones', async () => {
  const first = listBundle();
  writeFileSync(join(folder, 'src/foundation/core/clock.ts'), `\nexport const addedByATest = 1;\n`, {
    flag: 'a',
  });
  writeFileSync(join(folder, 'src/cli.ts'), `\nconsole.error('changed');\n`, { flag: 'a' });
  const marker = join(dist, 'program/of-an-older-build.js');
  writeFileSync(marker, '');
  utimesSync(marker, 0, 0);
  touch('src/cli.ts');
  await build('--if-stale');
  expect(listBundle()).toEqual(expect.arrayContaining(first));
  expect(existsSync(marker)).toBe(false);
  await build();
  expect(new Set(listBundle()).size).toBeLessThanOrEqual(first.length);
});

it('keeps the previous build if a source does not compile', async () => {
  const { mtimeMs } = statSync(join(dist, 'cli.js'));
  writeFileSync(
    join(folder, 'src/foundation/core/broken.ts'),
    `// Of a test.\nexport const broken: number = 'text';\n`,
  );
  touch('src/foundation/core/broken.ts');
  await expect(build('--if-stale')).rejects.toMatchObject({ code: 1 });
  expect(statSync(join(dist, 'cli.js')).mtimeMs).toBe(mtimeMs);
  expect(await askVersion()).toBe('0.1.0');
  rmSync(join(folder, 'src/foundation/core/broken.ts'));
});

it('takes over the lock of a killed build', async () => {
  const child = spawn(process.execPath, ['-e', '0']);
  await new Promise((resolve) => child.once('close', resolve));
  mkdirSync(join(folder, '.dist-build'), { recursive: true });
  writeFileSync(join(folder, '.dist-build/lock'), `${child.pid}`);
  touch('src/cli.ts');
  await build('--if-stale');
  expect(existsSync(join(folder, '.dist-build'))).toBe(false);
  expect(await askVersion()).toBe('0.1.0');
});
