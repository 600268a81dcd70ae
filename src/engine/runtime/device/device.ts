// Finds the devices of this machine and chooses one. A provider that the package lists may lack its libraries or a driver,
// compute wrongly, crash, or be emulated by the processor (software Vulkan). So each is tried in a separate process before
// it is used, and `auto` takes it only if it computes correctly and faster than the processor.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { appError, packageRoot } from '../../../foundation/core/index.ts';
import { DEVICES, type Device, type DeviceChoice } from '../session/index.ts';

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

/** What trying a device showed. */
export interface DeviceFinding {
  readonly device: Device;
  readonly works: boolean;
  /** Whether it needs less time for the probe than the processor. */
  readonly isFaster: boolean;
  /** A text such as `2.0 ms for what the processor does in 31 ms`. */
  readonly found: string;
}

export interface ChosenDevice {
  readonly device: Device;
  /** Why; empty where the user named the device. */
  readonly reason: string;
}

/** The devices that this platform's ONNX Runtime has code for. Only a probe finds out whether they work. */
export async function listDevices(): Promise<readonly Device[]> {
  // Imported only here: a server's main thread needs no ONNX Runtime.
  const { listBackends } = await import('../session/index.ts');
  const names = new Set(listBackends().map(({ name }) => name));
  return DEVICES.filter((device) => names.has(device));
}

/** Tries `device` in a process of its own. Takes a second or two. */
export async function probeDevice(device: Device): Promise<DeviceFinding> {
  const answer = await askProbe(device);
  const finding = (works: boolean, isFaster: boolean, found: string): DeviceFinding => ({
    device,
    works,
    isFaster,
    found,
  });
  if ('problem' in answer) return finding(false, false, shorten(answer.problem));
  const { relativeDifference, cpuMs, deviceMs } = answer;
  if (!(relativeDifference <= MAX_RELATIVE_DIFFERENCE))
    return finding(false, false, `wrong results (off by ${(relativeDifference * 100).toFixed(0)}%)`);
  const found = `${formatMs(deviceMs)} for what the processor does in ${formatMs(cpuMs)}`;
  return finding(true, deviceMs < cpuMs, found);
}

/**
 * The device to run on. `cpu` is not tried; `auto` takes the first that is right and faster than the processor.
 * @throws DEVICE_UNAVAILABLE when the named device does not work
 */
export async function chooseDevice(
  asked: DeviceChoice,
  { list = listDevices, probe = probeDevice } = {},
): Promise<ChosenDevice> {
  if (asked === 'cpu') return { device: 'cpu', reason: '' };
  const there = await list();
  if (asked !== 'auto') {
    const finding = there.includes(asked) ? await probe(asked) : null;
    if (finding?.works === true) return { device: asked, reason: '' };
    throw appError('DEVICE_UNAVAILABLE', {
      asked,
      problem: finding?.found ?? `a platform without it (${process.platform}/${process.arch})`,
      there: there.join(', '),
      advice: ADVICE[asked],
    });
  }
  const refused: string[] = [];
  for (const device of PREFERENCE.filter((name) => there.includes(name))) {
    const { works, isFaster, found } = await probe(device);
    if (works && isFaster) return { device, reason: `auto: ${found}` };
    refused.push(`${device}: ${found}`);
  }
  return {
    device: 'cpu',
    reason: `auto: ${refused.length === 0 ? 'nothing else is here' : refused.join('; ')}`,
  };
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

function formatMs(ms: number): string {
  return `${ms < 10 ? ms.toPrecision(2) : Math.round(ms)} ms`;
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
