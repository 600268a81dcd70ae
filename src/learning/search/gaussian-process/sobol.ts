// Sobol points: they fill the unit cube more evenly than random ones. Scrambled, so that each seed gives other points.
// Direction numbers: Joe and Kuo 2008, "Constructing Sobol sequences with better two-dimensional projections", table new-joe-kuo-6.
// Scrambling: Owen's, by the hash of Laine and Karras with the constants of Burley 2020, "Practical Hash-based Owen Scrambling".
import { hash32 } from '../../../foundation/core/index.ts';

/** For dimensions 2 to 64: primitive polynomial over GF(2), its bits as a number, then the first direction numbers. */
const JOE_KUO = `
  3:1 7:1,3 11:1,3,1 13:1,1,1 19:1,1,3,3 25:1,3,5,13 37:1,1,5,5,17 41:1,1,5,5,5 47:1,1,7,11,19 55:1,1,5,1,1
  59:1,1,1,3,11 61:1,3,5,5,31 67:1,3,3,9,7,49 91:1,1,1,15,21,21 97:1,3,1,13,27,49 103:1,1,1,15,7,5
  109:1,3,1,15,13,25 115:1,1,5,5,19,61 131:1,3,7,11,23,15,103 137:1,3,7,13,13,15,69 143:1,1,3,13,7,35,63
  145:1,3,5,9,1,25,53 157:1,3,1,13,9,35,107 167:1,3,1,5,27,61,31 171:1,1,5,11,19,41,61 185:1,3,5,3,3,13,69
  191:1,1,7,13,1,19,1 193:1,3,7,5,13,19,59 203:1,1,3,9,25,29,41 211:1,3,5,13,23,1,55 213:1,3,7,3,13,59,17
  229:1,3,1,3,5,53,69 239:1,1,5,5,23,33,13 241:1,1,7,7,1,61,123 247:1,1,7,9,13,61,49 253:1,3,3,5,3,55,33
  285:1,3,1,15,31,13,49,245 299:1,3,5,15,31,59,63,97 301:1,3,1,11,11,11,77,249 333:1,3,1,11,27,43,71,9
  351:1,1,7,15,21,11,81,45 355:1,3,7,3,25,31,65,79 357:1,3,1,1,19,11,3,205 361:1,1,5,9,19,21,29,157
  369:1,3,7,11,1,33,89,185 391:1,3,3,3,15,9,79,71 397:1,3,7,11,15,39,119,27 425:1,1,3,1,11,31,97,225
  451:1,1,1,3,23,43,57,177 463:1,3,7,7,17,17,37,71 487:1,3,1,5,27,63,123,213 501:1,1,3,5,11,43,53,133
  529:1,3,5,5,29,17,47,173,479 539:1,3,3,11,3,1,109,9,69 545:1,1,1,5,17,39,23,5,343 557:1,3,1,5,25,15,31,103,499
  563:1,1,1,11,11,17,63,105,183 601:1,1,5,11,9,29,97,231,363 607:1,1,5,15,19,45,41,7,383
  617:1,3,7,7,31,19,83,137,221 623:1,1,1,3,23,15,111,223,83 631:1,1,5,13,31,15,55,25,161
  637:1,1,3,13,25,47,39,87,257
`
  .trim()
  .split(/\s+/)
  .map((entry) => {
    const [polynomial, first] = entry.split(':') as [string, string];
    return { polynomial: Number(polynomial), first: first.split(',').map(Number) };
  });

/**
 * Computes the first points of a scrambled Sobol sequence.
 * @returns [count, dimensions] values within (0, 1); dimensions beyond the 64th are random
 */
export function sobolPoints(count: number, dimensions: number, seed: number): Float64Array {
  const points = new Float64Array(count * dimensions);
  for (let d = 0; d < dimensions; d++) {
    const scramble = hash32(seed + Math.imul(d + 1, 0x9e3779b9));
    const directions = d <= JOE_KUO.length ? directionNumbers(d) : null;
    let bits = 0;
    for (let i = 0; i < count; i++) {
      // Gray code: point i differs from the one before by one direction number.
      if (i > 0 && directions !== null) bits ^= directions[31 - Math.clz32(i & -i)]!;
      const scrambled = directions === null ? hash32(scramble ^ hash32(i + 1)) : scrambleBits(bits, scramble);
      points[i * dimensions + d] = (scrambled + 0.5) / 4294967296;
    }
  }
  return points;
}

/** 32 direction numbers, the first with the highest bit set. */
function directionNumbers(dimension: number): Int32Array {
  const numbers = new Int32Array(32);
  if (dimension === 0) return numbers.map((_, i) => 1 << (31 - i));
  const { polynomial, first } = JOE_KUO[dimension - 1]!;
  const degree = first.length;
  for (let i = 0; i < 32; i++) {
    if (i < degree) {
      numbers[i] = first[i]! << (31 - i);
      continue;
    }
    let number = numbers[i - degree]! ^ (numbers[i - degree]! >>> degree);
    for (let k = 1; k < degree; k++) {
      if ((polynomial >> (degree - k)) & 1) number ^= numbers[i - k]!;
    }
    numbers[i] = number;
  }
  return numbers;
}

/** Permutes at every bit by a hash of the bits above it; returns an unsigned integer. */
function scrambleBits(bits: number, seed: number): number {
  let x = reverseBits(bits);
  x = (x + seed) | 0;
  x ^= Math.imul(x, 0x6c50b47c);
  x ^= Math.imul(x, 0xb82f1e52);
  x ^= Math.imul(x, 0xc7afe638);
  x ^= Math.imul(x, 0x8d22f6e6);
  return reverseBits(x) >>> 0;
}

function reverseBits(value: number): number {
  let x = value;
  x = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  x = ((x >>> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >>> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  x = ((x >>> 8) & 0x00ff00ff) | ((x & 0x00ff00ff) << 8);
  return (x >>> 16) | (x << 16);
}
