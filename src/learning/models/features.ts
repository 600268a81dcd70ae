// The graph of a head over precomputed vectors of a frozen encoder. Ids are rows of a table, which is a frozen parameter.
import type { ModelGraph } from '../../engine/autodiff/index.ts';
import { PROGRAM_NAMES, type Value } from '../../engine/graph/index.ts';
import { GraphBuilder } from '../../engine/ops/index.ts';
import { createDrop, type Drop } from './dropout.ts';

/** The table's parameter name, [N, D]. */
export const FEATURES = 'features';

/** @param addHead  from vectors [B, D] to logits [B, C] */
export function buildOverFeatures(
  width: number,
  { training, rows }: { readonly training: boolean; readonly rows: number },
  addHead: (b: GraphBuilder, pooled: Value, drop: Drop) => Value,
): ModelGraph {
  const b = new GraphBuilder();
  const { drop, sites } = createDrop(b, training);
  const inputIds = b.input(PROGRAM_NAMES.inputIds, 'int32', ['B', 1]);
  const found = b.gather(b.parameter(FEATURES, [rows, width]), inputIds); // [B, 1, D]
  const logits = addHead(b, b.reshape(found, ['B', width]), drop);
  return { b, logits, dropout: sites };
}
