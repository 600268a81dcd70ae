// The room's door: what other rooms may use.
export { listBackendNames } from './backend-list.ts';
export { DEVICES, type Device, type DeviceChoice } from './device-name.ts';
export { createInferenceSession, type InferenceSession, transferList } from './inference-session.ts';
export {
  createInPlaceSession,
  createOnnxSession,
  type LocalSession,
  type OnnxSession,
} from './onnx-session.ts';
export {
  createResidentSession,
  type DeviceTensor,
  type ResidentDevice,
  type ResidentSession,
} from './resident-session.ts';
