import { describe, expect, it } from 'vitest';
import type { Device } from '../session/device-name.ts';
import { chooseDevice, type DeviceFinding, listDevices, probeDevice } from './device.ts';

/** A machine with `there`, on which trying a device finds what `findings` say. */
function machine(there: readonly Device[], findings: Partial<Record<Device, Partial<DeviceFinding>>>) {
  const tried: Device[] = [];
  return {
    tried,
    list: async () => there,
    probe: async (device: Device): Promise<DeviceFinding> => {
      tried.push(device);
      return { device, works: false, isFaster: false, found: `no ${device} driver`, ...findings[device] };
    },
  };
}

const good = { works: true, isFaster: true, found: '1 ms for what the processor does in 9 ms' };

describe('chooseDevice', () => {
  it('takes the processor without a probe where the user names it', async () => {
    const here = machine(['cpu', 'cuda'], { cuda: good });
    expect(await chooseDevice('cpu', here)).toEqual({ device: 'cpu', reason: '' });
    expect(here.tried).toEqual([]);
  });

  it('takes for auto the first device that is right and faster, and says by how much', async () => {
    const here = machine(['cpu', 'webgpu', 'cuda'], { webgpu: good });
    expect(await chooseDevice('auto', here)).toEqual({ device: 'webgpu', reason: `auto: ${good.found}` });
    expect(here.tried).toEqual(['cuda', 'webgpu']);
  });

  it('stays with the processor for auto where a device works but is slower', async () => {
    const slow = { works: true, isFaster: false, found: '4000 ms for what the processor does in 9 ms' };
    const chosen = await chooseDevice('auto', machine(['cpu', 'webgpu'], { webgpu: slow }));
    expect(chosen).toEqual({ device: 'cpu', reason: `auto: webgpu: ${slow.found}` });
  });

  it('takes a slower device that the user names', async () => {
    const here = machine(['cpu', 'webgpu'], { webgpu: { works: true, found: 'slow' } });
    expect(await chooseDevice('webgpu', here)).toEqual({ device: 'webgpu', reason: '' });
  });

  it('refuses a device whose probe failed, naming why, what is there and what to install', async () => {
    await expect(chooseDevice('cuda', machine(['cpu', 'webgpu', 'cuda'], {}))).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
      exitCode: 2,
      message: expect.stringMatching(/expected cuda .* got: no cuda driver; .* cpu, webgpu, cuda/),
      hint: expect.stringContaining('ONNXRUNTIME_NODE_INSTALL=cuda12'),
    });
  });

  it('refuses a device that the platform has no code for, without trying it', async () => {
    const here = machine(['cpu'], { dml: good });
    await expect(chooseDevice('dml', here)).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
    expect(here.tried).toEqual([]);
  });
});

describe('the devices of this machine', () => {
  it('have the processor among them, and the processor passes its own probe', async () => {
    expect(await listDevices()).toContain('cpu');
    expect(await probeDevice('cpu')).toMatchObject({ device: 'cpu', works: true });
  });

  it('do not work where the runtime has no code for them, which is a finding, not a crash', async () => {
    const elsewhere = process.platform === 'win32' ? 'coreml' : 'dml';
    const { works, found } = await probeDevice(elsewhere);
    expect(works).toBe(false);
    expect(found.length).toBeGreaterThan(5);
  });
});
