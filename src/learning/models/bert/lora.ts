// Low-rank adapters (Hu et al. 2021, arXiv 2106.09685): y = x W^T + b + (alpha / rank) * dropout(x) A^T B^T, W frozen.
// Names, first weights and files are PEFT's (read by 0.21), so that an adapter saved here loads there, and as it
// stands beside its base model.

import type { Value } from '../../../engine/graph/index.ts';
import { float32Tensor, type TensorData } from '../../../engine/graph/index.ts';
import type { GraphBuilder } from '../../../engine/ops/index.ts';
import { createRandom } from '../../../foundation/core/index.ts';
import type { BertConfig } from './config.ts';
import { BERT_NAMES, type BertLayerNames } from './names.ts';

/** The dense layers of a layer that may have an adapter. */
export const LORA_TARGETS = ['query', 'key', 'value', 'attended', 'widened', 'narrowed'] as const;
export type LoraTarget = (typeof LORA_TARGETS)[number];

export interface LoraOptions {
  /** R: rows of A, columns of B. */
  readonly rank: number;
  /** The product is scaled by alpha / rank. */
  readonly alpha: number;
  /** Of the adapter's input. */
  readonly dropout: number;
  readonly targets: readonly LoraTarget[];
}

interface AdaptedLayer {
  /** The dense layer's module name. */
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Module names of the dense layers that get an adapter, with their widths. */
export function listAdapted(config: BertConfig, { targets }: LoraOptions): readonly AdaptedLayer[] {
  const { width: D, feedForward: F } = config;
  const names = BERT_NAMES[config.family];
  return Array.from({ length: config.layers }, (_, i) => names.layer(i)).flatMap((layer) =>
    LORA_TARGETS.filter((target) => targets.includes(target)).map((target) => ({
      name: layer[target],
      from: target === 'narrowed' ? F : D,
      to: target === 'widened' ? F : D,
    })),
  );
}

/** Adds the adapter of the dense layer `name` to its output. @returns y + (alpha / rank) * dropped A^T B^T */
export function addLora(
  b: GraphBuilder,
  y: Value,
  dropped: Value,
  { name, from, to }: AdaptedLayer,
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
  config: BertConfig,
  lora: LoraOptions,
  seed: number,
): Map<string, TensorData> {
  const weights = new Map<string, TensorData>();
  for (const { name, from, to } of listAdapted(config, lora)) {
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
 * @returns all of them but the adapters
 */
export function mergeLora(
  weights: ReadonlyMap<string, TensorData>,
  config: BertConfig,
  lora: LoraOptions,
): Map<string, TensorData> {
  const merged = new Map([...weights].filter(([name]) => !isLoraName(name)));
  const { rank, alpha } = lora;
  for (const { name, from, to } of listAdapted(config, lora)) {
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

/** What adapter_config.json says. @param base  where the base model came from, or null */
export function formatAdapterConfig(
  config: BertConfig,
  lora: LoraOptions,
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
    target_modules: [...new Set(lora.targets.flatMap((target) => nameModules(config, target)))],
    modules_to_save: config.family === 'bert' ? ['pooler', 'classifier'] : ['pre_classifier', 'classifier'],
  };
}

/** What adapter_model.safetensors holds: adapters and the head, under PEFT's names. */
export function selectAdapterTensors(weights: ReadonlyMap<string, TensorData>): Map<string, TensorData> {
  const head = /^(bert\.pooler|pre_classifier|classifier)\./;
  return new Map(
    [...weights]
      .filter(([name]) => isLoraName(name) || head.test(name))
      .map(([name, tensor]) => [`base_model.model.${name}`, tensor]),
  );
}

/** PEFT adapts every module whose name ends so; where that would take others in, too, all names are listed. */
function nameModules(config: BertConfig, target: LoraTarget): string[] {
  const layers = Array.from({ length: config.layers }, (_, i) => BERT_NAMES[config.family].layer(i));
  const ending = (layer: BertLayerNames, role: LoraTarget): string =>
    layer[role].replace(/^.*layer\.\d+\./, '');
  const own = ending(layers[0]!, target);
  const ambiguous = LORA_TARGETS.some((role) => ending(layers[0]!, role).endsWith(`.${own}`));
  return ambiguous ? layers.map((layer) => layer[target]) : [own];
}

const nameA = (module: string): string => `${module}.lora_A.weight`;
const nameB = (module: string): string => `${module}.lora_B.weight`;
