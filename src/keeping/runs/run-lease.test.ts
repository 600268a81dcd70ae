import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../foundation/core/clock.ts';
import { isProcessAlive } from '../../foundation/core/process-alive.ts';
import { HeldLease } from './run-lease.ts';

const RUN = 'run-20260101-000000-abcd';

describe('a lease on files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-lease-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([1, 2, 3])('is refused to a process that slept while %i others took over', (others) => {
    let latest: HeldLease | undefined;
    let hasSlept = false;
    /** The process sleeps when it reads the time, after it has looked for a lease and before it writes its own. */
    const clock: Clock = {
      monotonicMs: () => 0,
      nowIso: () => {
        if (!hasSlept) {
          hasSlept = true;
          for (let i = 0; i < others; i++) {
            latest?.release();
            latest = HeldLease.take(folder, RUN, systemClock);
          }
        }
        return systemClock.nowIso();
      },
    };
    expect(() => HeldLease.take(folder, RUN, clock)).toThrowError(
      expect.objectContaining({ code: 'RUN_ACTIVE' }),
    );
    expect(() => latest!.assertHeld()).not.toThrow();
    expect(readdirSync(folder)).toEqual([`lease-${others}.json`]);
    latest!.release();
  });
});

describe.runIf(process.platform === 'linux')('isProcessAlive', () => {
  it('is false for a process that has ended, although its parent has not asked for its exit code', async () => {
    // The shell becomes `sleep`, which never asks for the exit code of the child that it got.
    const parent = spawn('sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const id = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)));
      await expect.poll(() => readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1]?.[0]).toBe('Z');
      expect(isProcessAlive(id, new Date().toISOString())).toBe(false);
      expect(isProcessAlive(parent.pid!, new Date().toISOString())).toBe(true);
    } finally {
      parent.kill();
    }
  });
});
