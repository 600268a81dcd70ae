// float32 to float16 (IEEE 754 binary16), rounded to nearest, ties to even. Larger values become the largest finite half,
// because an infinite weight would make every logit NaN.

const LARGEST_BITS = 0x7bff; // 65504
const SMALLEST_NORMAL = 2 ** -14;
const SUBNORMAL_STEPS = 2 ** 24;

/** @returns the bits of each number's nearest half */
export function narrowToHalf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) halves[i] = narrowBits(bits[i]!, Math.abs(values[i]!));
  return halves;
}

function narrowBits(bits: number, magnitude: number): number {
  const sign = (bits >>> 16) & 0x8000;
  if (Number.isNaN(magnitude)) return 0x7e00;
  if (magnitude < SMALLEST_NORMAL) return sign | roundToEven(magnitude * SUBNORMAL_STEPS);
  // The exponent's bias changes from 127 to 15; 13 bits of the fraction are dropped; a carry raises the exponent.
  const kept = (bits & 0x7fffffff) - ((127 - 15) << 23);
  const rounded = (kept + 0xfff + ((kept >>> 13) & 1)) >>> 13;
  return sign | Math.min(rounded, LARGEST_BITS);
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
