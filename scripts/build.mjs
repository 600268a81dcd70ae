// Builds dist/: modules and types (tsc), the program (bundle.mjs) and dist/web (vite). The build writes to a folder beside
// dist and renames it to dist when it is complete, so a program that starts meanwhile uses the previous build. Two builds
// in one checkout run one after the other, and the second finds nothing left to do.
//   --if-stale  builds only what is older than its sources      --no-web  leaves the page out
// It is plain JavaScript, because it runs before anything is built.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeLock } from './build-lock.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const flags = new Set(process.argv.slice(2));
const dist = join(root, 'dist');
const workshop = join(root, '.dist-build');
const next = join(workshop, 'next');
const old = join(workshop, 'old');

/** Stamp files with the time of each build. A stamp has the start time of its build, so later changes are newer. */
const PROGRAM_STAMP = '.built';
const WEB_STAMP = 'web/.built';
const YOUNG_MS = 3_600_000;
const TOOLS = ['package-lock.json', 'scripts/build.mjs', 'scripts/bundle.mjs'];
const PROGRAM_SOURCES = ['src', 'tsconfig.json', 'tsconfig.build.json', ...TOOLS];
const WEB_SOURCES = ['web', ...TOOLS];
const hasWeb = !flags.has('--no-web') && existsSync(join(root, 'web/index.html'));

if (!existsSync(join(root, 'node_modules/typescript'))) process.exit(0); // installed without development packages

const always = !flags.has('--if-stale');
if (always || listStale().length > 0) {
  let hasWaited = false;
  const giveBack = await takeLock(join(workshop, 'lock'), (pid) => {
    hasWaited = true;
    console.error(`build: waiting for the build of process ${pid}`);
  });
  try {
    const stale = always && !hasWaited ? ['program', ...(hasWeb ? ['web'] : [])] : listStale();
    if (stale.length > 0) await build(stale);
  } catch (error) {
    console.error(`build: ${error.message}`);
    process.exitCode = 1;
  } finally {
    giveBack();
    try {
      rmdirSync(workshop);
    } catch {
      // the next build already uses the folder
    }
  }
}

function listStale() {
  const parts = [];
  if (isStale(PROGRAM_STAMP, PROGRAM_SOURCES)) parts.push('program');
  if (hasWeb && isStale(WEB_STAMP, WEB_SOURCES)) parts.push('web');
  return parts;
}

function isStale(stamp, sources) {
  const builtMs = newestMs(join(dist, stamp));
  return builtMs === 0 || sources.some((source) => newestMs(join(root, source)) > builtMs);
}

/** The newest modification time below `path`, in milliseconds; 0 if there are no files. */
function newestMs(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  let newest = 0;
  for (const name of readdirSync(path)) {
    if (name === 'node_modules' || name === 'dist' || name.endsWith('.test.ts')) continue;
    newest = Math.max(newest, newestMs(join(path, name)));
  }
  return newest;
}

/** Builds the given parts and copies the others from the previous build. */
async function build(parts) {
  const begin = new Date();
  rmSync(next, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
  const keeps = !always && existsSync(dist);
  if (keeps) cpSync(dist, next, { recursive: true, preserveTimestamps: true });
  else mkdirSync(next);
  if (parts.includes('program')) {
    const before = keeps ? readBuilt() : [];
    runTool('typescript/bin/tsc', ['-p', 'tsconfig.build.json']);
    removeOrphans(next, join(root, 'src'));
    const { bundleProgram, BUNDLE_FOLDER } = await import('./bundle.mjs');
    const written = await bundleProgram(next);
    // A running program still imports from the bundle with which it started. Therefore the bundle of the previous build
    // stays, and so do recent ones, because several builds may run in one checkout.
    const kept = new Set([...written, ...before]);
    for (const name of readdirSync(join(next, BUNDLE_FOLDER))) {
      const path = join(next, BUNDLE_FOLDER, name);
      const isOld = begin.getTime() - statSync(path).mtimeMs > YOUNG_MS;
      if (isOld && !kept.has(`${BUNDLE_FOLDER}/${name}`)) rmSync(path);
    }
    chmodSync(join(next, 'cli.js'), 0o755);
    stamp(PROGRAM_STAMP, begin, JSON.stringify(written));
  }
  if (parts.includes('web')) {
    runTool('vite/bin/vite.js', ['build', 'web', '--outDir', join(next, 'web'), '--logLevel', 'warn']);
    stamp(WEB_STAMP, begin);
  }
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(next, dist);
  rmSync(old, { recursive: true, force: true });
}

function stamp(name, begin, text = '') {
  writeFileSync(join(next, name), text);
  utimesSync(join(next, name), begin, begin);
}

/** The files of the bundle in dist. */
function readBuilt() {
  try {
    return JSON.parse(readFileSync(join(dist, PROGRAM_STAMP), 'utf8'));
  } catch {
    return []; // there is none, or an older version without bundles built it
  }
}

/** Removes compiled files whose sources no longer exist. */
function removeOrphans(compiled, sources) {
  for (const entry of readdirSync(compiled, { withFileTypes: true })) {
    const path = join(compiled, entry.name);
    if (entry.isDirectory()) {
      if (compiled === next && ['web', 'program'].includes(entry.name)) continue;
      if (existsSync(join(sources, entry.name))) removeOrphans(path, join(sources, entry.name));
      else rmSync(path, { recursive: true });
    } else if (/\.js$|\.d\.ts$/.test(entry.name)) {
      const source = entry.name.replace(/\.js$|\.d\.ts$/, '.ts');
      if (!existsSync(join(sources, source))) rmSync(path);
    }
  }
}

function runTool(script, args) {
  try {
    execFileSync(process.execPath, [join(root, 'node_modules', script), ...args], {
      cwd: root,
      // tests build with NODE_ENV=test, with which vite would write a larger page for development
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: 'inherit',
    });
  } catch {
    throw new Error(`${script} failed; see above`);
  }
}
