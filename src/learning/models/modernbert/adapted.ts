// The dense layers of a ModernBERT that adapters stand beside. Queries, keys and values share one matrix, so that each of
// these targets adapts it whole.
import type { AdaptedModule, LoraTarget } from '../lora.ts';
import type { ModernBertConfig } from './config.ts';

/** Layer by layer. */
export function listModernBertAdapted(
  { layers, width: D, feedForward: F }: ModernBertConfig,
  targets: readonly LoraTarget[],
): readonly AdaptedModule[] {
  const wants = (...any: LoraTarget[]): boolean => any.some((target) => targets.includes(target));
  return Array.from({ length: layers }, (_, layer) => `model.layers.${layer}`).flatMap((at) => [
    ...(wants('query', 'key', 'value') ? [{ name: `${at}.attn.Wqkv`, from: D, to: 3 * D }] : []),
    ...(wants('attended') ? [{ name: `${at}.attn.Wo`, from: D, to: D }] : []),
    ...(wants('widened') ? [{ name: `${at}.mlp.Wi`, from: D, to: 2 * F }] : []),
    ...(wants('narrowed') ? [{ name: `${at}.mlp.Wo`, from: F, to: D }] : []),
  ]);
}
