// BERT or DistilBERT with the weights of a checkpoint, in the shape that the chosen way to train gives it: whole, with
// adapters, or with a linear head; and the way back to the plain model that other programs load.
import { join } from 'node:path';
import type { TensorData } from '../../engine/graph/index.ts';
import { appError, canonicalJson, hashSha256, writeFileAtomic } from '../../foundation/core/index.ts';
import { type BertConfig, type BertDropout, type BertFamily, formatBertConfig } from './bert/config.ts';
import { buildBert } from './bert/graph.ts';
import { type BertHead, buildBertHead, FEATURES } from './bert/head.ts';
import { createLinearHead, foldLinearHead } from './bert/linear-head.ts';
import {
  createLoraWeights,
  formatAdapterConfig,
  isLoraName,
  type LoraOptions,
  mergeLora,
  selectAdapterTensors,
} from './bert/lora.ts';
import { BERT_NAMES } from './bert/names.ts';
import { type Checkpoint, loadCheckpointWeights } from './checkpoint/checkpoint-folder.ts';
import type { EncoderModel, EncoderParts } from './encoder.ts';
import { saveSafetensors } from './safetensors.ts';

export interface PretrainedOptions {
  readonly classNames: readonly string[];
  /** Seeds a head that the checkpoint lacks, and adapters. */
  readonly seed: number;
  /** Rates that replace the checkpoint's own; null: none. */
  readonly dropout: { readonly [K in keyof BertDropout]?: number | undefined } | null;
  /** Default standard. */
  readonly head?: BertHead;
  /** Adapters; null or left out: none. */
  readonly lora?: LoraOptions | null;
  /** A frozen encoder is run without dropout, so that its vectors do not change. */
  readonly frozenEncoder?: boolean;
  /** What adapters say they belong to: the name the checkpoint was asked for by. */
  readonly base?: string;
}

const ADAPTER = 'adapter';
const NO_DROPOUT = { embedding: 0, attention: 0, hidden: 0 };

/** @throws SETTING_UNSUPPORTED for a linear head on BERT */
export function createPretrained(
  checkpoint: Checkpoint,
  options: PretrainedOptions,
): EncoderModel & { readonly parts: EncoderParts } {
  const { classNames, seed, dropout, head = 'standard', lora = null, frozenEncoder = false } = options;
  const { dropout: own, ...shape } = checkpoint.shape;
  const config: BertConfig = {
    ...shape,
    classNames,
    dropout: {
      embedding: dropout?.embedding ?? own.embedding,
      attention: dropout?.attention ?? own.attention,
      hidden: dropout?.hidden ?? own.hidden,
      classifier: dropout?.classifier ?? own.classifier,
    },
  };
  assertHeadSaves(config.family, head);
  const trained = frozenEncoder ? { ...config, dropout: { ...config.dropout, ...NO_DROPOUT } } : config;
  return {
    family: config.family,
    layers: config.layers,
    build: (build) => buildBert(trained, { ...build, head, lora }),
    loadWeights: () => {
      const weights = loadCheckpointWeights(checkpoint, config, seed);
      if (head === 'linear') replaceHead(weights, config, seed);
      if (lora !== null)
        for (const [name, tensor] of createLoraWeights(config, lora, seed)) weights.set(name, tensor);
      return weights;
    },
    formatConfig: () => formatBertConfig(config),
    ...(head === 'linear' || lora !== null ? { saved: describeSaved(config, head, lora, options) } : {}),
    parts: {
      digest: hashSha256(canonicalJson({ weights: checkpoint.sha256, shape })),
      width: config.width,
      maxPositions: config.maxPositions,
      buildEncoder: () => buildBert(config, { training: false, idsType: 'int32' }),
      buildHead: (build) => buildBertHead(config, { ...build, head }),
      tableName: FEATURES,
    },
  };
}

function describeSaved(
  config: BertConfig,
  head: BertHead,
  lora: LoraOptions | null,
  { base }: PretrainedOptions,
): NonNullable<EncoderModel['saved']> {
  const convert = (weights: ReadonlyMap<string, TensorData>): Map<string, TensorData> => {
    const merged = lora === null ? new Map(weights) : mergeLora(weights, config, lora);
    return head === 'linear' ? foldLinearHead(merged, config) : merged;
  };
  const saveBeside = (folder: string, weights: ReadonlyMap<string, TensorData>): void => {
    if (lora === null) return;
    const adapters = [...weights].filter(([name]) => isLoraName(name));
    const tensors = selectAdapterTensors(new Map([...convert(weights), ...adapters]));
    const text = JSON.stringify(formatAdapterConfig(config, lora, base ?? null), null, 2);
    writeFileAtomic(join(folder, ADAPTER, 'adapter_config.json'), `${text}\n`);
    saveSafetensors(join(folder, ADAPTER, 'adapter_model.safetensors'), tensors, { format: 'pt' });
  };
  return { build: (build) => buildBert(config, build), convert, saveBeside };
}

function replaceHead(weights: Map<string, TensorData>, config: BertConfig, seed: number): void {
  const { pooler } = BERT_NAMES[config.family];
  weights.delete(`${pooler}.weight`);
  weights.delete(`${pooler}.bias`);
  for (const [name, tensor] of createLinearHead(config, seed)) weights.set(name, tensor);
}

/**
 * Refuses a head that could not be saved in the family's own form.
 * @throws SETTING_UNSUPPORTED for a linear head on BERT
 */
export function assertHeadSaves(family: BertFamily, head: BertHead): void {
  if (family === 'distilbert' || head === 'standard') return;
  throw appError('SETTING_UNSUPPORTED', {
    key: 'model.head',
    expected: `standard for ${family}, whose saved form puts a tanh between encoder and classifier`,
    got: 'linear',
    remedy: 'Leave model.head out, or start from a DistilBERT.',
  });
}
