// What training needs of an encoder, whichever family it is of.
import type { ModelGraph } from '../engine/autodiff/training-program.ts';
import type { TensorData } from '../engine/graph/tensor.ts';
import { type BertConfig, type BertDropout, formatBertConfig } from './bert/config.ts';
import { buildBert } from './bert/graph.ts';
import { type Checkpoint, loadCheckpointWeights } from './checkpoint/checkpoint-folder.ts';
import { formatModernBertConfig, type ModernBertConfig } from './modernbert/config.ts';
import { buildModernBert } from './modernbert/graph.ts';
import { createModernBertWeights } from './modernbert/weights.ts';

export interface EncoderModel {
  readonly family: 'modernbert' | 'distilbert' | 'bert';
  build(options: { readonly training: boolean; readonly idsType: 'int32' | 'int64' }): ModelGraph;
  /** First weights by parameter name; the same each time, read or made anew so that nobody has to keep them. */
  loadWeights(): Map<string, TensorData>;
  /** config.json in the family's spelling. */
  formatConfig(): Record<string, unknown>;
}

/** ModernBERT with weights from the seed. */
export function createModernBert(config: ModernBertConfig, seed: number): EncoderModel {
  return {
    family: 'modernbert',
    build: (options) => buildModernBert(config, options),
    loadWeights: () => createModernBertWeights(config, seed),
    formatConfig: () => formatModernBertConfig(config),
  };
}

export interface PretrainedOptions {
  readonly classNames: readonly string[];
  /** Seeds a head that the checkpoint lacks. */
  readonly seed: number;
  /** Rates that replace the checkpoint's own; null: none. */
  readonly dropout: { readonly [K in keyof BertDropout]?: number | undefined } | null;
}

/** BERT or DistilBERT with the weights of an opened checkpoint. */
export function createPretrained(
  checkpoint: Checkpoint,
  { classNames, seed, dropout }: PretrainedOptions,
): EncoderModel {
  const { dropout: own } = checkpoint.shape;
  const config: BertConfig = {
    ...checkpoint.shape,
    classNames,
    dropout: {
      embedding: dropout?.embedding ?? own.embedding,
      attention: dropout?.attention ?? own.attention,
      hidden: dropout?.hidden ?? own.hidden,
      classifier: dropout?.classifier ?? own.classifier,
    },
  };
  return {
    family: config.family,
    build: (options) => buildBert(config, options),
    loadWeights: () => loadCheckpointWeights(checkpoint, config, seed),
    formatConfig: () => formatBertConfig(config),
  };
}
