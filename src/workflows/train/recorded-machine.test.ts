import { describe, expect, it } from 'vitest';
import { pickVariables, recordEnvironment, recordMachine, recordPlace } from './recorded-machine.ts';

describe('the recorded machine', () => {
  it('has a kind that begins with the platform and lists what decides bits', () => {
    const { kind, cores, memoryBytes, name } = recordMachine();
    expect(kind).toMatch(new RegExp(`^${process.platform}-${process.arch} \\S`));
    expect(cores).toBeGreaterThan(0);
    expect(memoryBytes).toBeGreaterThan(1e6);
    expect(name).not.toBe('');
  });

  it('has the hash of the native kernels and the version of V8', async () => {
    const { kernelsSha256, v8 } = await recordEnvironment();
    expect(kernelsSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(v8).toBe(process.versions.v8);
  });

  it('has a place that stays the same from one look to the next', async () => {
    expect(await recordPlace()).toEqual(await recordPlace());
  });
});

describe('the recorded variables', () => {
  it('are those that may change a training, without secrets', () => {
    const picked = pickVariables({
      VERACITY_THREADS: '2',
      VERACITY_API_KEY: 'kanarienvogel',
      VERACITY_DB: 'postgres://user:kanarienvogel@host/runs',
      HF_TOKEN: 'kanarienvogel',
      OMP_NUM_THREADS: '1',
      PATH: '/usr/bin',
      HOME: '/home/someone',
    });
    expect(picked).toEqual({
      HF_TOKEN: '***',
      OMP_NUM_THREADS: '1',
      VERACITY_API_KEY: '***',
      VERACITY_DB: 'postgres://user:***@host/runs',
      VERACITY_THREADS: '2',
    });
  });
});
