// Tries every accelerator that ONNX Runtime has code for. It is no fault if none of them works.
import { type DeviceFinding, listDevices, probeDevice } from '../../engine/runtime/device/index.ts';
import type { DevicesCheck } from './check.ts';

export async function checkDevices(): Promise<DevicesCheck> {
  try {
    const tried: DeviceFinding[] = [];
    // One after the other: the probes measure time.
    for (const device of await listDevices()) if (device !== 'cpu') tried.push(await probeDevice(device));
    return { kind: 'devices', status: 'ok', tried };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0]! : 'unknown';
    return { kind: 'devices', status: 'warn', reason };
  }
}
