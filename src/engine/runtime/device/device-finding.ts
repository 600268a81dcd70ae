// Facts about a device that was tried and about the choice of a device, and their sentences.
import type { Device } from '../session/index.ts';

/** The result of trying a device. */
export type DeviceFinding = { readonly device: Device } & DeviceOutcome;

export type DeviceOutcome =
  /** It computes correctly; the times are those of the probe. */
  | { readonly code: 'FASTER' | 'SLOWER'; readonly cpuMs: number; readonly deviceMs: number }
  /** Its largest error, relative to the largest value. */
  | { readonly code: 'WRONG_RESULTS'; readonly relativeDifference: number }
  /** The message of ONNX Runtime or of the system. */
  | { readonly code: 'FAILED'; readonly problem: string };

export interface ChosenDevice {
  readonly device: Device;
  readonly reason: DeviceReason;
}

export type DeviceReason =
  /** The user named the device. */
  | { readonly code: 'NAMED' }
  /** `auto`: the first device that is right and faster than the processor. */
  | { readonly code: 'FASTER'; readonly cpuMs: number; readonly deviceMs: number }
  /** `auto`: the processor, because no other device is right and faster; empty where there is none. */
  | { readonly code: 'NONE_FASTER'; readonly tried: readonly DeviceFinding[] };

/** Whether the device computes correctly. */
export function isWorkingDevice({ code }: DeviceFinding): boolean {
  return code === 'FASTER' || code === 'SLOWER';
}

/** Such as `2.0 ms for what the processor does in 31 ms`. */
export function formatDeviceOutcome(outcome: DeviceOutcome): string {
  switch (outcome.code) {
    case 'FASTER':
    case 'SLOWER':
      return `${formatMs(outcome.deviceMs)} for what the processor does in ${formatMs(outcome.cpuMs)}`;
    case 'WRONG_RESULTS':
      return `wrong results (off by ${(outcome.relativeDifference * 100).toFixed(0)}%)`;
    case 'FAILED':
      return outcome.problem;
  }
}

/** The reason why a device was chosen; empty if the user named it. */
export function formatDeviceReason(reason: DeviceReason): string {
  if (reason.code === 'NAMED') return '';
  if (reason.code === 'FASTER') return `auto: ${formatDeviceOutcome(reason)}`;
  const tried = reason.tried.map((finding) => `${finding.device}: ${formatDeviceOutcome(finding)}`);
  return `auto: ${tried.length === 0 ? 'nothing else is here' : tried.join('; ')}`;
}

function formatMs(ms: number): string {
  return `${ms < 10 ? ms.toPrecision(2) : Math.round(ms)} ms`;
}
