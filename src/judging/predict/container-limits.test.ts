import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ContainerLimits, readContainerLimits } from './container-limits.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'veracity-cgroup-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

describe('readContainerLimits', () => {
  test('finds none where there are no cgroups, and none that are unlimited', () => {
    expect(readContainerLimits(root)).toEqual({ cpus: null, memoryBytes: null });
    write({
      'proc/self/cgroup': '0::/\n',
      'sys/fs/cgroup/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/memory.max': 'max\n',
    });
    expect(readContainerLimits(root)).toEqual({ cpus: null, memoryBytes: null });
  });

  test.each<readonly [string, Readonly<Record<string, string>>, ContainerLimits]>([
    [
      'reads version 2 inside a container, whose group is the top',
      {
        'proc/self/cgroup': '0::/\n',
        'sys/fs/cgroup/cpu.max': '150000 100000\n',
        'sys/fs/cgroup/memory.max': '536870912\n',
      },
      { cpus: 1.5, memoryBytes: 536_870_912 },
    ],
    [
      'takes the lowest limit of the groups above',
      {
        'proc/self/cgroup': '0::/kubepods/pod1/web\n',
        'sys/fs/cgroup/kubepods/cpu.max': '800000 100000\n',
        'sys/fs/cgroup/kubepods/pod1/cpu.max': '200000 100000\n',
        'sys/fs/cgroup/kubepods/pod1/memory.max': '1073741824\n',
        'sys/fs/cgroup/kubepods/pod1/web/cpu.max': 'max 100000\n',
      },
      { cpus: 2, memoryBytes: 1_073_741_824 },
    ],
    [
      'reads version 1, with the host’s path or without',
      {
        'proc/self/cgroup': '9:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n0::/\n',
        'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '50000\n',
        'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
        'sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes': '268435456\n',
      },
      { cpus: 0.5, memoryBytes: 268_435_456 },
    ],
    [
      'knows how version 1 writes that there is no limit',
      {
        'proc/self/cgroup': '9:memory:/\n4:cpu:/\n',
        'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
        'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      },
      { cpus: null, memoryBytes: null },
    ],
  ])('%s', (_, files, limits) => {
    write(files);
    expect(readContainerLimits(root)).toEqual(limits);
  });
});
