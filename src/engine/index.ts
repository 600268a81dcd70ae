// veracity/engine: build a graph, differentiate it, write it as ONNX, run and train it.
export { differentiate } from './autodiff/differentiate.ts';
export { compileTrainingProgram, type ModelGraph } from './autodiff/training-program.ts';
export type { Graph, GraphNode, Value } from './graph/ir.ts';
export type { OnnxModel, OnnxNode } from './graph/onnx-model.ts';
export { parseOnnx } from './graph/onnx-reader.ts';
export { writeOnnx } from './graph/onnx-writer.ts';
export type { DType, Operator, Shape } from './graph/operators.ts';
export type { DropoutSite, TrainingProgram } from './graph/program.ts';
export { float32Tensor, int32Tensor, type TensorData } from './graph/tensor.ts';
export { GraphBuilder } from './ops/graph-builder.ts';
export { lowerToOnnx } from './ops/lower.ts';
export type { OptimizerOptions } from './optim/optimizer.ts';
export { learningRateAt, type Schedule } from './optim/schedule.ts';
export { createInferenceSession, type InferenceSession } from './runtime/inference-session.ts';
export type { TrainerOptions, TrainerStep, TrainingBatch } from './runtime/trainer.ts';
export { createTrainingSession, type TrainingSession } from './runtime/training-session.ts';
