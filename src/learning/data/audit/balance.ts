// Counts how the articles of each class are spread over months, sources and languages, and how long they are.
import type { ArticleText } from '../../../foundation/records/index.ts';
import { detectLanguage } from '../../../text/language/index.ts';
import { createColumn } from '../row-table.ts';
import { createWordHashes, fillWordHashes } from '../word-hashes.ts';
import type { AuditDepth } from './audited-rows.ts';
import { type Measure, measureGuesses } from './measure.ts';
import type { BalanceRow, Quantiles } from './report.ts';

/** The language is found for so many articles of each class. */
const LANGUAGE_ROWS = 150;
/** Shorter texts are in no language for certain. */
const LANGUAGE_CHARS = 100;
const LANGUAGE_CUT = 1000;
const FIRST_ROWS = 6;
const MAX_ROWS = 200;

export class BalanceCounts {
  readonly #classes: number;
  readonly #counts = new Map<string, number[]>();

  constructor(classes: number) {
    this.#classes = classes;
  }

  add(name: string, label: number): void {
    const counts = this.#counts.get(name) ?? Array.from({ length: this.#classes }, () => 0);
    counts[label] = (counts[label] as number) + 1;
    this.#counts.set(name, counts);
  }

  list(order: 'by size' | 'by name'): BalanceRow[] {
    const size = ({ rows }: BalanceRow): number => rows.reduce((sum, count) => sum + count, 0);
    const list = [...this.#counts].map(([name, rows]) => ({ name, rows }));
    list.sort((a, b) => size(b) - size(a) || (a.name < b.name ? -1 : 1));
    const first = list.slice(0, MAX_ROWS);
    return order === 'by size' ? first : first.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** How well the name of an article tells its class; null if all articles have one. */
  measure(): Measure | null {
    if (this.#counts.size < 2) return null;
    const labels = Array.from({ length: this.#classes }, (_, label) => label);
    const totals = labels.map((label) =>
      [...this.#counts.values()].reduce((sum, rows) => sum + (rows[label] as number), 0),
    );
    const confusion = labels.map(() => labels.map(() => 0));
    for (const rows of this.#counts.values()) {
      const shares = rows.map((count, label) => count / Math.max(1, totals[label] as number));
      const guess = shares.indexOf(Math.max(...shares));
      for (const [label, count] of rows.entries())
        (confusion[label] as number[])[guess] = ((confusion[label] as number[])[guess] as number) + count;
    }
    return measureGuesses(confusion);
  }
}

/** Finds the language of the first articles of each class; und: it was not found. */
export class LanguageCounts {
  readonly #texts: string[][];

  constructor(classes: number) {
    this.#texts = Array.from({ length: classes }, () => []);
  }

  addArticle({ text }: ArticleText, label: number): void {
    const texts = this.#texts[label] as string[];
    if (text.length >= LANGUAGE_CHARS && texts.length < LANGUAGE_ROWS)
      texts.push(text.slice(0, LANGUAGE_CUT));
  }

  /** @param depth  limits: if the first articles of all classes are in one language, the others are not looked at */
  find(depth: AuditDepth): BalanceCounts {
    const counts = new BalanceCounts(this.#texts.length);
    const first = this.#texts.map((texts) => detectLanguage(texts.slice(0, FIRST_ROWS)));
    const [language] = first;
    const isOne = language != null && first.every((one) => one === language);
    for (const [label, texts] of this.#texts.entries())
      for (const text of texts)
        counts.add(isOne && depth === 'limits' ? language : (detectLanguage([text]) ?? 'und'), label);
    return counts;
  }
}

export class LengthCounts {
  readonly #words = createWordHashes();
  readonly #columns;

  constructor(classes: number) {
    this.#columns = Array.from({ length: classes }, () => ({
      title: createColumn('u32'),
      text: createColumn('u32'),
    }));
  }

  add(article: ArticleText, label: number): void {
    for (const field of ['title', 'text'] as const) {
      fillWordHashes(article[field], this.#words);
      this.#columns[label]?.[field].push(this.#words.count);
    }
  }

  list(): { readonly titleWords: Quantiles; readonly textWords: Quantiles }[] {
    const quantiles = (values: Uint32Array): Quantiles => {
      const sorted = values.slice().sort();
      const at = (q: number): number => sorted[Math.round(q * (sorted.length - 1))] ?? 0;
      return [at(0), at(0.05), at(0.5), at(0.95), at(1)];
    };
    return this.#columns.map(({ title, text }) => ({
      titleWords: quantiles(title.values),
      textWords: quantiles(text.values),
    }));
  }
}
