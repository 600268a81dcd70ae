// Bench of sizes: the packed tarball that a user downloads; the disk space after its installation in an empty folder
// without development packages, with the largest parts; and the space without the binaries for other platforms.
// npx tsx bench/installed-size.ts [--allow-busy]     (needs dist and the npm registry or npm's cache of it)
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveDetails } from './details.ts';
import { runSuite } from './harness.ts';
import { repositoryRoot } from './sides.ts';

const SUITE = 'installed-size';
const SHOWN_PACKAGES = 8;
const MB = 1e6;

interface PackReport {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

const folder = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
try {
  // The runtime's install script would fetch CUDA libraries from outside the npm registry.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const npm = (cwd: string, ...args: string[]): string =>
    execFileSync('npm', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  await runSuite(SUITE, async (suite) => {
    const packed = npm(repositoryRoot, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder);
    const report = (JSON.parse(packed) as PackReport[])[0]!;
    const project = join(folder, 'project');
    writeProject(project);
    npm(project, 'install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, report.filename));

    const modules = join(project, 'node_modules');
    const packages = listPackages(modules).map((name) => ({ name, size: sizeOf(join(modules, name)) }));
    const total = sizeOf(modules);
    const binaries = listBinaries(modules);
    const others = binaries.filter(({ here }) => !here).reduce((sum, { size }) => sum + size, 0);
    const record = (name: string, bytes: number): unknown =>
      suite.record({ name, unit: 'MB', better: 'lower', values: [bytes / MB] });
    record('tarball', report.size);
    record('tarball, unpacked', report.unpackedSize);
    record('installed, with all dependencies', total);
    record("installed, without other platforms' onnxruntime binaries", total - others);
    suite.record({
      name: 'packages installed',
      unit: 'packages',
      better: 'lower',
      values: [packages.length],
    });

    const megabytes = (bytes: number): string => (bytes / MB).toFixed(2);
    const largest = packages.toSorted((a, b) => b.size - a.size);
    const rest = largest.slice(SHOWN_PACKAGES);
    saveDetails(SUITE, {
      tables: [
        {
          title: 'Largest packages',
          columns: ['package', 'MB'],
          rows: [
            ...largest.slice(0, SHOWN_PACKAGES).map(({ name, size }) => [name, megabytes(size)]),
            [`${rest.length} more`, megabytes(rest.reduce((sum, { size }) => sum + size, 0))],
          ],
        },
        {
          title: "onnxruntime-node's binaries",
          columns: ['platform', 'MB', ''],
          rows: binaries.map(({ platform, size, here }) => [
            platform,
            megabytes(size),
            here ? 'used here' : 'can be pruned',
          ]),
        },
        { title: 'The tarball, unpacked', columns: ['folder', 'MB'], rows: listFolders(report, megabytes) },
      ],
      notes: [
        'Sum of file sizes; 1 MB is 1,000,000 bytes. Installed with ONNXRUNTIME_NODE_INSTALL=skip: without CUDA libraries.',
      ],
    });
  });
} finally {
  rmSync(folder, { recursive: true });
}

function writeProject(path: string): void {
  mkdirSync(path);
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name: 'user', private: true }));
}

/** Names of the packages on the first level, scoped ones with their scope. */
function listPackages(modules: string): string[] {
  return readdirSync(modules).flatMap((name) => {
    if (name.startsWith('.')) return [];
    return name.startsWith('@')
      ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`)
      : [name];
  });
}

function listBinaries(modules: string): { platform: string; size: number; here: boolean }[] {
  const bin = join(modules, 'onnxruntime-node/bin');
  if (!existsSync(bin)) throw new Error('onnxruntime-node has no bin folder any more: adapt this bench');
  const here = `${process.platform}-${process.arch}`;
  return readdirSync(bin).flatMap((abi) =>
    readdirSync(join(bin, abi)).flatMap((os) =>
      readdirSync(join(bin, abi, os)).map((arch) => ({
        platform: `${os}-${arch}`,
        size: sizeOf(join(bin, abi, os, arch)),
        here: `${os}-${arch}` === here,
      })),
    ),
  );
}

function listFolders({ files }: PackReport, format: (bytes: number) => string): (string | number)[][] {
  const sizes = new Map<string, number>();
  for (const { path, size } of files) {
    const top = path.startsWith('dist/web/') ? 'dist/web' : (path.split('/')[0] ?? path);
    sizes.set(top, (sizes.get(top) ?? 0) + size);
  }
  return [...sizes].toSorted((a, b) => b[1] - a[1]).map(([name, size]) => [name, format(size)]);
}

/** Bytes of all files below `path`; links are not followed. */
function sizeOf(path: string): number {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
