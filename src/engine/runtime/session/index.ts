// The room's door: what other rooms may use.
export { DEVICES, type Device, type DeviceChoice } from './device-name.ts';
export { createInferenceSession, type InferenceSession, transferList } from './inference-session.ts';
export {
  createOnnxSession,
  createResidentSession,
  type DeviceTensor,
  listBackends,
  type OnnxSession,
  type ResidentSession,
} from './onnx-runtime.ts';
