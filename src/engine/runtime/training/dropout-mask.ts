// Dropout masks that follow from (seed, step, site) alone, so that a resumed run drops the same elements as the uninterrupted one.
// Generator: xorshift32 (Marsaglia 2003), two 16-bit decisions per draw.
import { hash32 } from '../../../foundation/core/index.ts';

/** Fills `mask` with 0 (probability `rate`) or 1 / (1 - rate). */
export function fillDropoutMask(
  mask: Float32Array,
  rate: number,
  key: { seed: number; step: number; site: number; microStep: number },
): void {
  const threshold = Math.round(rate * 65536);
  const kept = 65536 / (65536 - threshold);
  let state = hash32(key.seed ^ 0x9e3779b9);
  for (const part of [key.step, key.site, key.microStep]) state = hash32(Math.imul(state, 0x01000193) ^ part);
  state = state === 0 ? 0x6d2b79f5 : state | 0;
  const even = mask.length & ~1;
  for (let i = 0; i < even; i += 2) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    mask[i] = (state & 0xffff) < threshold ? 0 : kept;
    mask[i + 1] = state >>> 16 < threshold ? 0 : kept;
  }
  if (even < mask.length) {
    state ^= state << 13;
    state ^= state >>> 17;
    mask[even] = (state & 0xffff) < threshold ? 0 : kept;
  }
}
