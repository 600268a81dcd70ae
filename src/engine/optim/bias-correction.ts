// Adam's bias correction (Kingma and Ba 2015, algorithm 1): both moments start at 0 and are too small at first.

export interface BiasCorrection {
  /** learningRate / (1 - beta1^t) */
  readonly stepSize: number;
  /** 1 / sqrt(1 - beta2^t), which multiplies the root of the second moment */
  readonly inverseRoot: number;
}

/** @param step  updates done before this one: t = step + 1 */
export function correctBias(
  { beta1, beta2 }: { readonly beta1: number; readonly beta2: number },
  learningRate: number,
  step: number,
): BiasCorrection {
  return {
    stepSize: learningRate / (1 - beta1 ** (step + 1)),
    inverseRoot: 1 / Math.sqrt(1 - beta2 ** (step + 1)),
  };
}
