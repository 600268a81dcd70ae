// The room's door: what other rooms may use.
export { formatDeviceOutcome, isWorkingDevice } from '../../engine/runtime/device/index.ts';
export type { Check } from './check.ts';
export { type Diagnosis, diagnose } from './diagnosis.ts';
