// Statistics of a table of articles: sizes, lengths, balance of classes, languages, sources, months, copies. One pass; of the articles
// only numbers stay in memory.
import { appError } from '../../foundation/core/index.ts';
import { detectLanguage } from '../../text/language/index.ts';
import { createColumn, createWordHashes, fillWordHashes } from '../data/index.ts';
import type { ArticleTable, TableArticle } from './article-table.ts';
import { evenOut, hashKey } from './row-keys.ts';

export interface Distribution {
  readonly mean: number;
  readonly min: number;
  readonly p5: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly p95: number;
  readonly max: number;
  /** Counts between round limits, each twice the one before; the last is open. */
  readonly histogram: readonly { readonly from: number; readonly count: number }[];
}

export interface NamedCount {
  /** null: articles without it. */
  readonly name: string | null;
  readonly rows: number;
  /** By class, in the order of `classes`. */
  readonly perClass: readonly number[];
}

export interface DataStatistics {
  readonly name: string;
  readonly version: string | null;
  readonly files: readonly { readonly name: string; readonly sizeBytes: number }[];
  readonly articles: number;
  readonly unusable: number;
  readonly withoutTitle: number;
  readonly withoutText: number;
  readonly withoutLabel: number;
  /** The most frequent first. */
  readonly classes: readonly { readonly name: string | null; readonly rows: number }[];
  readonly title: { readonly characters: Distribution; readonly words: Distribution };
  readonly text: { readonly characters: Distribution; readonly words: Distribution };
  /** Of title and text together. */
  readonly tokens: Distribution;
  /** What a token is: the model whose tokenizer counted; null: words and single punctuation marks. */
  readonly tokenizer: string | null;
  /** Share of the articles with more tokens than usual models read. */
  readonly longerThan: readonly { readonly tokens: number; readonly share: number }[];
  /** BCP 47 tags; null: too short to tell. Of a sample, if there are many articles. */
  readonly languages: readonly NamedCount[];
  readonly languageSample: number;
  readonly sources: readonly NamedCount[];
  readonly distinctSources: number;
  /** YYYY-MM in order; null: no date. */
  readonly months: readonly NamedCount[];
  readonly copies: {
    /** Rows whose title and text an earlier row has. */
    readonly articles: number;
    readonly titles: number;
    readonly texts: number;
    /** Copies that stand under another label. */
    readonly contradicting: number;
  };
}

export interface StatisticsOptions {
  /** Counts the tokens of an article; null: words and punctuation marks are counted. */
  readonly tokenizer: {
    readonly name: string;
    readonly count: (title: string, text: string) => number;
  } | null;
}

const MAX_SOURCES = 50;
const LANGUAGE_SAMPLE = 2000;
const MODEL_LENGTHS = [128, 256, 512];
const PUNCTUATION = /[\p{P}\p{S}]/gu;

/** @throws DATA_FILE_INVALID if there are no articles, and what reading the table throws */
export async function describeTable(
  table: ArticleTable,
  options: StatisticsOptions,
): Promise<DataStatistics> {
  const counter = new TableCounter(options);
  for await (const articles of table.read()) for (const article of articles) counter.add(article);
  if (counter.articles === 0)
    throw appError('DATA_FILE_INVALID', {
      path: table.name,
      expected: 'articles',
      got: 'no rows',
      remedy: 'Check the path.',
    });
  const { name, version, files } = table;
  return { name, version, files: [...files], unusable: table.unusable(), ...counter.finish(options) };
}

class TableCounter {
  articles = 0;
  private readonly tokenizer: StatisticsOptions['tokenizer'];
  private readonly words = createWordHashes();
  private readonly lengths = {
    titleCharacters: createColumn('u32'),
    titleWords: createColumn('u32'),
    textCharacters: createColumn('u32'),
    textWords: createColumn('u32'),
    tokens: createColumn('u32'),
  };
  private readonly missing = { title: 0, text: 0, label: 0 };
  private readonly classes = new Map<string | null, number>();
  private readonly sources = new GroupCounts();
  private readonly months = new GroupCounts();
  private readonly languages = new GroupCounts();
  /** The label of the first row with this content. */
  private readonly contents = new Map<number, number>();
  private readonly titles = new Set<number>();
  private readonly texts = new Set<number>();
  private readonly copies = { articles: 0, titles: 0, texts: 0, contradicting: 0 };
  /** Every n-th article is looked at for its language; n doubles when the sample is full. */
  private sample: { readonly language: string | null; readonly label: number }[] = [];
  private step = 1;

  constructor({ tokenizer }: StatisticsOptions) {
    this.tokenizer = tokenizer;
  }

  add(article: TableArticle): void {
    const { title, text, label, source, publishedAt } = article;
    const number = this.countClass(label);
    if (title.trim() === '') this.missing.title++;
    if (text.trim() === '') this.missing.text++;
    if (label === null) this.missing.label++;
    this.sources.add(source, number);
    this.months.add(publishedAt?.slice(0, 7) ?? null, number);
    this.countLengths(title, text);
    this.countCopies(evenOut(title), evenOut(text), number);
    if (this.articles % this.step === 0) this.addLanguage(`${title}\n${text}`, number);
    this.articles++;
  }

  private countClass(label: string | null): number {
    const known = this.classes.get(label);
    if (known !== undefined) return known;
    this.classes.set(label, this.classes.size);
    return this.classes.size - 1;
  }

  private countLengths(title: string, text: string): void {
    const { lengths, words } = this;
    lengths.titleCharacters.push(title.length);
    lengths.textCharacters.push(text.length);
    fillWordHashes(title, words);
    const inTitle = words.count;
    fillWordHashes(text, words);
    lengths.titleWords.push(inTitle);
    lengths.textWords.push(words.count);
    const marks = (part: string): number => part.match(PUNCTUATION)?.length ?? 0;
    lengths.tokens.push(
      this.tokenizer === null
        ? inTitle + words.count + marks(title) + marks(text)
        : this.tokenizer.count(title, text),
    );
  }

  private countCopies(title: string, text: string, label: number): void {
    const [titleKey, textKey] = [hashKey(title), hashKey(text)];
    const key = Math.floor(titleKey / 2) + textKey;
    const first = this.contents.get(key);
    if (first === undefined) this.contents.set(key, label);
    else {
      this.copies.articles++;
      if (first !== label) this.copies.contradicting++;
    }
    if (title !== '' && this.titles.size === this.titles.add(titleKey).size) this.copies.titles++;
    if (text !== '' && this.texts.size === this.texts.add(textKey).size) this.copies.texts++;
  }

  private addLanguage(content: string, label: number): void {
    this.sample.push({ language: detectLanguage([content.slice(0, 1000)]), label });
    if (this.sample.length < LANGUAGE_SAMPLE * 2) return;
    this.sample = this.sample.filter((_, i) => i % 2 === 0);
    this.step *= 2;
  }

  finish({ tokenizer }: StatisticsOptions): Omit<DataStatistics, 'name' | 'version' | 'files' | 'unusable'> {
    const { articles, lengths, missing, copies } = this;
    for (const { language, label } of this.sample) this.languages.add(language, label);
    const byClass = this.sources.sumClasses(this.classes.size);
    const order = [...this.classes.values()].sort((a, b) => (byClass[b] as number) - (byClass[a] as number));
    const names = [...this.classes.keys()];
    const tokens = lengths.tokens.values;
    return {
      articles,
      withoutTitle: missing.title,
      withoutText: missing.text,
      withoutLabel: missing.label,
      classes: order.map((i) => ({ name: names[i] ?? null, rows: byClass[i] as number })),
      title: {
        characters: describe(lengths.titleCharacters.values),
        words: describe(lengths.titleWords.values),
      },
      text: {
        characters: describe(lengths.textCharacters.values),
        words: describe(lengths.textWords.values),
      },
      tokens: describe(tokens),
      tokenizer: tokenizer?.name ?? null,
      longerThan: MODEL_LENGTHS.map((limit) => ({
        tokens: limit,
        share: tokens.reduce((sum, n) => sum + (n > limit ? 1 : 0), 0) / articles,
      })),
      languages: this.languages.list(order).sort(byRows),
      languageSample: this.sample.length,
      sources: this.sources.list(order).sort(byRows).slice(0, MAX_SOURCES),
      distinctSources: this.sources.size,
      months: this.months.list(order).sort((a, b) => ((a.name ?? '~') < (b.name ?? '~') ? -1 : 1)),
      copies,
    };
  }
}

function byRows(a: NamedCount, b: NamedCount): number {
  return b.rows - a.rows || ((a.name ?? '~') < (b.name ?? '~') ? -1 : 1);
}

/** Rows by name and class. */
class GroupCounts {
  private readonly groups = new Map<string | null, number[]>();

  get size(): number {
    return this.groups.size - (this.groups.has(null) ? 1 : 0);
  }

  add(name: string | null, label: number): void {
    const counts = this.groups.get(name) ?? [];
    if (counts.length === 0) this.groups.set(name, counts);
    counts[label] = (counts[label] ?? 0) + 1;
  }

  list(order: readonly number[]): NamedCount[] {
    return [...this.groups].map(([name, counts]) => {
      const perClass = order.map((i) => counts[i] ?? 0);
      return { name, rows: perClass.reduce((a, b) => a + b, 0), perClass };
    });
  }

  sumClasses(classes: number): number[] {
    return Array.from({ length: classes }, (_, i) =>
      [...this.groups.values()].reduce((sum, counts) => sum + (counts[i] ?? 0), 0),
    );
  }
}

function describe(lengths: Uint32Array): Distribution {
  const sorted = lengths.slice().sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] as number;
  let top = 1;
  while (top <= at(1)) top *= 2;
  const limits = [0, ...Array.from({ length: Math.log2(top) + 1 }, (_, i) => 2 ** i).slice(0, -1)];
  const histogram = limits.map((from) => ({ from, count: 0 }));
  for (const length of sorted) histogram[length === 0 ? 0 : Math.floor(Math.log2(length)) + 1]!.count++;
  const first = histogram.findIndex(({ count }) => count > 0);
  return {
    mean: sorted.reduce((a, b) => a + b, 0) / sorted.length,
    ...{ min: at(0), p5: at(0.05), p25: at(0.25), median: at(0.5), p75: at(0.75), p95: at(0.95), max: at(1) },
    histogram: histogram.slice(first),
  };
}
