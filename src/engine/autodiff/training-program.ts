// Compiles a model for training: adds the loss and its gradient to the graph and writes both programs as ONNX.
import { invariant } from '../../foundation/core/index.ts';
import type { Value } from '../graph/index.ts';
import {
  type DropoutSite,
  type GradientSource,
  PROGRAM_NAMES,
  type TrainingProgram,
  writeOnnx,
} from '../graph/index.ts';
import type { GraphBuilder } from '../ops/index.ts';
import { lowerToOnnx } from '../ops/index.ts';
import { differentiate } from './differentiate.ts';
import { KEEP_ALL, planRecomputation } from './recomputation.ts';

/** A model as a graph, not yet compiled. */
export interface ModelGraph {
  readonly b: GraphBuilder;
  /** [B, C] */
  readonly logits: Value;
  /** [B, D] the article's vector that the head reads; absent where there is none. */
  readonly embedding?: Value;
  readonly dropout: readonly DropoutSite[];
  /** Each layer's input, in order: what gradient checkpointing keeps. */
  readonly layerInputs?: readonly Value[];
}

/**
 * Compiles the step and the forward pass of a model.
 * Loss = sum over articles of weight * cross-entropy with soft targets; weights that sum to 1 make it a mean.
 * @param trainable  graph with dropout; its gradient is taken
 * @param plain      the same model without dropout, for evaluation
 * @param isTrained  by parameter name; the others are frozen and have no gradient
 * With a teacher's temperature T the loss gains sum of teacherWeight * cross-entropy(teacherTargets, softmax(logits / T)).
 * @param options    recompute: keep only each layer's input for the backward pass, and compute the rest again
 */
export function compileTrainingProgram(
  trainable: ModelGraph,
  plain: ModelGraph,
  isTrained: (name: string) => boolean = () => true,
  {
    recompute = false,
    teacherTemperature = null,
  }: { readonly recompute?: boolean; readonly teacherTemperature?: number | null } = {},
): TrainingProgram {
  const { b, logits } = trainable;
  const classes = Number(logits.shape.at(-1));
  const hard = addCrossEntropy(b, logits, classes, PROGRAM_NAMES.targets, PROGRAM_NAMES.articleWeights);
  const loss =
    teacherTemperature === null
      ? hard
      : b.add(hard, addTeacherLoss(b, b.div(logits, teacherTemperature), classes));
  const parameters = b.graph.parameters.filter(({ name }) => isTrained(name));
  const frozen = b.graph.parameters.filter(({ name }) => !isTrained(name));
  invariant(parameters.length > 0, 'a training program that trains nothing');
  const recomputation = recompute ? planRecomputation(b, loss, trainable.layerInputs ?? []) : KEEP_ALL;
  const gradients = differentiate(b, loss, parameters, recomputation);
  const outputs: Record<string, Value> = { [PROGRAM_NAMES.loss]: loss };
  const trained = parameters.map((parameter) => {
    const gradient = gradients.get(parameter);
    invariant(gradient !== undefined, `the loss does not depend on ${parameter.name}`);
    const output = `gradient.${parameter.name}`;
    const { source, value } = chooseSource(gradient, output);
    outputs[output] = value;
    return { name: parameter.name, shape: parameter.shape.map(Number), gradient: source };
  });
  return {
    step: concatChunks(writeOnnx(lowerToOnnx(b.graph, { outputs, name: 'training step' }))),
    forward: concatChunks(
      writeOnnx(
        lowerToOnnx(plain.b.graph, { outputs: { [PROGRAM_NAMES.logits]: plain.logits }, name: 'forward' }),
      ),
    ),
    parameters: trained,
    frozen: frozen.map(({ name, shape }) => ({ name, shape: shape.map(Number) })),
    dropout: trainable.dropout,
    classes,
  };
}

function addTeacherLoss(b: GraphBuilder, logits: Value, classes: number): Value {
  return addCrossEntropy(b, logits, classes, PROGRAM_NAMES.teacherTargets, PROGRAM_NAMES.teacherWeights);
}

function addCrossEntropy(
  b: GraphBuilder,
  logits: Value,
  classes: number,
  targetsName: string,
  weightsName: string,
): Value {
  const targets = b.input(targetsName, 'float32', ['B', classes]);
  const weights = b.input(weightsName, 'float32', ['B']);
  const perArticle = b.reduceSum(b.mul(b.logSoftmax(logits), targets), [1], false); // [B]
  return b.unary('Neg', b.reduceSum(b.mul(perArticle, weights), [0], false)); // []
}

/** The gradient of a table that is only looked up in has few rows: they are the output instead of the whole table. */
function chooseSource(gradient: Value, output: string): { source: GradientSource; value: Value } {
  const producer = gradient.producer;
  const indices = producer?.inputs[0];
  if (producer?.op === 'ScatterAdd' && indices?.kind === 'input') {
    return { source: { kind: 'rows', output, indices: indices.name }, value: producer.inputs[1]! };
  }
  return { source: { kind: 'dense', output }, value: gradient };
}

function concatChunks(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}
