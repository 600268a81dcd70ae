// Builds dist/ (tsc) and dist/web (vite). With --if-stale it does nothing while no source is newer than dist.
// Plain JavaScript, because it runs before anything is built.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const flags = new Set(process.argv.slice(2));

/** Newest modification time below `path`, in milliseconds. */
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

function isStale(stamp, sources) {
  const builtMs = newestMs(join(root, stamp));
  return builtMs === 0 || sources.some((source) => newestMs(join(root, source)) > builtMs);
}

function runTool(script, args) {
  try {
    execFileSync(process.execPath, [join(root, 'node_modules', script), ...args], {
      cwd: root,
      stdio: 'inherit',
    });
  } catch {
    console.error(`build: ${script} failed; see above`);
    process.exit(1);
  }
}

if (!existsSync(join(root, 'node_modules/typescript'))) process.exit(0); // an install without development packages

const always = !flags.has('--if-stale');
if (always || isStale('dist/.built', ['src', 'tsconfig.json', 'tsconfig.build.json'])) {
  if (always) rmSync(join(root, 'dist'), { recursive: true, force: true });
  if (always) rmSync(join(root, 'node_modules/.cache/veracity'), { recursive: true, force: true });
  runTool('typescript/bin/tsc', ['-p', 'tsconfig.build.json']);
  if (existsSync(join(root, 'dist/cli.js'))) chmodSync(join(root, 'dist/cli.js'), 0o755);
  writeFileSync(join(root, 'dist/.built'), '');
}
if (!flags.has('--no-web') && existsSync(join(root, 'web/index.html'))) {
  if (always || isStale('dist/web/.built', ['web'])) {
    runTool('vite/bin/vite.js', ['build', 'web', '--logLevel', 'warn']);
    writeFileSync(join(root, 'dist/web/.built'), '');
  }
}
