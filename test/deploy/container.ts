// Runs an unpacked image as a container engine would, with what every Linux has: a mount and a process namespace of its
// own, the image's root mounted read-only, /tmp in memory, the volume from outside, the image's user, environment and
// entry point, node as process 1. The network is the machine's.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ImageConfig } from './image-workshop.ts';

export interface ContainerOptions {
  readonly root: string;
  readonly config: ImageConfig;
  /** Folder of this machine that is the volume /data; made the user's own. */
  readonly data: string;
  /** Instead of the image's CMD. */
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Container {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly exit: Promise<number | null>;
  /** Tells process 1, from outside, as an engine does; nothing if it has ended. */
  signal(name: NodeJS.Signals): void;
  /** Runs a command inside, as its user; the exit code. */
  execute(command: readonly string[]): { status: number | null; output: string };
  /** What /proc says of process 1. */
  describeProcess(): { readonly uid: number; readonly pidInside: number };
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

/** Starts it; nobody waits for it to be ready. */
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
    describeProcess: () => {
      const status = readFileSync(`/proc/${findFirst()}/status`, 'utf8');
      return {
        uid: Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]),
        pidInside: Number(/^NSpid:.*?(\d+)$/m.exec(status)?.[1]),
      };
    },
  };
}
