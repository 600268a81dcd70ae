// Chooses the least important attention heads and removes them from the weights. In ONNX a layer may have any number of
// heads. config.json has one number for all layers, so the checkpoint keeps the pruned heads, but the columns that read
// them are zero. Both forms compute the same.
import type { TensorData } from '../../engine/graph/index.ts';
import type { HeadedWeight } from '../models/index.ts';
import type { PrunableEncoder } from './prunable-encoder.ts';

/**
 * The least important heads of the whole model. Every layer keeps at least one, because a layer without heads would be
 * another graph.
 * @param importance  [L][H]
 * @param share       of all heads, in [0, 1)
 * @returns [L] indices of the heads to cut, ascending
 */
export function chooseHeads(importance: readonly (readonly number[])[], share: number): number[][] {
  const cut = importance.map((): number[] => []);
  const ranked = importance
    .flatMap((layer, index) => layer.map((worth, head) => ({ layer: index, head, worth })))
    .sort((a, b) => a.worth - b.worth || a.layer - b.layer || a.head - b.head);
  let left = Math.round(share * ranked.length);
  for (const { layer, head } of ranked) {
    if (left === 0) break;
    if (cut[layer]!.length === importance[layer]!.length - 1) continue;
    cut[layer]!.push(head);
    left--;
  }
  for (const heads of cut) heads.sort((a, b) => a - b);
  return cut;
}

/** The weights without the cut heads, for a graph of `encoder.heads - cut[layer].length` heads. */
export function cutHeads(
  encoder: PrunableEncoder,
  cut: readonly (readonly number[])[],
): Map<string, TensorData> {
  const weights = new Map(encoder.weights);
  for (const [layer, heads] of cut.entries()) {
    if (heads.length === 0) continue;
    for (const headed of encoder.headedWeights(layer))
      weights.set(headed.name, cutWeight(weights.get(headed.name)!, headed, heads, encoder));
  }
  return weights;
}

/** The weights with the cut heads silenced: the projection reads zero of them. */
export function silenceHeads(
  encoder: PrunableEncoder,
  cut: readonly (readonly number[])[],
): Map<string, TensorData> {
  const weights = new Map(encoder.weights);
  for (const [layer, heads] of cut.entries()) {
    const { name } = encoder.headedWeights(layer).at(-1)!;
    const { dtype, shape, data } = weights.get(name)!;
    const silenced = (data as Float32Array).slice();
    const columns = shape[1]!;
    for (const head of heads)
      for (let row = 0; row < shape[0]!; row++) {
        const start = row * columns + head * encoder.headWidth;
        silenced.fill(0, start, start + encoder.headWidth);
      }
    weights.set(name, { dtype, shape, data: silenced });
  }
  return weights;
}

function cutWeight(
  { dtype, shape, data }: TensorData,
  { axis, repeats }: HeadedWeight,
  heads: readonly number[],
  { heads: all, headWidth }: PrunableEncoder,
): TensorData {
  const [rows, columns] = [shape[0]!, shape[1] ?? 1];
  const isKept = (index: number): boolean => !heads.includes(Math.floor(index / headWidth) % all);
  const kept = repeats * headWidth * (all - heads.length);
  const [newRows, newColumns] = axis === 0 ? [kept, columns] : [rows, kept];
  const result = new Float32Array(newRows * newColumns);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    if (axis === 0 && !isKept(row)) continue;
    for (let column = 0; column < columns; column++) {
      if (axis === 1 && !isKept(column)) continue;
      result[at++] = (data as Float32Array)[row * columns + column]!;
    }
  }
  return { dtype, shape: shape.length === 1 ? [newRows] : [newRows, newColumns], data: result };
}
