// Which features the linear model has met in training: one bit each. Its vector space is its features, so an article is
// far from the training data when most of its words and word groups are new.

/** @param scores  [buckets, C]; all zero where no training article named the feature */
export function listKnownFeatures(scores: Float32Array, classes: number): Uint8Array {
  const buckets = scores.length / classes;
  const known = new Uint8Array(Math.ceil(buckets / 8));
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] === 0) continue;
    const id = Math.floor(i / classes);
    known[id >> 3]! |= 1 << (id & 7);
  }
  return known;
}

/** Share of the features that are new, in [0, 1]. */
export function measureNewFeatures(known: Uint8Array, ids: Int32Array): number {
  let fresh = 0;
  for (const id of ids) if ((known[id >> 3]! & (1 << (id & 7))) === 0) fresh++;
  return ids.length === 0 ? 0 : fresh / ids.length;
}
