// The room's door: what other rooms may use.
export {
  formatShape,
  Graph,
  type GraphNode,
  type NodeOf,
  selectNodes,
  type Value,
  type ValueSpec,
} from './ir.ts';
export {
  ONNX_DTYPES,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxValueInfo,
} from './onnx-model.ts';
export { parseOnnx } from './onnx-reader.ts';
export { writeOnnx } from './onnx-writer.ts';
export type { Dim, DType, Operator, OperatorAttributes, Shape } from './operators.ts';
export {
  type DropoutSite,
  type GradientSource,
  PROGRAM_NAMES,
  type ProgramParameter,
  type TrainingProgram,
} from './program.ts';
export { countElements, float32Tensor, int32Tensor, type TensorData } from './tensor.ts';
