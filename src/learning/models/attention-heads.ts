// Options of an encoder's graph for pruning: a number of heads for each layer, and masks that measure each head's importance.

export interface HeadOptions {
  /** [L] heads of each layer, where some were pruned; absent: every layer has all. */
  readonly headsOfLayer?: readonly number[];
  /** Multiplies each head's output by the input headMaskName(layer), [B, H, 1, 1]. */
  readonly headMasks?: boolean;
}

export function headMaskName(layer: number): string {
  return `head_mask.${layer}`;
}
