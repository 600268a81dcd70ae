// Clipping by global norm (Pascanu et al. 2013), as torch.nn.utils.clip_grad_norm_ does it.

/** L2 norm over all gradients together, summed in float64. */
export function globalNorm(gradients: readonly Float32Array[]): number {
  let total = 0;
  for (const gradient of gradients) {
    let sum = 0;
    for (let i = 0; i < gradient.length; i++) sum += gradient[i]! * gradient[i]!;
    total += sum;
  }
  return Math.sqrt(total);
}

/** The factor that brings a gradient of norm `norm` down to `maxNorm`; 1 if it is below. */
export function clipScale(norm: number, maxNorm: number | null): number {
  return maxNorm === null ? 1 : Math.min(1, maxNorm / (norm + 1e-6));
}
