// The sizes that the train-step bench measures, and the input that both sides get: a folder with weights under the names
// of transformers and one batch of full length, so that no side gains by avoiding padding.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { countElements } from '../src/engine/graph/tensor.ts';
import type { OptimizerOptions } from '../src/engine/optim/optimizer.ts';
import { createRandom } from '../src/foundation/core/random.ts';
import type { DropoutRates } from '../src/learning/models/encoder-definition.ts';
import type { ModernBertConfig } from '../src/learning/models/modernbert/config.ts';
import { createCompactConfig } from '../src/learning/models/modernbert/family.ts';
import { buildModernBert } from '../src/learning/models/modernbert/graph.ts';
import { createModernBertWeights } from '../src/learning/models/modernbert/weights.ts';
import { saveSafetensors } from '../src/learning/models/safetensors.ts';
import { THREADS } from './sides.ts';

export interface TrainStepCase {
  readonly name: string;
  readonly config: ModernBertConfig;
  /** B */
  readonly size: number;
  /** T */
  readonly length: number;
  readonly rounds: number;
}

/** The content of case.json, which both sides read. */
export interface SavedCase {
  readonly classNames: readonly string[];
  readonly config: ModernBertConfig;
  readonly batch: {
    /** [B, T] */
    readonly inputIds: readonly number[];
    /** [B] */
    readonly labels: readonly number[];
    readonly size: number;
    readonly length: number;
  };
  readonly optimizer: Extract<OptimizerOptions, { kind: 'adamw' | 'adam' }>;
  readonly clipNorm: number;
  readonly learningRate: number;
  readonly threads: number;
}

const NO_DROPOUT: DropoutRates = { token: 0, embedding: 0, attention: 0, hidden: 0, classifier: 0 };
const DROPOUT: DropoutRates = { token: 0.1, embedding: 0.1, attention: 0.1, hidden: 0.1, classifier: 0.1 }; // configs/model/compact.yaml

const CLASS_NAMES = ['FAKE', 'REAL'];
const COMPACT = createCompactConfig({
  vocabularySize: 8192,
  width: 256,
  layers: 4,
  heads: 4,
  feedForward: 384,
  maxTokens: 256,
  padId: 0,
  dropout: NO_DROPOUT,
});

// A feed-forward block of DistilBERT has 2 x 768 x 3072 weights; a gated one of 3 x 768 x 2048 has as many: 42.5 M without
// the table.
const DISTILBERT_SIZE = createCompactConfig({
  ...COMPACT,
  vocabularySize: 30522,
  width: 768,
  layers: 6,
  heads: 12,
  feedForward: 2048,
});

export const TRAIN_STEP_CASES: readonly TrainStepCase[] = [
  { name: 'compact, 32 x 128', config: COMPACT, size: 32, length: 128, rounds: 6 },
  {
    name: 'compact, 32 x 128, dropout',
    config: { ...COMPACT, dropout: DROPOUT },
    size: 32,
    length: 128,
    rounds: 6,
  },
  {
    name: 'compact, 32 x 256, dropout',
    config: { ...COMPACT, dropout: DROPOUT },
    size: 32,
    length: 256,
    rounds: 5,
  },
  { name: 'DistilBERT-size, 16 x 128', config: DISTILBERT_SIZE, size: 16, length: 128, rounds: 3 },
];

export function isWithoutDropout({ config }: TrainStepCase): boolean {
  return Object.values(config.dropout).every((rate) => rate === 0);
}

/** Counts the parameters of the encoder and of its table of embeddings. */
export function countParameters(config: ModernBertConfig): { encoder: number; table: number } {
  const { b } = buildModernBert(config, { training: false, idsType: 'int32', classNames: CLASS_NAMES });
  const total = b.graph.parameters.reduce((sum, { shape }) => sum + countElements(shape.map(Number)), 0);
  const table = config.vocabularySize * config.width;
  return { encoder: total - table, table };
}

/** Writes case.json and weights.safetensors. */
export function saveCase(folder: string, { config, size, length, name }: TrainStepCase): void {
  mkdirSync(folder, { recursive: true });
  const random = createRandom('train-step', name);
  const saved: SavedCase = {
    config,
    classNames: CLASS_NAMES,
    batch: {
      inputIds: Array.from({ length: size * length }, () => 5 + random.integer(config.vocabularySize - 5)),
      labels: Array.from({ length: size }, (_, i) => i % 2),
      size,
      length,
    },
    optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
    clipNorm: 1,
    learningRate: 1e-4,
    threads: THREADS,
  };
  writeFileSync(join(folder, 'case.json'), JSON.stringify(saved));
  saveSafetensors(join(folder, 'weights.safetensors'), createModernBertWeights(config, CLASS_NAMES, 1), {
    format: 'pt',
  });
}
