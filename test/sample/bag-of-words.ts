// Multinomial naive Bayes over single words with binary counts and add-one smoothing: a simple classifier that shows how
// easy the sample is, and small enough for a unit test.

export interface Labelled {
  readonly tokens: readonly string[];
  readonly label: string;
}

export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z']+|\d+/g) ?? [];
}

/** Accuracy when a model fitted on the other folds predicts each fold; `foldOf` names the folds. */
export function crossValidate(
  items: readonly Labelled[],
  foldOf: (index: number) => number,
  folds = 5,
): number {
  let right = 0;
  for (let fold = 0; fold < folds; fold++) {
    const judge = trainBayes(items.filter((_, index) => foldOf(index) !== fold));
    items.forEach((item, index) => {
      if (foldOf(index) === fold && judge(item.tokens) === item.label) right++;
    });
  }
  return right / items.length;
}

/** Fits the classifier. */
export function trainBayes(items: readonly Labelled[]): (tokens: readonly string[]) => string {
  const counts = new Map<string, Map<string, number>>();
  const totals = new Map<string, number>();
  const vocabulary = new Set<string>();
  for (const { tokens, label } of items) {
    const own = counts.get(label) ?? new Map<string, number>();
    counts.set(label, own);
    for (const token of new Set(tokens)) {
      vocabulary.add(token);
      own.set(token, (own.get(token) ?? 0) + 1);
      totals.set(label, (totals.get(label) ?? 0) + 1);
    }
  }
  return (tokens) => {
    let best = '';
    let bestScore = Number.NEGATIVE_INFINITY;
    for (const [label, own] of counts) {
      const size = (totals.get(label) ?? 0) + vocabulary.size;
      const prior = items.filter((item) => item.label === label).length / items.length;
      let score = Math.log(prior);
      for (const token of new Set(tokens)) {
        if (vocabulary.has(token)) score += Math.log(((own.get(token) ?? 0) + 1) / size);
      }
      if (score > bestScore) {
        best = label;
        bestScore = score;
      }
    }
    return best;
  };
}
