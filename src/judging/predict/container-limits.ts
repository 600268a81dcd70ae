// The limits of a container, from the files of Linux cgroups, version 2 and 1. os.availableParallelism counts the
// processors that a process may run on, not the share of their time that it gets (`docker run --cpus 1.5`, Kubernetes limits).
// Source: Linux Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/; libuv 1.49 reads the same files for Node 22.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface ContainerLimits {
  /** Processors' worth of time, such as 1.5; null: no limit. */
  readonly cpus: number | null;
  /** null: no limit. */
  readonly memoryBytes: number | null;
}

/** What version 1 writes for "no limit": the largest multiple of the page size in 63 bits. */
const V1_UNLIMITED = 2 ** 62;

/** Reads the limits of this process; elsewhere than on Linux there are none. @param root  `/`, or a folder in tests */
export function readContainerLimits(root = '/'): ContainerLimits {
  const places = (read(join(root, 'proc/self/cgroup')) ?? '').trim().split('\n').map(parseLine);
  const pathOf = (controller: string): string =>
    places.find(({ controllers }) => controllers.includes(controller))?.path ?? '/';
  const unified = join(root, 'sys/fs/cgroup');
  return {
    cpus: lowest([
      ...climb(unified, pathOf(''), (folder) => parseCpuMax(read(join(folder, 'cpu.max')))),
      ...['cpu', 'cpu,cpuacct'].flatMap((name) => climb(join(unified, name), pathOf('cpu'), readV1Cpus)),
    ]),
    memoryBytes: lowest([
      ...climb(unified, pathOf(''), (folder) => parseCount(read(join(folder, 'memory.max')))),
      ...climb(join(unified, 'memory'), pathOf('memory'), (folder) => {
        const bytes = parseCount(read(join(folder, 'memory.limit_in_bytes')));
        return bytes !== null && bytes < V1_UNLIMITED ? bytes : null;
      }),
    ]),
  };
}

/** `0::/kubepods/pod1` (version 2: no controllers) or `4:cpu,cpuacct:/docker/1`. */
function parseLine(line: string): { controllers: readonly string[]; path: string } {
  const [, controllers = '', ...path] = line.split(':');
  return { controllers: controllers.split(','), path: path.join(':') };
}

/** Limits of the groups above hold too. Inside a container the path may be the host's: then only the top group exists. */
function climb(top: string, path: string, readLimit: (folder: string) => number | null): (number | null)[] {
  const limits: (number | null)[] = [];
  for (let folder = join('/', path); ; folder = dirname(folder)) {
    if (existsSync(join(top, folder))) limits.push(readLimit(join(top, folder)));
    if (folder === '/') return limits;
  }
}

/** `150000 100000`: quota and period in microseconds; `max 100000`: no quota. */
function parseCpuMax(text: string | null): number | null {
  const [quota, period] = (text ?? '').trim().split(' ').map(Number);
  return quota! > 0 && period! > 0 ? quota! / period! : null;
}

function readV1Cpus(folder: string): number | null {
  const quota = parseCount(read(join(folder, 'cpu.cfs_quota_us'))); // -1: none
  const period = parseCount(read(join(folder, 'cpu.cfs_period_us')));
  return quota === null || period === null ? null : quota / period;
}

function parseCount(text: string | null): number | null {
  const count = Number(text?.trim() || Number.NaN);
  return count > 0 ? count : null;
}

function lowest(limits: readonly (number | null)[]): number | null {
  const found = limits.filter((limit) => limit !== null);
  return found.length === 0 ? null : Math.min(...found);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // not Linux, or no such controller
  }
}
