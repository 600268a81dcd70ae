// The room's door: what other rooms may use.
export { formatDeviceOutcome, isWorkingDevice } from '../../engine/runtime/device/index.ts';
export type { Check, CheckKind, DoneCheck } from './check.ts';
export { type Diagnosis, diagnose, type Repair, repair } from './diagnosis.ts';
