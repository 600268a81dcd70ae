// The files of a trained linear model. Table times output gives one score per feature and class, so that logits are the
// mean of an article's rows of [buckets, C]. Tensor name and config.json are our own: no other program has this
// architecture.
import type { ModelGraph } from '../../../engine/autodiff/index.ts';
import { float32Tensor, PROGRAM_NAMES, type TensorData } from '../../../engine/graph/index.ts';
import { GraphBuilder } from '../../../engine/ops/index.ts';
import type { SparseSoftmax } from './sparse-softmax.ts';

export const SCORES = 'scores.weight';

/** table [buckets, D] @ output^T [D, C]. @returns [buckets, C]; zero where no article has named the feature */
export function foldScores({ buckets, dim, classes, table, output, seen }: SparseSoftmax): TensorData {
  const scores = new Float32Array(buckets * classes);
  for (let id = 0; id < buckets; id++) {
    if (seen[id] === 0) continue;
    for (let c = 0; c < classes; c++) {
      let sum = 0;
      for (let d = 0; d < dim; d++) sum += table[id * dim + d]! * output[c * dim + d]!;
      scores[id * classes + c] = sum;
    }
  }
  return float32Tensor([buckets, classes], scores);
}

/** The model as a graph: input_ids, attention_mask int64 [B, T] -> logits [B, C], a mean over what is not padding. */
export function buildLinear(buckets: number, classes: number): ModelGraph {
  const b = new GraphBuilder();
  const ids = b.input(PROGRAM_NAMES.inputIds, 'int64', ['B', 'T']);
  const mask = b.cast(b.input(PROGRAM_NAMES.attentionMask, 'int64', ['B', 'T']), 'float32');
  const scores = b.gather(b.parameter(SCORES, [buckets, classes]), ids); // [B, T, C]
  const shares = b.reshape(b.div(mask, b.reduceSum(mask, [1])), ['B', 1, 'T']);
  const logits = b.reshape(b.matMul(shares, scores), ['B', classes]); // [B, C]
  return { b, logits, dropout: [] };
}

export function formatLinearConfig(
  { buckets, dim }: Pick<SparseSoftmax, 'buckets' | 'dim'>,
  classNames: readonly string[],
): Record<string, unknown> {
  return {
    architectures: ['VeracityLinearForSequenceClassification'],
    model_type: 'veracity-linear',
    vocab_size: buckets,
    hidden_size: dim,
    num_labels: classNames.length,
    pad_token_id: 0,
    problem_type: 'single_label_classification',
    id2label: Object.fromEntries(classNames.map((name, i) => [i, name])),
    label2id: Object.fromEntries(classNames.map((name, i) => [name, i])),
    torch_dtype: 'float32',
  };
}
