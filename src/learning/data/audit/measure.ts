// Measures how much a rule says about the class: accuracy, how well it tells one class from the others, and mutual information.

/** How well a class can be guessed from one thing alone. */
export interface Measure {
  /** Accuracy of the guess. */
  readonly accuracyAlone: number;
  /** Mutual information of the guess and the class, in bits; 1 separates two equally large classes completely. */
  readonly bits: number;
  /**
   * The mean of two shares: articles of the class `given` that are guessed as such, and other articles that are not. 0.5 is
   * chance, however unequal the classes are. `given` is the class for which it is highest.
   */
  readonly separation: number;
  /** The lower end of the 95% interval of `separation`. */
  readonly low: number;
  /** Number of the class that is given away best. */
  readonly given: number;
}

/** A yes-or-no mark of an article. */
export interface Mark extends Measure {
  /** Share of each class's articles that have the mark, in the order of the classes. */
  readonly share: readonly number[];
  /** Number of each class's articles that have the mark. */
  readonly rows: readonly number[];
}

/** Two-sided 95%. */
const Z = 1.96;

/**
 * Measures a mark.
 * @param withMark  the number of articles of each class that have the mark
 * @param totals    the number of articles of each class
 */
export function measureMark(withMark: readonly number[], totals: readonly number[]): Mark {
  const rows = totals.map((_, i) => withMark[i] ?? 0);
  const n = sum(totals);
  const marked = sum(rows);
  let bestWith = 0;
  let bestWithout = 0;
  let best = { separation: 0.5, low: 0, given: 0 };
  // Of two classes, the one that has the mark is given away; one that lacks it only where that says more.
  for (const has of [true, false]) {
    for (const [i, total] of totals.entries()) {
      const yes = rows[i] as number;
      bestWith = Math.max(bestWith, yes);
      bestWithout = Math.max(bestWithout, total - yes);
      const [others, othersWith] = [n - total, marked - yes];
      const one = has
        ? separate(yes, total, others - othersWith, others)
        : separate(total - yes, total, othersWith, others);
      if (one.separation > best.separation + 1e-9) best = { ...one, given: i };
    }
  }
  return {
    rows,
    share: totals.map((total, i) => (total === 0 ? 0 : (rows[i] as number) / total)),
    bits: measureBits([rows, totals.map((total, i) => total - (rows[i] as number))]),
    accuracyAlone: n === 0 ? 0 : (bestWith + bestWithout) / n,
    ...best,
  };
}

/**
 * Measures guesses.
 * @param confusion  [class][guess] the number of articles; fractions where a guess is open
 */
export function measureGuesses(confusion: readonly (readonly number[])[]): Measure {
  const totals = confusion.map(sum);
  const n = sum(totals);
  const guessed = totals.map((_, guess) => sum(confusion.map((row) => row[guess] as number)));
  let best = { separation: 0, low: 0, given: 0 };
  for (const [i, total] of totals.entries()) {
    const hit = confusion[i]?.[i] as number;
    const others = n - total;
    const one = separate(hit, total, others - ((guessed[i] as number) - hit), others);
    if (one.separation > best.separation + 1e-12) best = { ...one, given: i };
  }
  const right = sum(confusion.map((row, i) => row[i] as number));
  const byGuess = totals.map((_, guess) => confusion.map((row) => row[guess] as number));
  return { accuracyAlone: n === 0 ? 0 : right / n, bits: measureBits(byGuess), ...best };
}

/** Mean of two shares, and the lower end of its interval (Newcombe 1998, method 10: from the Wilson intervals of both). */
function separate(hits: number, total: number, passes: number, others: number) {
  if (total === 0 || others === 0) return { separation: 0.5, low: 0 };
  const [p, q] = [hits / total, passes / others];
  const [dp, dq] = [p - wilsonLow(hits, total), q - wilsonLow(passes, others)];
  const separation = (p + q) / 2;
  return { separation, low: separation - Math.sqrt(dp * dp + dq * dq) / 2 };
}

/** The lower end of the interval of a share (Wilson 1927). */
function wilsonLow(hits: number, total: number): number {
  const share = hits / total;
  const z2 = Z * Z;
  const spread = Z * Math.sqrt((share * (1 - share)) / total + z2 / (4 * total * total));
  return (share + z2 / (2 * total) - spread) / (1 + z2 / total);
}

/** Mutual information in bits. @param table  [value][class] */
export function measureBits(table: readonly (readonly number[])[]): number {
  const totals = (table[0] ?? []).map((_, i) => sum(table.map((row) => row[i] as number)));
  const n = sum(totals);
  let bits = 0;
  for (const row of table) {
    const size = sum(row);
    for (const [i, joint] of row.entries())
      if (joint > 0) bits += (joint / n) * Math.log2((joint * n) / (size * (totals[i] as number)));
  }
  return Math.max(0, bits);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Tells a mark, which was counted, from guesses. */
export function hasCounts(measure: Measure | Mark): measure is Mark {
  return 'rows' in measure;
}
