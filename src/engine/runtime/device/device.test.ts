import { describe, expect, it } from 'vitest';
import type { Device } from '../session/device-name.ts';
import { chooseDevice, listDevices, probeDevice } from './device.ts';
import {
  type DeviceFinding,
  type DeviceOutcome,
  formatDeviceReason,
  isWorkingDevice,
} from './device-finding.ts';

/** A machine with `there`, on which trying a device finds what `findings` say. */
function machine(there: readonly Device[], findings: Partial<Record<Device, DeviceOutcome>>) {
  const tried: Device[] = [];
  return {
    tried,
    list: async () => there,
    probe: async (device: Device): Promise<DeviceFinding> => {
      tried.push(device);
      return { device, ...(findings[device] ?? { code: 'FAILED', problem: `no ${device} driver` }) };
    },
  };
}

const good = { code: 'FASTER', cpuMs: 9, deviceMs: 1 } as const;

describe('chooseDevice', () => {
  it('takes the processor without a probe where the user names it', async () => {
    const here = machine(['cpu', 'cuda'], { cuda: good });
    expect(await chooseDevice('cpu', here)).toEqual({ device: 'cpu', reason: { code: 'NAMED' } });
    expect(here.tried).toEqual([]);
  });

  it('takes for auto the first device that is right and faster, and says by how much', async () => {
    const here = machine(['cpu', 'webgpu', 'cuda'], { webgpu: good });
    const { device, reason } = await chooseDevice('auto', here);
    expect({ device, reason }).toEqual({ device: 'webgpu', reason: good });
    expect(formatDeviceReason(reason)).toBe('auto: 1.0 ms for what the processor does in 9.0 ms');
    expect(here.tried).toEqual(['cuda', 'webgpu']);
  });

  it('stays with the processor for auto where a device works but is slower', async () => {
    const slow = { code: 'SLOWER', cpuMs: 9, deviceMs: 4000 } as const;
    const chosen = await chooseDevice('auto', machine(['cpu', 'webgpu'], { webgpu: slow }));
    const tried = [{ device: 'webgpu', ...slow }];
    expect(chosen).toEqual({ device: 'cpu', reason: { code: 'NONE_FASTER', tried } });
    expect(formatDeviceReason(chosen.reason)).toBe(
      'auto: webgpu: 4000 ms for what the processor does in 9.0 ms',
    );
  });

  it('takes a slower device that the user names', async () => {
    const here = machine(['cpu', 'webgpu'], { webgpu: { code: 'SLOWER', cpuMs: 1, deviceMs: 9 } });
    expect(await chooseDevice('webgpu', here)).toEqual({ device: 'webgpu', reason: { code: 'NAMED' } });
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
    const finding = await probeDevice('cpu');
    expect(finding.device).toBe('cpu');
    expect(isWorkingDevice(finding)).toBe(true);
  });

  it('do not work where the runtime has no code for them, which is a finding, not a crash', async () => {
    const elsewhere = process.platform === 'win32' ? 'coreml' : 'dml';
    const finding = await probeDevice(elsewhere);
    expect(finding).toMatchObject({ code: 'FAILED', problem: expect.stringMatching(/.{6}/) });
  });
});
