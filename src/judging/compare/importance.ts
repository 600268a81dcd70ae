// Importance of parameters by functional ANOVA on a random forest: the share of the variance over the whole search space
// that a parameter explains by itself, the others averaged out (Hutter, Hoos, Leyton-Brown 2014, ICML, "An Efficient
// Approach for Assessing Hyperparameter Importance"). Pairs: what two explain together beyond each alone.
import { type AnalysedTrial, buildFactorTable, type Factor, type FactorRange } from './factors.ts';
import { growForest, type Leaf, type Tree } from './forest.ts';

export interface Importance {
  /** One parameter, or two for an interaction. */
  readonly parameters: readonly string[];
  /** Share of the variance, mean over the trees, in [0, 1]. */
  readonly share: number;
  /** 10th and 90th percentile over the trees: how sure the share is. */
  readonly low: number;
  readonly high: number;
}

export type ImportanceReport =
  | {
      readonly status: 'measured';
      readonly trials: number;
      /** Largest first. */
      readonly main: readonly Importance[];
      /** The largest interactions, at most ten. */
      readonly pairs: readonly Importance[];
    }
  | { readonly status: 'too-few-trials' | 'no-variation'; readonly trials: number };

/** Fewer trials than this say nothing: a forest on them fits noise. */
export const MIN_IMPORTANCE_TRIALS = 8;
const TREES = 64;
const MAX_PAIRS = 10;

/** Measures how much each parameter matters to the value, from finished trials. Deterministic. */
export function measureImportance(
  trials: readonly AnalysedTrial[],
  ranges?: Readonly<Record<string, FactorRange>>,
): ImportanceReport {
  const table = buildFactorTable(trials, ranges);
  const { factors, values } = table;
  if (values.length < MIN_IMPORTANCE_TRIALS) return { status: 'too-few-trials', trials: values.length };
  if (factors.length === 0 || values.every((value) => value === values[0]))
    return { status: 'no-variation', trials: values.length };
  const forest = growForest(table, { trees: TREES, seed: 0 }).filter((tree) => varianceOf(tree) > 0);
  if (forest.length === 0) return { status: 'no-variation', trials: values.length };
  const shares = new Map<string, { parameters: string[]; samples: number[] }>();
  for (const tree of forest) {
    const total = varianceOf(tree);
    const cells = factors.map((factor, f) => cutIntoCells(tree, factor, f));
    const alone = cells.map((own) => varianceAlone(tree, own));
    for (const [f, factor] of factors.entries()) note(shares, [factor.name], alone[f]! / total);
    for (let f = 0; f < factors.length; f++)
      for (let g = f + 1; g < factors.length; g++) {
        const both = varianceTogether(tree, cells[f]!, cells[g]!);
        const beyond = Math.max(0, both - alone[f]! - alone[g]!);
        note(shares, [factors[f]!.name, factors[g]!.name], beyond / total);
      }
  }
  const all = [...shares.values()].map(summarize).sort((a, b) => b.share - a.share);
  return {
    status: 'measured',
    trials: values.length,
    main: all.filter(({ parameters }) => parameters.length === 1),
    pairs: all.filter(({ parameters }) => parameters.length === 2).slice(0, MAX_PAIRS),
  };
}

function note(
  shares: Map<string, { parameters: string[]; samples: number[] }>,
  parameters: string[],
  share: number,
): void {
  const key = parameters.join('\n');
  const entry = shares.get(key) ?? { parameters, samples: [] };
  entry.samples.push(share);
  shares.set(key, entry);
}

function summarize({ parameters, samples }: { parameters: string[]; samples: number[] }): Importance {
  const sorted = samples.sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!;
  const mean = sorted.reduce((sum, sample) => sum + sample, 0) / sorted.length;
  return { parameters, share: mean, low: at(0.1), high: at(0.9) };
}

const volumeOf = ({ widths }: Leaf): number => widths.reduce((product, width) => product * width, 1);

function meanOf(tree: Tree): number {
  return tree.reduce((sum, leaf) => sum + leaf.value * volumeOf(leaf), 0);
}

/** Variance of the tree's prediction over the whole space. */
function varianceOf(tree: Tree): number {
  const mean = meanOf(tree);
  return tree.reduce((sum, leaf) => sum + (leaf.value - mean) ** 2 * volumeOf(leaf), 0);
}

/** The pieces of a factor's range on which every leaf is entirely in or out, and which of them each leaf covers. */
interface Cells {
  /** [cells] Shares of the range; they add up to 1. */
  readonly widths: Float64Array;
  /** By leaf: indices of the cells that it covers. */
  readonly covered: readonly Int32Array[];
  /** By leaf: its share of the range. */
  readonly shares: Float64Array;
}

function cutIntoCells(tree: Tree, { kind, categories }: Factor, f: number): Cells {
  const shares = Float64Array.from(tree, (leaf) => leaf.widths[f]!);
  if (kind === 'category') {
    const covered = tree.map((leaf) => Int32Array.from(leaf.sets[f]!));
    return { widths: new Float64Array(categories).fill(1 / categories), covered, shares };
  }
  const ends = [...new Set(tree.flatMap((leaf) => [leaf.lows[f]!, leaf.highs[f]!]))].sort((a, b) => a - b);
  const indexOf = new Map(ends.map((end, i) => [end, i]));
  const covered = tree.map((leaf) => {
    const first = indexOf.get(leaf.lows[f]!)!;
    return Int32Array.from({ length: indexOf.get(leaf.highs[f]!)! - first }, (_, i) => first + i);
  });
  return { widths: Float64Array.from(ends.slice(1), (end, i) => end - ends[i]!), covered, shares };
}

/** Variance of the prediction once all factors but one are averaged out. */
function varianceAlone(tree: Tree, { widths, covered, shares }: Cells): number {
  const marginal = new Float64Array(widths.length);
  for (const [l, leaf] of tree.entries()) {
    const part = (leaf.value * volumeOf(leaf)) / shares[l]!;
    for (const cell of covered[l]!) marginal[cell]! += part;
  }
  const mean = meanOf(tree);
  return marginal.reduce((sum, value, cell) => sum + widths[cell]! * (value - mean) ** 2, 0);
}

/** Variance of the prediction once all factors but two are averaged out. */
function varianceTogether(tree: Tree, a: Cells, b: Cells): number {
  const columns = b.widths.length;
  const marginal = new Float64Array(a.widths.length * columns);
  for (const [l, leaf] of tree.entries()) {
    const part = (leaf.value * volumeOf(leaf)) / (a.shares[l]! * b.shares[l]!);
    const second = b.covered[l]!;
    for (const row of a.covered[l]!) for (const column of second) marginal[row * columns + column]! += part;
  }
  const mean = meanOf(tree);
  return marginal.reduce((sum, value, i) => {
    const area = a.widths[Math.floor(i / columns)]! * b.widths[i % columns]!;
    return sum + area * (value - mean) ** 2;
  }, 0);
}
