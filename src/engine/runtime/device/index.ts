// The room's door: what other rooms may use.

export { chooseDevice, listDevices, probeDevice } from './device.ts';
export { countStepCopies, formatStepCopies } from './device-copies.ts';
export {
  type ChosenDevice,
  type DeviceFinding,
  formatDeviceOutcome,
  formatDeviceReason,
  isWorkingDevice,
} from './device-finding.ts';
