// Finds the devices of this machine and chooses one. A provider that the package lists may lack its libraries or a driver,
// compute wrongly, crash, or be emulated by the processor (software Vulkan). So each is tried in a separate process before
// it is used, and `auto` takes it only if it computes correctly and faster than the processor.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { appError, packageRoot } from '../../../foundation/core/index.ts';
import { DEVICES, type Device, type DeviceChoice, listBackendNames } from '../session/index.ts';
import {
  type ChosenDevice,
  type DeviceFinding,
  type DeviceOutcome,
  type DeviceReason,
  formatDeviceOutcome,
  isWorkingDevice,
} from './device-finding.ts';

/** Best first: the device's own libraries before WebGPU, which supports all devices. */
const PREFERENCE: readonly Device[] = ['cuda', 'dml', 'coreml', 'webgpu'];
const PROBE_LIMIT_MS = 60_000;
/** Relative to the largest value. CUDA's TF32 and CoreML's float16 stay below it; a broken kernel does not. */
const MAX_RELATIVE_DIFFERENCE = 1e-2;

const ADVICE: Readonly<Record<Device, string>> = {
  cpu: '',
  webgpu:
    'Install the driver of a graphics card (on Linux with Vulkan; WebGPU itself comes with the package), or use device=cpu.',
  cuda: 'On Linux x64, install CUDA 12, cuDNN 9 and then ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node; or use device=cpu.',
  coreml: 'CoreML is on macOS alone. Use device=auto or device=cpu.',
  dml: 'DirectML is on Windows alone. Use device=auto or device=cpu.',
};

/** What the probe's process prints. */
export type ProbeAnswer =
  | { readonly relativeDifference: number; readonly cpuMs: number; readonly deviceMs: number }
  | { readonly problem: string };

/** The devices that this platform's ONNX Runtime has code for. Only a probe finds out whether they work. */
export async function listDevices(): Promise<readonly Device[]> {
  const names = new Set(await listBackendNames());
  return DEVICES.filter((device) => names.has(device));
}

/** Tries `device` in a process of its own. Takes a second or two. */
export async function probeDevice(device: Device): Promise<DeviceFinding> {
  return { device, ...readOutcome(await askProbe(device)) };
}

function readOutcome(answer: ProbeAnswer): DeviceOutcome {
  if ('problem' in answer) return { code: 'FAILED', problem: shorten(answer.problem) };
  const { relativeDifference, cpuMs, deviceMs } = answer;
  if (!(relativeDifference <= MAX_RELATIVE_DIFFERENCE)) return { code: 'WRONG_RESULTS', relativeDifference };
  return { code: deviceMs < cpuMs ? 'FASTER' : 'SLOWER', cpuMs, deviceMs };
}

/**
 * The device to run on. `cpu` is not tried; `auto` takes the first that is right and faster than the processor.
 * @throws DEVICE_UNAVAILABLE when the named device does not work
 */
export async function chooseDevice(
  requested: DeviceChoice,
  { list = listDevices, probe = probeDevice } = {},
): Promise<ChosenDevice> {
  const named: DeviceReason = { code: 'NAMED' };
  if (requested === 'cpu') return { device: 'cpu', reason: named };
  const there = await list();
  if (requested !== 'auto') {
    const finding = there.includes(requested) ? await probe(requested) : null;
    if (finding !== null && isWorkingDevice(finding)) return { device: requested, reason: named };
    throw appError('DEVICE_UNAVAILABLE', {
      requested,
      problem:
        finding === null
          ? `a platform without it (${process.platform}/${process.arch})`
          : formatDeviceOutcome(finding),
      there: there.join(', '),
      advice: ADVICE[requested],
    });
  }
  const tried: DeviceFinding[] = [];
  for (const device of PREFERENCE.filter((name) => there.includes(name))) {
    const finding = await probe(device);
    if (finding.code === 'FASTER') {
      const { code, cpuMs, deviceMs } = finding;
      return { device, reason: { code, cpuMs, deviceMs } };
    }
    tried.push(finding);
  }
  return { device: 'cpu', reason: { code: 'NONE_FASTER', tried } };
}

function askProbe(device: Device): Promise<ProbeAnswer> {
  // Tests and benches run from TypeScript sources and need a built dist/ here, as they do for workers.
  const script = join(packageRoot, 'dist/engine/runtime/device/device-probe.js');
  return new Promise((resolve) => {
    execFile(process.execPath, [script, device], { timeout: PROBE_LIMIT_MS }, (error, stdout) => {
      const line = stdout.trim().split('\n').at(-1) ?? '';
      if (line.startsWith('{')) resolve(JSON.parse(line) as ProbeAnswer);
      else if (error?.killed === true) resolve({ problem: `no answer in ${PROBE_LIMIT_MS / 1000} s` });
      else resolve({ problem: `its driver crashed (${error?.signal ?? `exit ${error?.code ?? 0}`})` });
    });
  });
}

/** The message without the place in ONNX Runtime's source that it begins with. */
function shorten(problem: string): string {
  const said = problem
    .split(' was false. ')
    .at(-1)!
    .split('\n')[0]!
    .replace(/^.*?\) \[.*?\] : /, '');
  return said.length <= 160 ? said : `${said.slice(0, 159)}…`;
}
