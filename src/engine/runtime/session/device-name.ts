// The devices that a graph may run on, by the names ONNX Runtime's providers have.

export const DEVICES = ['cpu', 'webgpu', 'cuda', 'coreml', 'dml'] as const;
export type Device = (typeof DEVICES)[number];
/** auto: the first accelerator that works, computes correctly and is faster than the processor. */
export type DeviceChoice = Device | 'auto';
