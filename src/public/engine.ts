// veracity/engine: build a graph, differentiate it, write it as ONNX, run and train it.
export { compileTrainingProgram, differentiate, type ModelGraph } from '../engine/autodiff/index.ts';
export type {
  DropoutSite,
  DType,
  Graph,
  GraphNode,
  OnnxModel,
  OnnxNode,
  Operator,
  Shape,
  TrainingProgram,
  Value,
} from '../engine/graph/index.ts';
export { float32Tensor, int32Tensor, parseOnnx, type TensorData, writeOnnx } from '../engine/graph/index.ts';
export { GraphBuilder, lowerToOnnx } from '../engine/ops/index.ts';
export type { OptimizerOptions } from '../engine/optim/index.ts';
export { learningRateAt, type Schedule } from '../engine/optim/index.ts';
export { createInferenceSession, type InferenceSession } from '../engine/runtime/session/index.ts';
export type { TrainerOptions, TrainerStep, TrainingBatch } from '../engine/runtime/training/index.ts';
export { createTrainingSession, type Trainer as TrainingSession } from '../engine/runtime/training/index.ts';
