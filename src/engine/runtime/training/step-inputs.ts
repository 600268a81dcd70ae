// Builds the inputs of a training program from a batch. Every trainer uses it for the inputs of a step.
import { appError } from '../../../foundation/core/index.ts';
import {
  countElements,
  type DropoutSite,
  float32Tensor,
  int32Tensor,
  PROGRAM_NAMES,
  type TensorData,
  type TrainingProgram,
} from '../../graph/index.ts';
import { fillDropoutMask } from './dropout-mask.ts';
import type { TokenBatch, TrainingBatch } from './training-step.ts';

type Inputs = Record<string, TensorData>;

/** Builds the inputs of one program's step; weights and optimizer state come from the trainer. */
export class StepInputs {
  readonly #program: TrainingProgram;
  readonly #seed: number;
  /** The inputs of the step's graph that each batch provides. */
  readonly #names: readonly string[];
  /** Reused from batch to batch; a buffer only ever grows. */
  readonly #masks = new Map<string, Float32Array>();

  /**
   * @param declared  the names of the step's inputs
   * @throws STEP_INPUT_MISSING when the step declares an input that neither a batch nor the parameters give
   */
  constructor(program: TrainingProgram, declared: readonly string[], seed: number) {
    this.#program = program;
    this.#seed = seed;
    const weights = new Set([...program.parameters, ...program.frozen].map(({ name }) => name));
    const given = new Set([...BATCH_NAMES, ...program.dropout.map(({ input }) => input)]);
    this.#names = declared.filter((name) => !weights.has(name));
    const unknown = this.#names.find((name) => !given.has(name));
    if (unknown !== undefined)
      throw appError('STEP_INPUT_MISSING', {
        input: unknown,
        source: 'a training step',
        given: [...given].join(', '),
      });
  }

  /**
   * @param at  step and microStep (the batch's place in its step) decide what dropout drops
   * @returns the inputs that the step declares; the masks are overwritten by the next call
   * @throws STEP_INPUT_MISSING when the program has a teacher and the batch has none
   */
  build(batch: TrainingBatch, at: { readonly step: number; readonly microStep: number }): Inputs {
    const given: Inputs = {
      ...buildTokenInputs(batch),
      ...buildLossInputs(batch, this.#program.classes),
      ...this.#fillMasks(batch, at),
    };
    const inputs: Inputs = {};
    for (const name of this.#names) {
      const tensor = given[name];
      if (tensor === undefined)
        throw appError('STEP_INPUT_MISSING', {
          input: name,
          source: 'this batch',
          given: Object.keys(given).join(', '),
        });
      inputs[name] = tensor;
    }
    return inputs;
  }

  #fillMasks(batch: TokenBatch, at: { readonly step: number; readonly microStep: number }): Inputs {
    const inputs: Inputs = {};
    for (const [site, dropout] of this.#program.dropout.entries()) {
      const shape = maskShape(dropout, batch);
      const length = countElements(shape);
      let buffer = this.#masks.get(dropout.input);
      if (buffer === undefined || buffer.length < length) {
        buffer = new Float32Array(length);
        this.#masks.set(dropout.input, buffer);
      }
      const mask = buffer.subarray(0, length);
      fillDropoutMask(mask, dropout.rate, { seed: this.#seed, site, ...at });
      inputs[dropout.input] = float32Tensor(shape, mask);
    }
    return inputs;
  }
}

/** The inputs of a session's step; the session is disposed where they are incomplete. @throws STEP_INPUT_MISSING */
export async function createStepInputs(
  program: TrainingProgram,
  session: { readonly inputNames: readonly string[]; dispose(): Promise<void> },
  seed: number,
): Promise<StepInputs> {
  try {
    return new StepInputs(program, session.inputNames, seed);
  } catch (error) {
    await session.dispose();
    throw error;
  }
}

const BATCH_NAMES = [
  PROGRAM_NAMES.inputIds,
  PROGRAM_NAMES.attentionMask,
  PROGRAM_NAMES.targets,
  PROGRAM_NAMES.articleWeights,
  PROGRAM_NAMES.teacherTargets,
  PROGRAM_NAMES.teacherWeights,
];

/** Token ids and mask, [B, T] each: all that a forward pass needs beside the weights. */
export function buildTokenInputs({ inputIds, attentionMask, size, length }: TokenBatch): Inputs {
  return {
    [PROGRAM_NAMES.inputIds]: int32Tensor([size, length], inputIds),
    [PROGRAM_NAMES.attentionMask]: int32Tensor([size, length], attentionMask),
  };
}

/** Soft labels [B, C] and each article's share of the loss [B]; the same of the teacher where there is one. */
function buildLossInputs({ targets, articleWeights, teacher, size }: TrainingBatch, classes: number): Inputs {
  const inputs: Inputs = {
    [PROGRAM_NAMES.targets]: float32Tensor([size, classes], targets),
    [PROGRAM_NAMES.articleWeights]: float32Tensor([size], articleWeights),
  };
  if (teacher === undefined) return inputs;
  return {
    ...inputs,
    [PROGRAM_NAMES.teacherTargets]: float32Tensor([size, classes], teacher.targets),
    [PROGRAM_NAMES.teacherWeights]: float32Tensor([size], teacher.weights),
  };
}

/** The shape of a dropout mask for one batch. */
function maskShape(site: DropoutSite, { size, length }: TokenBatch): number[] {
  return site.shape.map((dim) => (dim === 'B' ? size : dim === 'T' ? length : Number(dim)));
}

/** Those of `tensors` that `names` lists. */
export function pickInputs<T>(
  tensors: Readonly<Record<string, T>>,
  names: readonly string[],
): Record<string, T> {
  const picked: Record<string, T> = {};
  for (const name of names) {
    const tensor = tensors[name];
    if (tensor !== undefined) picked[name] = tensor;
  }
  return picked;
}
