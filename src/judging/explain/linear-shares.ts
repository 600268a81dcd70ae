// The margin of a linear model as an exact sum over the words of an article. The margin is a mean over n-grams, and each
// n-gram is shared out evenly among its words. The marks at the start and the end of the article keep their own shares.
export interface LinearShares {
  /** [W] */
  readonly words: Float64Array;
  /** The share of the start and end marks. */
  readonly frame: number;
}

/**
 * @param ids      n-grams in the order of the encoder: by first word, then by length; part after part
 * @param scores   [buckets, C]
 * @param weights  [C] the margin is sum of weight * logit
 */
export function shareLinear(
  { ids, words, head, wordNgrams }: { ids: Int32Array; words: number; head: number; wordNgrams: number },
  scores: Float32Array,
  weights: readonly number[],
): LinearShares {
  const shares = new Float64Array(words);
  let frame = 0;
  let at = 0;
  const classes = weights.length;
  // [from, to) of each part in words, as the encoder cuts them; -1 and `words` are the marks
  const parts =
    head < words
      ? [
          { from: -1, to: head },
          { from: head, to: words + 1 },
        ]
      : [{ from: -1, to: words + 1 }];
  for (const { from, to } of parts) {
    for (let first = from; first < to; first++) {
      for (let end = first + 1; end <= Math.min(to, first + wordNgrams); end++) {
        const row = ids[at++]! * classes;
        let value = 0;
        for (let c = 0; c < classes; c++) value += weights[c]! * scores[row + c]!;
        const each = value / (end - first) / ids.length;
        for (let word = first; word < end; word++) {
          if (word < 0 || word >= words) frame += each;
          else shares[word]! += each;
        }
      }
    }
  }
  return { words: shares, frame };
}
