// A vector of fixed width for an article of a model that counts features and has no vectors of its own. Each feature adds
// 1 or -1 at one of D places, both chosen by its hash (count sketch: Charikar, Chen and Farach-Colton 2002), so that the
// dot product of two vectors is, on average, the number of features that both articles have.
import { hash32 } from '../../foundation/core/index.ts';

export const FEATURE_VECTOR_WIDTH = 256;

/** @returns [D] */
export function buildFeatureVector(ids: Int32Array): Float32Array {
  const vector = new Float32Array(FEATURE_VECTOR_WIDTH);
  for (const id of ids) {
    const hash = hash32(id);
    vector[hash % FEATURE_VECTOR_WIDTH]! += hash >>> 31 === 0 ? 1 : -1;
  }
  return vector;
}
