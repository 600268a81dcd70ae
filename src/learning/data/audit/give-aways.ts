// Rates what was measured: which give-aways are above their limits, which are below but clearly there, and what to do.
import type { ColumnFinding, ColumnRuleFinding } from './columns.ts';
import { cutExample } from './example.ts';
import type { LeakLimits } from './leak-limits.ts';
import { ruleMarks } from './marks.ts';
import { hasCounts, type Mark, type Measure } from './measure.ts';
import type { GiveAway, GiveAwayStatus } from './report.ts';
import type { SideFindings, ViewName } from './side.ts';

/** From this separation on, at the low end of its interval, a give-away is reported as there. */
const FOUND = 0.6;
/** Style always says something: a part of the articles is reported from here on. */
const FOUND_PART = 0.75;
/**
 * A rarer phrase is reported too if this share of a class has it, and nearly all articles that have it are of that class: less
 * for words in capitals and for three words in a row, which do not meet by chance.
 */
const FOUND_SHARE = { usual: 0.2, threeWords: 0.1, capitals: 0.05 };
const FOUND_PURITY = 0.95;
const FOUND_ROWS = 20;
/** The edges give the label away if they leave at most this share of the middle's errors, and tell more by so much. */
const EDGE_ERRORS = 0.5;
const EDGE_GAIN = 0.05;

export interface SideMeasures extends SideFindings {
  readonly views: Readonly<Record<ViewName, Measure | null>>;
}

export interface RatingInput {
  readonly classNames: readonly string[];
  readonly limits: LeakLimits;
  readonly strip: boolean;
  /** null: only what the model reads was measured. */
  readonly raw: SideMeasures | null;
  readonly cleaned: SideMeasures;
  /** Marks of cleaning rules, by their names. */
  readonly rules: ReadonlyMap<string, Mark> | null;
  readonly columns: readonly ColumnFinding[];
  /** null: all articles are in one language. */
  readonly languages: Measure | null;
}

interface Candidate extends Pick<GiveAway, 'name' | 'kind' | 'summary' | 'raw' | 'cleaned' | 'example'> {
  readonly setting: keyof LeakLimits | null;
  readonly needsCase: boolean;
  /** Whether an edge says much more than the middle of the text; absent: not an edge. */
  readonly isMore?: { readonly raw: boolean; readonly cleaned: boolean };
}

/** @returns all give-aways, those that stop first, then by how well they tell the classes */
export function rateGiveAways(input: RatingInput): GiveAway[] {
  const candidates = [
    ...listMarks(input),
    ...listPhrases(input),
    ...listParts(input),
    ...listWords(input),
    ...listColumns(input),
    ...listLanguages(input),
  ];
  const order: readonly GiveAwayStatus[] = ['stops', 'case', 'unread', 'found', 'removed', 'slight'];
  // Of those that say about the same, what can be pointed at comes before a whole part.
  const worth = ({ cleaned, raw, kind }: GiveAway): number =>
    Math.round(((cleaned ?? raw)?.separation ?? 0) * 100) - (kind === 'part' ? 0.5 : 0);
  return candidates
    .map((candidate) => rate(candidate, input))
    .sort(
      (a, b) =>
        order.indexOf(a.status) - order.indexOf(b.status) ||
        worth(b) - worth(a) ||
        (a.name < b.name ? -1 : 1),
    );
}

function rate(candidate: Candidate, input: RatingInput): GiveAway {
  const { setting, needsCase: _case, isMore: _more, ...about } = candidate;
  const status = findStatus(candidate, input.limits);
  const given = (about.cleaned ?? about.raw)?.given ?? 0;
  return {
    ...about,
    status,
    className: input.classNames[given] ?? '',
    limit: setting === null ? null : { setting: `data.leak_limits.${setting}`, value: input.limits[setting] },
    advice: advise(about, status, input),
  };
}

function findStatus(candidate: Candidate, limits: LeakLimits): GiveAwayStatus {
  const { kind, setting, raw, cleaned, needsCase, isMore } = candidate;
  const limit = setting === null ? Number.POSITIVE_INFINITY : limits[setting];
  if (kind === 'column') {
    if (raw !== null && raw.low >= limit) return 'unread';
    return isFound(candidate, raw) ? 'found' : 'slight';
  }
  if (cleaned !== null && isMore?.cleaned !== false) {
    if (cleaned.low >= limit) return needsCase ? 'case' : 'stops';
    if (isFound(candidate, cleaned)) return 'found';
  }
  return isFound(candidate, raw) && isMore?.raw !== false ? 'removed' : 'slight';
}

function isFound({ kind, name }: Candidate, measure: Measure | Mark | null): boolean {
  if (measure === null) return false;
  if (measure.low >= (kind === 'part' ? FOUND_PART : FOUND)) return true;
  if (kind !== 'phrase' || !hasCounts(measure)) return false;
  const { rows, share, given } = measure;
  const total = rows.reduce((sum, count) => sum + count, 0);
  const own = share[given] as number;
  const others = share.filter((_, i) => i !== given);
  const most = Math.max(0, ...others);
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? []; // after phrase-ZONE
  const isThreeWords = words.length >= 2 + 3;
  const usual = isThreeWords ? FOUND_SHARE.threeWords : FOUND_SHARE.usual;
  const least = name.startsWith('phrase-title') ? FOUND_SHARE.capitals : usual;
  return total >= FOUND_ROWS && own >= least && own / (own + most) >= FOUND_PURITY;
}

function listMarks({ raw, cleaned, rules }: RatingInput): Candidate[] {
  const names = new Map([...cleaned.marks, ...(raw?.marks ?? [])].map((one) => [one.name, one]));
  const of = (side: SideMeasures | null, name: string): Mark | null =>
    side?.marks.find((one) => one.name === name)?.mark ?? null;
  const none = (mark: Mark): Mark => ({
    ...mark,
    rows: mark.rows.map(() => 0),
    share: mark.share.map(() => 0),
    ...{ bits: 0, separation: 0.5, low: 0 },
  });
  return [
    ...[...names.values()].map(({ name, summary, needsCase, mark, example }): Candidate => {
      const rawMark = of(raw, name);
      return {
        ...{ name, kind: 'mark', summary, needsCase, setting: 'mark', raw: rawMark, example },
        cleaned: of(cleaned, name) ?? none(rawMark ?? mark),
      };
    }),
    ...(rules === null
      ? []
      : ruleMarks.flatMap(({ name, summary }): Candidate[] => {
          const mark = rules.get(name);
          if (mark === undefined) return [];
          return [
            {
              name,
              kind: 'mark',
              summary,
              needsCase: false,
              setting: null,
              raw: mark,
              cleaned: null,
              example: null,
            },
          ];
        })),
  ];
}

const ZONE_WORDS = {
  first: 'at the beginning of the text',
  last: 'at the end of the text',
  title: 'in capitals in the title',
} as const;

function listPhrases({ raw, cleaned }: RatingInput): Candidate[] {
  const key = ({ zone, term }: { zone: string; term: string }): string => `${zone}:${term.toLowerCase()}`;
  const of = (side: SideMeasures | null) => new Map((side?.phrases ?? []).map((one) => [key(one), one]));
  const [before, after] = [of(raw), of(cleaned)];
  return [...new Set([...before.keys(), ...after.keys()])].map((name): Candidate => {
    const one = (after.get(name) ?? before.get(name)) as NonNullable<ReturnType<typeof before.get>>;
    return {
      name: `phrase-${name}`,
      kind: 'phrase',
      summary: `“${one.term}” ${ZONE_WORDS[one.zone]}`,
      needsCase: one.zone === 'title',
      setting: 'mark',
      raw: before.get(name) ?? null,
      cleaned: after.get(name) ?? null,
      example: one.example || null,
    };
  });
}

const PARTS: readonly {
  readonly view: ViewName;
  readonly setting: keyof LeakLimits;
  readonly summary: string;
}[] = [
  { view: 'first', setting: 'edges', summary: 'the first 20 tokens of the text alone' },
  { view: 'last', setting: 'edges', summary: 'the last 20 tokens of the text alone' },
  { view: 'signs', setting: 'signs', summary: 'punctuation alone, all words hidden' },
  { view: 'forms', setting: 'signs', summary: 'punctuation and case alone, all words hidden' },
  { view: 'lengths', setting: 'length', summary: 'the lengths of title and text alone' },
];

function listParts({ raw, cleaned }: RatingInput): Candidate[] {
  return PARTS.map(({ view, setting, summary }): Candidate => {
    const isMore = { raw: isMuchMore(raw, view), cleaned: isMuchMore(cleaned, view) };
    return {
      ...{ name: `part-${view}`, kind: 'part', summary, setting, needsCase: view === 'forms' },
      raw: raw?.views[view] ?? null,
      cleaned: cleaned.views[view],
      example: null,
      ...(setting === 'edges' ? { isMore } : {}),
    };
  });
}

function isMuchMore(side: SideMeasures | null, view: ViewName): boolean {
  const [edge, middle] = [side?.views[view] ?? null, side?.views.middle ?? null];
  if (edge === null || middle === null) return false;
  const [own, usual] = [edge.separation, middle.separation];
  return 1 - own <= EDGE_ERRORS * (1 - usual) && own - usual >= EDGE_GAIN;
}

/** Only the words above the limit: a word that tells much is usually what the articles are about. */
function listWords({ raw, cleaned, limits }: RatingInput): Candidate[] {
  return cleaned.terms
    .filter(({ low }) => low >= limits.word)
    .map(
      ({ term, ...mark }): Candidate => ({
        ...{ name: `word-${term}`, kind: 'word', summary: `the word or pair of words “${term}”` },
        ...{ setting: 'word', needsCase: false, cleaned: mark, example: null },
        raw: raw?.terms.find((one) => one.term === term) ?? null,
      }),
    );
}

function listColumns({ columns }: RatingInput): Candidate[] {
  return columns.flatMap(({ column, role, rules, marks }): Candidate[] => {
    const best: ColumnRuleFinding | undefined = rules[0];
    const isArticle = role === 'title' || role === 'text' || role === 'label';
    return [
      ...(best === undefined
        ? []
        : [
            {
              ...{
                name: `column-${column}`,
                kind: 'column' as const,
                setting: 'column' as const,
                needsCase: false,
              },
              summary: `column ${column} by ${best.words}`,
              raw: best,
              cleaned: null,
              example: formatValue(best.example?.value ?? null),
            },
          ]),
      ...marks
        .filter(() => !isArticle)
        .map((mark) => ({
          ...{ name: `column-${column}-${mark.name.replaceAll(' ', '-')}`, kind: 'column' as const },
          ...{ setting: 'column' as const, needsCase: false, summary: `column ${column} ${mark.name}` },
          raw: mark,
          cleaned: null,
          example: null,
        })),
    ];
  });
}

/** A value with its outer spaces visible. */
function formatValue(value: string | null): string | null {
  if (value === null) return null;
  return cutExample(value.replace(/^\s|\s$/g, '␣'), 0) || null;
}

function listLanguages({ languages }: RatingInput): Candidate[] {
  if (languages === null) return [];
  return [
    {
      ...{ name: 'language', kind: 'language', summary: 'the language of the article', needsCase: false },
      ...{ setting: 'mark', raw: languages, cleaned: languages, example: null },
    },
  ];
}

function advise(
  { kind, name }: Pick<GiveAway, 'kind' | 'name'>,
  status: GiveAwayStatus,
  { strip }: RatingInput,
): string | null {
  if (status === 'unread')
    return 'No model reads this column. Keep it so: never join it to title or text, and test the model on articles of other sources.';
  if (status !== 'stops' && status !== 'case') return null;
  if (kind === 'language')
    return 'Train one model for each language, or add articles of the missing class in each language.';
  if (name === 'part-lengths')
    return 'Cut all texts at the same length, or add articles whose lengths overlap.';
  if (status === 'case')
    return 'Choose a model whose tokenizer lower-cases every text, or write the titles and texts of all classes alike.';
  const first = strip ? '' : 'Set data.strip=true, which removes datelines, credits and many such marks. ';
  if (kind === 'part')
    return `${first}Look for the cause among the phrases and signs, and take it out of the files.`;
  return `${first}Take it out of the files, or write it alike in all classes.`;
}
