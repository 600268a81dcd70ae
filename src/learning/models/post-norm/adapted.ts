// The dense layers of a post-norm encoder that adapters stand beside.
import { type AdaptedModule, LORA_TARGETS, type LoraTarget } from '../lora.ts';
import type { PostNormConfig } from './layout.ts';

/** Layer by layer, in the order of LORA_TARGETS. */
export function listPostNormAdapted(
  { layers, width: D, feedForward: F, layout }: PostNormConfig,
  targets: readonly LoraTarget[],
): readonly AdaptedModule[] {
  return Array.from({ length: layers }, (_, i) => layout.names.layer(i)).flatMap((layer) =>
    LORA_TARGETS.filter((target) => targets.includes(target)).map((target) => ({
      name: layer[target],
      from: target === 'narrowed' ? F : D,
      to: target === 'widened' ? F : D,
    })),
  );
}
