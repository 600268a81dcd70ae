// Low-rank adapters (Hu et al. 2021, arXiv 2106.09685): y = x W^T + b + (alpha / rank) * dropout(x) A^T B^T, W frozen.
// Names, first weights and files are those of PEFT (tested with 0.21), so that PEFT loads an adapter saved here beside its
// base model.

import type { Value } from '../../engine/graph/index.ts';
import { float32Tensor, type TensorData } from '../../engine/graph/index.ts';
import type { GraphBuilder } from '../../engine/ops/index.ts';
import { createRandom } from '../../foundation/core/index.ts';

/** The dense layers of a layer that may have an adapter. */
export const LORA_TARGETS = ['query', 'key', 'value', 'attended', 'widened', 'narrowed'] as const;
export type LoraTarget = (typeof LORA_TARGETS)[number];

export interface LoraOptions {
  /** R: rows of A, columns of B. */
  readonly rank: number;
  /** The product is scaled by alpha / rank. */
  readonly alpha: number;
  /** Rate of dropout of the adapter's input. */
  readonly dropout: number;
  readonly targets: readonly LoraTarget[];
}

/** A dense layer that may have an adapter. */
export interface AdaptedModule {
  /** The module's name: its weight is `${name}.weight`. */
  readonly name: string;
  /** Input and output widths. */
  readonly from: number;
  readonly to: number;
}

/** Adds the adapter of the dense layer `name` to its output. @returns y + (alpha / rank) * dropped A^T B^T */
export function addLora(
  b: GraphBuilder,
  y: Value,
  dropped: Value,
  { name, from, to }: AdaptedModule,
  { rank, alpha }: LoraOptions,
): Value {
  const narrow = b.linear(dropped, b.parameter(nameA(name), [rank, from])); // [..., R]
  const wide = b.matMul(narrow, b.parameter(nameB(name), [to, rank]), {
    transposeB: true,
    alpha: alpha / rank,
  });
  return b.add(y, wide);
}

/** First adapters: A uniform within 1 / sqrt(fan-in) (PyTorch's default of a dense layer), B zero: no change yet. */
export function createLoraWeights(
  adapted: readonly AdaptedModule[],
  lora: LoraOptions,
  seed: number,
): Map<string, TensorData> {
  const weights = new Map<string, TensorData>();
  for (const { name, from, to } of adapted) {
    const a = float32Tensor([lora.rank, from]);
    const random = createRandom(seed, nameA(name));
    const bound = 1 / Math.sqrt(from);
    for (let i = 0; i < a.data.length; i++) a.data[i] = (2 * random.next() - 1) * bound;
    weights.set(nameA(name), a);
    weights.set(nameB(name), float32Tensor([to, lora.rank]));
  }
  return weights;
}

/**
 * The weights of the plain model that gives the same logits: W + (alpha / rank) * B A, summed in double precision.
 * @param weights  base weights and adapters
 * @returns all of them except the adapters
 */
export function mergeLora(
  weights: ReadonlyMap<string, TensorData>,
  adapted: readonly AdaptedModule[],
  { rank, alpha }: LoraOptions,
): Map<string, TensorData> {
  const merged = new Map([...weights].filter(([name]) => !isLoraName(name)));
  for (const { name, from, to } of adapted) {
    const key = `${name}.weight`;
    const base = weights.get(key)!.data as Float32Array;
    const a = weights.get(nameA(name))!.data as Float32Array;
    const bb = weights.get(nameB(name))!.data as Float32Array;
    const sum = float32Tensor([to, from]);
    const row = new Float64Array(from);
    for (let o = 0; o < to; o++) {
      row.fill(0);
      for (let r = 0; r < rank; r++) {
        const factor = (alpha / rank) * bb[o * rank + r]!;
        for (let i = 0; i < from; i++) row[i]! += factor * a[r * from + i]!;
      }
      for (let i = 0; i < from; i++) sum.data[o * from + i] = base[o * from + i]! + row[i]!;
    }
    merged.set(key, sum);
  }
  return merged;
}

/** True for the parameters that an adapter adds. */
export function isLoraName(name: string): boolean {
  return name.endsWith('.lora_A.weight') || name.endsWith('.lora_B.weight');
}

/** The content of adapter_config.json. */
export function formatAdapterConfig(
  lora: LoraOptions,
  modules: {
    /** Modules with an adapter. */
    readonly adapted: readonly AdaptedModule[];
    /** Modules that can have one. */
    readonly adaptable: readonly AdaptedModule[];
    /** Modules that PEFT saves whole. */
    readonly kept: readonly string[];
  },
  /** Name or path of the base model, or null. */
  base: string | null,
): Record<string, unknown> {
  return {
    peft_type: 'LORA',
    task_type: 'SEQ_CLS',
    base_model_name_or_path: base,
    inference_mode: true,
    r: lora.rank,
    lora_alpha: lora.alpha,
    lora_dropout: lora.dropout,
    bias: 'none',
    fan_in_fan_out: false,
    init_lora_weights: true,
    use_dora: false,
    use_rslora: false,
    target_modules: nameTargets(modules.adapted, modules.adaptable),
    modules_to_save: modules.kept,
  };
}

/**
 * The tensors of adapter_model.safetensors: adapters and the head, under PEFT's names.
 * @param isHead  by parameter name
 */
export function selectAdapterTensors(
  weights: ReadonlyMap<string, TensorData>,
  isHead: (name: string) => boolean,
): Map<string, TensorData> {
  return new Map(
    [...weights]
      .filter(([name]) => isLoraName(name) || isHead(name))
      .map(([name, tensor]) => [`base_model.model.${name}`, tensor]),
  );
}

/** PEFT adapts every module whose name ends like a target; if that would include others, full names are listed. */
function nameTargets(adapted: readonly AdaptedModule[], adaptable: readonly AdaptedModule[]): string[] {
  const ending = ({ name }: AdaptedModule): string => name.replace(/^.*layers?\.\d+\./, '');
  const all = new Set(adaptable.map(ending));
  const isAmbiguous = (own: string): boolean => [...all].some((other) => other.endsWith(`.${own}`));
  const names = adapted.flatMap((module) => {
    const own = ending(module);
    return isAmbiguous(own)
      ? adapted.filter((other) => ending(other) === own).map(({ name }) => name)
      : [own];
  });
  return [...new Set(names)];
}

const nameA = (module: string): string => `${module}.lora_A.weight`;
const nameB = (module: string): string => `${module}.lora_B.weight`;
