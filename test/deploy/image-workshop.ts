// Builds images without Docker: buildah with chroot isolation, in a separate folder, from a base that replaces the pinned
// one, which cannot be pulled without access to its registry. It needs root and Linux.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDebianBase } from './debian-base.ts';
import { type CommandOutput, runCommand } from './run-command.ts';

const BASE = 'localhost/veracity-test-base:bookworm';
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Says why images cannot be built here; '' if they can. */
export function findObstacle(): string {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux';
  const missing = ['buildah', 'debootstrap', 'unshare', 'nsenter', 'chroot'].filter(
    (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0,
  );
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  // The build takes six minutes and needs an npm registry that the root's certificates trust, which many CI machines lack.
  return process.env.CI && !process.env.VERACITY_TEST_IMAGES
    ? 'CI is set and VERACITY_TEST_IMAGES is not'
    : '';
}

/** How an image is run. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly Healthcheck?: { readonly Test: readonly string[] };
  readonly Labels: Readonly<Record<string, string>>;
}

export interface ImageWorkshop {
  /** Runs scripts/build-image.mjs with the replacement base. */
  build(args: readonly string[]): Promise<CommandOutput>;
  /** Runs the builder directly on deploy/docker/serve.dockerfile. */
  buildRaw(args: readonly string[]): Promise<CommandOutput>;
  inspect(tag: string): Promise<ImageConfig>;
  /** Unpacks the files of an image into a temporary folder. */
  unpack(tag: string): Promise<string>;
  close(): Promise<void>;
}

/** Builds the base image in the new folder `folder`, which takes a minute or two. */
export async function createImageWorkshop(folder: string): Promise<ImageWorkshop> {
  mkdirSync(folder);
  const storage = join(folder, 'storage.conf');
  const useDriver = (driver: string): void =>
    writeFileSync(
      storage,
      `[storage]\ndriver = "${driver}"\ngraphroot = "${join(folder, driver)}"\nrunroot = "${join(folder, `${driver}-run`)}"\n`,
    );
  const environment = {
    ...process.env,
    BUILDAH_ISOLATION: 'chroot',
    TMPDIR: folder,
    CONTAINERS_STORAGE_CONF: storage,
  };
  const run = (command: string, args: readonly string[]): Promise<CommandOutput> =>
    runCommand(command, args, environment);
  const buildah = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, output } = await run('buildah', args);
    if (status !== 0) throw new Error(`buildah ${args[0]}: exit ${status}: ${output.slice(-2000)}`);
    return stdout.trim();
  };

  // The overlay driver shares files between layers, if the kernel allows it; otherwise layers are whole copies.
  useDriver('overlay');
  const probe = await run('buildah', ['from', 'scratch']);
  const canShare = probe.status === 0 && (await run('buildah', ['mount', probe.stdout.trim()])).status === 0;
  if (canShare) await buildah('rm', probe.stdout.trim());
  else useDriver('vfs');

  const root = join(folder, 'debian');
  const npmrc = join(folder, 'npmrc');
  await createDebianBase(root, npmrc);
  const container = await buildah('from', 'scratch');
  await buildah('add', '--quiet', container, root, '/');
  await buildah('config', '--env', PATH, container);
  await buildah('commit', '--quiet', '--rm', container, BASE);
  rmSync(root, { recursive: true });

  const options = ['--pull-never', '--layers', '--secret', `id=npmrc,src=${npmrc}`];
  const recipe = ['--format', 'docker', '--file', 'deploy/docker/serve.dockerfile'];
  const script = 'scripts/build-image.mjs';
  return {
    build: (args) =>
      run(process.execPath, [script, ...args, '--builder', 'buildah', '--base', BASE, '--', ...options]),
    buildRaw: (args) =>
      run('buildah', ['build', ...recipe, '--build-arg', `BASE_IMAGE=${BASE}`, ...options, ...args, '.']),
    inspect: async (tag) => {
      const image = JSON.parse(await buildah('inspect', '--type', 'image', tag)) as {
        Docker: { config: ImageConfig };
      };
      return image.Docker.config;
    },
    unpack: async (tag) => buildah('mount', await buildah('from', '--pull-never', tag)),
    close: async () => {
      await run('buildah', ['umount', '--all']);
      await run('buildah', ['rm', '--all']);
      await run('buildah', ['rmi', '--all', '--force']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
