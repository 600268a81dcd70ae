// Clipping by global norm (Pascanu et al. 2013), as torch.nn.utils.clip_grad_norm_ does it.

/** The factor that brings a gradient of norm `norm` down to `maxNorm`; 1 if it is below. */
export function clipScale(norm: number, maxNorm: number | null): number {
  return maxNorm === null ? 1 : Math.min(1, maxNorm / (norm + 1e-6));
}
