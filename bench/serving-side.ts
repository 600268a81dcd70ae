// A server under measurement in its own process: the time until its first prediction, the memory of its process tree.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { repositoryRoot } from './sides.ts';

const POLL_MS = 10;
const START_LIMIT_MS = 120_000;

export interface ServingCommand {
  readonly argv: (port: number) => readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface RunningServer {
  readonly url: string;
  /** Time from the spawn to the first prediction. */
  readonly startUpMs: number;
  /** Sum of the peak memory of the processes that run now; null where the system does not report it. */
  readonly peakBytes: () => number | null;
  close(): Promise<void>;
}

/** Starts a server and waits until it has responded to `body`. */
export async function startServing(
  { argv, environment }: ServingCommand,
  body: string,
): Promise<RunningServer> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const [program = '', ...args] = argv(port);
  const startMs = performance.now();
  const child = spawn(program, args, {
    cwd: repositoryRoot,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let [output, ended] = ['', false];
  child.stderr.on('data', (chunk) => {
    output = `${output}${chunk}`.slice(-2000);
  });
  child.once('error', (error) => {
    output += error.message;
  });
  const end = new Promise<void>((resolve) => {
    child.once('close', () => {
      ended = true;
      resolve();
    });
  });
  const close = async (): Promise<void> => {
    if (!ended && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    const timer = setTimeout(() => {
      if (!ended && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, 10_000);
    await end;
    clearTimeout(timer);
  };
  while (!(await answers(url, body))) {
    if (ended || performance.now() - startMs > START_LIMIT_MS) {
      await close();
      throw new Error(`${program} ${args.join(' ')}: no answer: ${output}`);
    }
    await pause(POLL_MS);
  }
  return {
    url,
    startUpMs: performance.now() - startMs,
    peakBytes: () => (child.pid === undefined ? null : sumPeaks(child.pid)),
    close,
  };
}

async function answers(url: string, body: string): Promise<boolean> {
  try {
    const headers = { 'content-type': 'application/json', connection: 'close' };
    const response = await fetch(`${url}/v1/predict`, { method: 'POST', headers, body });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** VmHWM (peak resident memory) of a process and its descendants, from /proc. */
function sumPeaks(root: number): number | null {
  try {
    const parents = new Map<number, number>();
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const parent = readStatus(Number(name), 'PPid');
      if (parent !== null) parents.set(Number(name), parent);
    }
    const isBelow = (pid: number | undefined): boolean =>
      pid !== undefined && pid > 1 && (pid === root || isBelow(parents.get(pid)));
    let kilobytes = 0;
    for (const pid of parents.keys()) if (isBelow(pid)) kilobytes += readStatus(pid, 'VmHWM') ?? 0;
    return kilobytes === 0 ? null : kilobytes * 1024;
  } catch {
    return null;
  }
}

function readStatus(pid: number, field: string): number | null {
  try {
    const found = new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found === null ? null : Number(found[1]);
  } catch {
    return null; // ended meanwhile
  }
}
