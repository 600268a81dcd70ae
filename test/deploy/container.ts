// Runs an unpacked image like a container engine, with the tools of any Linux: separate mount and process namespaces, the
// root of the image mounted read-only, /tmp in memory, a volume from outside, the user, environment and entry point of the
// image, node as process 1. It uses the network of the machine.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ImageConfig } from './image-workshop.ts';

export interface ContainerOptions {
  readonly root: string;
  readonly config: ImageConfig;
  /** The local folder of the volume /data; its owner becomes the user of the image. */
  readonly data: string;
  /** Replaces the CMD of the image. */
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Container {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly exit: Promise<number | null>;
  /** Sends a signal to process 1 from outside, as an engine does, unless it has ended. */
  signal(name: NodeJS.Signals): void;
  /** Runs a command inside, as the user of the image. */
  execute(command: readonly string[]): { status: number | null; output: string };
  /** Reads the facts about process 1 from /proc. */
  readProcess(): { readonly uid: number; readonly pidInside: number };
}

const MOUNTS = `set -e
mount --make-rprivate /
mount --bind "$IMAGE_ROOT" "$IMAGE_ROOT"
mount --bind "$IMAGE_DATA" "$IMAGE_ROOT/data"
mount -t tmpfs tmpfs "$IMAGE_ROOT/tmp"
mount -t proc proc "$IMAGE_ROOT/proc"
mount --rbind /dev "$IMAGE_ROOT/dev"
mount -o remount,bind,ro "$IMAGE_ROOT"
exec "$@"`;

/** Starts a container without waiting until it is ready. */
export function startContainer(options: ContainerOptions): Container {
  const { root, config, data, args = config.Cmd, environment = {} } = options;
  const inherited = Object.fromEntries(config.Env.map((line) => line.split(/=(.*)/s).slice(0, 2)));
  const variables = Object.entries({ ...inherited, ...environment }).map(
    ([name, value]) => `${name}=${value}`,
  );
  execFileSync('chown', ['-R', config.User, data]);
  const enter = (command: readonly string[]): string[] => [
    ...['chroot', `--userspec=${config.User}`, root],
    ...['/usr/bin/env', '-i', '-C', config.WorkingDir, ...variables, ...command],
  ];
  const child = spawn(
    'unshare',
    ['--mount', '--pid', '--fork', 'sh', '-c', MOUNTS, 'sh', ...enter([...config.Entrypoint, ...args])],
    {
      env: { PATH: process.env.PATH, IMAGE_ROOT: root, IMAGE_DATA: data },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk));
  const findFirst = (): number =>
    Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ')[0]);
  return {
    process: child,
    output: () => output,
    exit: new Promise((resolve) => child.on('close', (code) => resolve(code))),
    signal: (name) => {
      if (child.exitCode === null && child.signalCode === null) process.kill(findFirst(), name);
    },
    execute: (command) => {
      const { status, stdout, stderr } = spawnSync(
        'nsenter',
        ['--mount', '--pid', '--target', String(findFirst()), ...enter(command)],
        { encoding: 'utf8' },
      );
      return { status, output: stdout + stderr };
    },
    readProcess: () => {
      const status = readFileSync(`/proc/${findFirst()}/status`, 'utf8');
      return {
        uid: Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]),
        pidInside: Number(/^NSpid:.*?(\d+)$/m.exec(status)?.[1]),
      };
    },
  };
}
