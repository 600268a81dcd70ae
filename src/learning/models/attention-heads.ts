// What pruning asks of an encoder's graph: layers of unequal numbers of heads, and a mask to measure what a head is worth.

export interface HeadOptions {
  /** Heads of each layer where some were cut away; left out: every layer has all. */
  readonly headsOfLayer?: readonly number[];
  /** Multiplies each head's output by the input headMaskName(layer), [B, H, 1, 1]. */
  readonly headMasks?: boolean;
}

export function headMaskName(layer: number): string {
  return `head_mask.${layer}`;
}
