// The room's door: what other rooms may use.

export { type ChosenDevice, chooseDevice, type DeviceFinding, listDevices, probeDevice } from './device.ts';
export { countStepCopies, formatStepCopies } from './device-copies.ts';
