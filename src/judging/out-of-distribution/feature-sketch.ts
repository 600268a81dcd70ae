// A short vector for an article of the linear model, which has none of its own: its features are thrown into D places
// with a random sign each (count sketch: Charikar, Chen and Farach-Colton 2002), so that two articles' product is, on
// average, the number of features they share.
import { hash32 } from '../../foundation/core/index.ts';

export const SKETCH_WIDTH = 256;

/** @returns [D] */
export function sketchFeatures(ids: Int32Array): Float32Array {
  const sketch = new Float32Array(SKETCH_WIDTH);
  for (const id of ids) {
    const hash = hash32(id);
    sketch[hash % SKETCH_WIDTH]! += hash >>> 31 === 0 ? 1 : -1;
  }
  return sketch;
}
