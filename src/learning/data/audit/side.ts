// What is measured of the articles of one side of the cleaning: raw, or as the model reads them.
import type { ArticleText } from '../../../foundation/records/index.ts';
import { createEdgeTermCounts, type EdgeTerm } from './edge-terms.ts';
import { cutExample } from './example.ts';
import { articleMarks, type Place } from './marks.ts';
import { type Mark, type Measure, measureGuesses, measureMark } from './measure.ts';
import { crossValidatedGuesses, type FeatureRows } from './quick-model.ts';
import { createTermCounts, nameRanked, type Term } from './term-counts.ts';
import { isSymbol } from './tokens.ts';
import {
  createArticleTokens,
  createFeatureCollector,
  emitEdge,
  emitForms,
  emitLengths,
  emitWords,
  type FeatureCollector,
  type TokenizedArticle,
} from './views.ts';

/** Parts of an article that are measured alone. */
export const viewNames = ['first', 'last', 'middle', 'signs', 'forms', 'lengths', 'words'] as const;
export type ViewName = (typeof viewNames)[number];

export interface NamedMark {
  readonly name: string;
  readonly summary: string;
  readonly needsCase: boolean;
  readonly mark: Mark;
  /** At most twelve words; null: none of the articles at hand has the mark. */
  readonly example: string | null;
}

export interface SideFindings {
  readonly marks: readonly NamedMark[];
  readonly phrases: readonly EdgeTerm[];
  readonly terms: readonly Term[];
}

const TERMS_SHOWN = 30;
/** A sign that fewer articles have is not worth a line. */
const MIN_SIGN_SHARE = 0.02;

export class SideAudit {
  readonly #classes: number;
  readonly #marks: number[][];
  readonly #signs = { title: new Map<number, number[]>(), text: new Map<number, number[]>() };
  readonly #terms;
  readonly #phrases;
  readonly #views: ReadonlyMap<ViewName, FeatureCollector>;
  readonly #tokens = createArticleTokens();
  readonly #stamps = new Int32Array(0x10000);
  #stamp = 0;
  /** Some articles, from which words are shown. */
  readonly articles: { readonly article: ArticleText; readonly label: number }[] = [];

  /** @param rows  about how many articles there are */
  constructor(classes: number, views: readonly ViewName[], rows: number) {
    this.#classes = classes;
    this.#marks = articleMarks.map(() => this.#zeros());
    this.#terms = createTermCounts(rows);
    this.#phrases = createEdgeTermCounts(classes, rows);
    this.#views = new Map(views.map((name) => [name, createFeatureCollector()]));
  }

  /** @param isModelRow  whether quick models learn from the article */
  add(article: ArticleText, label: number, isModelRow: boolean): void {
    for (const [i, { find }] of articleMarks.entries())
      if (find(article) !== null) bump(this.#marks[i] as number[], label);
    this.#tokens.fill(article);
    this.#countSigns('title', label);
    this.#countSigns('text', label);
    this.#terms.add(article, label);
    this.#phrases.add(this.#tokens, label);
    if (!isModelRow) return;
    for (const [name, view] of this.#views) view.add((emit) => emitView(name, this.#tokens, emit));
  }

  /** The words of the article that was added last. */
  emitLastWords(emit: (feature: number) => void): void {
    emitWords(this.#tokens, emit);
  }

  #zeros(): number[] {
    return Array.from({ length: this.#classes }, () => 0);
  }

  #countSigns(field: 'title' | 'text', label: number): void {
    const { forms, count } = this.#tokens[field];
    this.#stamp++;
    for (let i = 0; i < count; i++) {
      const form = forms[i] as number;
      if (!isSymbol(form) || this.#stamps[form] === this.#stamp) continue;
      this.#stamps[form] = this.#stamp;
      const counts = this.#signs[field].get(form) ?? this.#zeros();
      this.#signs[field].set(form, counts);
      bump(counts, label);
    }
  }

  /** Features of the model rows, as far as the view was asked for. */
  view(name: ViewName): FeatureRows | null {
    return this.#views.get(name)?.rows() ?? null;
  }

  /** How well the class is told from one view alone; null if the view was not asked for. */
  measureView(name: ViewName, labels: Uint16Array, folds: number): Measure | null {
    const rows = this.view(name);
    if (rows === null) return null;
    return measureGuesses(crossValidatedGuesses({ rows, labels, classes: this.#classes }, folds));
  }

  findings(totals: readonly number[]): SideFindings {
    const order = totals.map((_, i) => i);
    const listed = articleMarks.map(({ find, ...about }, i) => {
      const mark = measureMark(this.#marks[i] as number[], totals);
      return { ...about, mark, example: this.#findExample(find, mark) };
    });
    const ranked = this.#terms.rank(order, totals, TERMS_SHOWN);
    const names = new Map<number, Map<string, number>>();
    for (const { article } of this.articles) this.#terms.nameTerms(article, ranked, names);
    return {
      marks: [...listed, ...this.#listSigns(totals, listed)],
      phrases: this.#phrases.find(totals, this.#tokenized()),
      terms: nameRanked(ranked, names),
    };
  }

  *#tokenized(): Generator<{ article: ArticleText; label: number; tokens: TokenizedArticle }> {
    for (const { article, label } of this.articles) {
      this.#tokens.fill(article);
      yield { article, label, tokens: this.#tokens };
    }
  }

  /** From an article of the class that the mark gives away, if that is the one that has it. */
  #findExample(find: (article: ArticleText) => Place | null, { share }: Mark): string | null {
    const most = share.indexOf(Math.max(...share));
    for (const { article, label } of this.articles) {
      const place = label === most ? find(article) : null;
      if (place !== null) return cutExample(article[place.field], place.at) || null;
    }
    return null;
  }

  /** Signs that no listed mark counts already. */
  #listSigns(totals: readonly number[], listed: readonly NamedMark[]): NamedMark[] {
    return (['title', 'text'] as const).flatMap((field) =>
      [...this.#signs[field]].flatMap(([code, rows]) => {
        if (!rows.some((count, i) => count >= MIN_SIGN_SHARE * (totals[i] as number) && count >= 5))
          return [];
        const mark = measureMark(rows, totals);
        const isListed = listed.some(
          (one) =>
            one.name !== 'non-ascii' &&
            one.mark.bits > 0 &&
            one.mark.rows.every(
              (count, i) => Math.abs(count - (rows[i] as number)) <= 0.02 * (totals[i] as number),
            ),
        );
        if (isListed) return [];
        const sign = String.fromCharCode(code);
        const hex = code.toString(16).toUpperCase().padStart(4, '0');
        const shown = /[\p{P}\p{S}]/u.test(sign) ? `${sign} (U+${hex})` : `U+${hex}`;
        return [
          {
            name: `sign-${field}-${hex}`,
            summary: `the sign ${shown} in the ${field}`,
            needsCase: false,
            mark,
            example: this.#findExample((article) => findSign(article, field, sign), mark),
          },
        ];
      }),
    );
  }
}

function emitView(name: ViewName, tokens: TokenizedArticle, emit: (feature: number) => void): void {
  if (name === 'words') emitWords(tokens, emit);
  else if (name === 'lengths') emitLengths(tokens, emit);
  else if (name === 'signs' || name === 'forms') emitForms(tokens, name === 'forms', emit);
  else emitEdge(tokens, name, emit);
}

function bump(counts: number[], label: number): void {
  counts[label] = (counts[label] as number) + 1;
}

function findSign(article: ArticleText, field: Place['field'], sign: string): Place | null {
  const at = article[field].indexOf(sign);
  return at === -1 ? null : { field, at };
}
