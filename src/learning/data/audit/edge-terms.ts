// Finds phrases at a fixed place: one to three tokens in a row that stand at the beginning or the end of a class's texts much
// more often than in their middle, as datelines, credits and signatures do, in any language; and words in capitals in titles.
// Counts lie in hashed buckets.
import { hash32 } from '../../../foundation/core/index.ts';
import type { ArticleText } from '../../../foundation/records/index.ts';
import { cutExample } from './example.ts';
import { type Mark, measureMark } from './measure.ts';
import { FORMS, isSymbol, type Tokens } from './tokens.ts';
import { edgeSize, edgeStart, type TokenizedArticle } from './views.ts';

const LONGEST = 3;
/** The largest table; with few articles a smaller one does. */
const MAX_BITS = 18;
const TERMS_OF_ARTICLE = 64;
/** A phrase belongs to an edge if it is there at least so many times as often as in the middle. */
const CONCENTRATION = 4;
/** A phrase in a smaller share of every class's articles gives little away. */
const MIN_SHARE = 0.05;
const MIN_ROWS = 10;
/** How many candidates of a zone are named. */
const CANDIDATES = 60;

export const zones = ['first', 'last', 'title'] as const;
export type Zone = (typeof zones)[number];

export interface EdgeTerm extends Mark {
  readonly zone: Zone;
  readonly term: string;
  /** At most twelve words of an article that has it. */
  readonly example: string;
}

export interface EdgeTermCounts {
  add(article: TokenizedArticle, label: number): void;
  /** The phrases that say most, at most one of those that overlap. @param articles  rows to find the words of buckets in */
  find(
    totals: readonly number[],
    articles: Iterable<{
      readonly article: ArticleText;
      readonly tokens: TokenizedArticle;
      readonly label: number;
    }>,
  ): EdgeTerm[];
}

/** @param rows  about how many articles there are */
export function createEdgeTermCounts(classes: number, rows: number): EdgeTermCounts {
  const bits = Math.min(MAX_BITS, Math.max(12, Math.ceil(Math.log2(rows * TERMS_OF_ARTICLE + 1))));
  const size = 1 << bits;
  const mask = size - 1;
  const counts = Object.fromEntries(
    [...zones, 'middle'].map((zone) => [zone, Array.from({ length: classes }, () => new Uint32Array(size))]),
  ) as Record<Zone | 'middle', Uint32Array[]>;
  const seen = new Int32Array(size);
  let stamp = 0;
  return {
    add: (article, label) => {
      for (const zone of [...zones, 'middle'] as const) {
        stamp++;
        const row = counts[zone][label] as Uint32Array;
        forEachTerm(article, zone, (hash) => {
          const bucket = hash & mask;
          if (seen[bucket] === stamp) return;
          seen[bucket] = stamp;
          row[bucket] = (row[bucket] as number) + 1;
        });
      }
    },
    find: (totals, articles) => {
      const candidates = zones.map((zone) => {
        const found: [number, Mark][] = [];
        for (let bucket = 0; bucket < size; bucket++) {
          if (!counts[zone].some((row) => (row[bucket] as number) >= MIN_ROWS)) continue;
          const rows = counts[zone].map((row) => row[bucket] as number);
          const middle = counts.middle.map((row) => row[bucket] as number);
          if (!isConcentrated(rows, zone === 'title' ? null : middle, totals)) continue;
          found.push([bucket, measureMark(rows, totals)]);
        }
        const best = found.sort((a, b) => b[1].bits - a[1].bits).slice(0, CANDIDATES);
        return {
          zone,
          marks: new Map(best),
          names: new Map<number, Map<string, number>>(),
          examples: new Map<number, string>(),
        };
      });
      for (const { article, tokens, label } of articles) {
        for (const { zone, marks, names, examples } of candidates) {
          if (marks.size === 0) continue;
          const text = zone === 'title' ? article.title : article.text;
          const of = zone === 'title' ? tokens.title : tokens.text;
          forEachTerm(tokens, zone, (hash, from, to) => {
            const bucket = hash & mask;
            if (!marks.has(bucket)) return;
            const name = text.slice(of.starts[from], of.ends[to]).replace(/\s+/g, ' ').trim();
            if (!examples.has(bucket) && marks.get(bucket)?.given === label)
              examples.set(bucket, cutExample(text, of.starts[from] as number));
            const known = names.get(bucket) ?? new Map<string, number>();
            names.set(bucket, known.set(name, (known.get(name) ?? 0) + 1));
          });
        }
      }
      return candidates.flatMap(({ zone, marks, names, examples }) => {
        const terms = [...marks].flatMap(([bucket, mark]) => {
          const [name] = [...(names.get(bucket) ?? [])].sort((a, b) => b[1] - a[1]);
          return name === undefined || name[0] === ''
            ? []
            : [{ zone, term: name[0], example: examples.get(bucket) ?? '', ...mark }];
        });
        return withoutOverlaps(terms);
      });
    },
  };
}

function forEachTerm(
  { title, text }: TokenizedArticle,
  zone: Zone | 'middle',
  visit: (hash: number, from: number, to: number) => void,
): void {
  if (zone === 'title') {
    for (let i = 0; i < title.count; i++)
      if (title.forms[i] === FORMS.capitals) visit(hash32((title.hashes[i] as number) ^ 0x77), i, i);
    return;
  }
  const from = edgeStart(text, zone);
  const to = from + edgeSize(text);
  for (let i = from; i < to; i++) visitFrom(text, i, to, visit);
}

function visitFrom(
  tokens: Tokens,
  at: number,
  end: number,
  visit: (hash: number, from: number, to: number) => void,
): void {
  let hash = 0x88;
  let hasWord = false;
  for (let n = 0; n < LONGEST && at + n < end; n++) {
    hash = hash32(Math.imul(hash, 31) ^ (tokens.hashes[at + n] as number));
    // Signs alone have their place among the marks.
    hasWord ||= !isSymbol(tokens.forms[at + n] as number);
    if (hasWord) visit(hash, at, at + n);
  }
}

/** Whether a class has the phrase often enough, and mostly at this place. */
function isConcentrated(
  rows: readonly number[],
  middle: readonly number[] | null,
  totals: readonly number[],
): boolean {
  return rows.some(
    (count, i) =>
      count >= MIN_ROWS &&
      count >= MIN_SHARE * (totals[i] as number) &&
      (middle === null || count >= CONCENTRATION * (middle[i] as number)),
  );
}

/** How much less a longer phrase may say than the phrase that it holds, to be shown in its place. */
const LONGER_COSTS = 0.01;

/** Of phrases that share a word, the one that says most is kept, or a longer one that says nearly as much. */
function withoutOverlaps(terms: readonly EdgeTerm[]): EdgeTerm[] {
  const kept: { term: EdgeTerm; words: ReadonlySet<string> }[] = [];
  for (const term of terms) {
    const words = new Set(term.term.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
    if (words.size === 0) continue;
    const others = kept.filter((one) => [...words].some((word) => one.words.has(word)));
    const [other] = others;
    if (other === undefined) kept.push({ term, words });
    else if (
      others.length === 1 &&
      term.term.includes(other.term.term) &&
      term.separation >= other.term.separation - LONGER_COSTS
    ) {
      other.term = term;
      other.words = words;
    }
  }
  return kept.map(({ term }) => term);
}
