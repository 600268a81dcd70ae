// Everything that one pass over the rows of a dataset counts.
import type { ArticleText } from '../../../foundation/records/index.ts';
import { cleanArticle } from '../../../text/clean/index.ts';
import type { Ingested, ScratchRawRow } from '../ingest.ts';
import type { ColumnMap } from '../options.ts';
import { createColumn } from '../row-table.ts';
import { readScratchLines } from '../scratch-file.ts';
import type { AuditSteps } from './audit-steps.ts';
import type { AuditedClasses, ChosenRows } from './audited-rows.ts';
import { BalanceCounts, LanguageCounts, LengthCounts } from './balance.ts';
import { createColumnAudit } from './columns.ts';
import { hasWrongEncoding, ruleMarks } from './marks.ts';
import { type Mark, measureMark } from './measure.ts';
import { SideAudit, viewNames } from './side.ts';
import { createFeatureCollector } from './views.ts';

/** A row as it is stored in a dataset version. */
interface StoredRow extends ArticleText {
  readonly id: string;
  readonly source: string | null;
  readonly publishedAt: string | null;
}

export interface RowCountsInput {
  readonly table: Ingested;
  /** The columns of the files by their roles. */
  readonly columns: ColumnMap;
  readonly classes: AuditedClasses;
  readonly rows: ChosenRows;
  /** false: only what the model reads is counted. */
  readonly isWhole: boolean;
}

export class RowCounts {
  readonly #input: RowCountsInput;
  readonly #rules: Map<string, number[]>;
  readonly #columns;
  /** Articles of each class: all, and those that are kept. */
  readonly usable: number[];
  readonly totals: number[];
  readonly wrongEncoding: number[];
  readonly cleaned: SideAudit;
  readonly raw: SideAudit | null;
  /** The words of the articles whose labels may be doubted. */
  readonly suspectWords = createFeatureCollector();
  readonly suspects: { readonly row: number; readonly id: string }[] = [];
  readonly months: BalanceCounts;
  readonly sources: BalanceCounts;
  readonly languages: LanguageCounts;
  readonly lengths: LengthCounts;
  /** Classes and dates of the rows that quick models learn from, and of the others that are kept here. */
  readonly labels = { model: createColumn('u16'), suspect: createColumn('u16') };
  readonly modelDates: (string | null)[] = [];

  constructor(input: RowCountsInput) {
    this.#input = input;
    const { classes, table, isWhole } = input;
    const k = classes.names.length;
    const zeros = (): number[] => classes.names.map(() => 0);
    [this.usable, this.totals, this.wrongEncoding] = [zeros(), zeros(), zeros()];
    this.cleaned = new SideAudit(k, viewNames, table.rows);
    const rawViews = viewNames.filter((name) => name !== 'words');
    this.raw = isWhole ? new SideAudit(k, rawViews, table.rows) : null;
    this.#rules = new Map(ruleMarks.map(({ name }) => [name, zeros()]));
    this.#columns = createColumnAudit(k);
    [this.months, this.sources] = [new BalanceCounts(k), new BalanceCounts(k)];
    this.languages = new LanguageCounts(k);
    this.lengths = new LengthCounts(k);
  }

  /** Reads all rows. @throws the signal's reason when it is aborted */
  async read(steps: AuditSteps): Promise<void> {
    const { table, rows, classes } = this.#input;
    const raws = readScratchLines(table.rawsPath);
    let row = 0;
    for (const line of readScratchLines(table.textsPath)) {
      await steps.row();
      const rawLine = raws.next().value as Buffer;
      const label = classes.of[row] as number;
      const article = JSON.parse(line.toString()) as StoredRow;
      bump(this.usable, label);
      this.lengths.add(article, label);
      if (rows.kept[row] === 1)
        this.#add(row, label, article, JSON.parse(rawLine.toString()) as ScratchRawRow);
      row++;
    }
  }

  #add(row: number, label: number, article: StoredRow, before: ScratchRawRow): void {
    const { rows } = this.#input;
    bump(this.totals, label);
    this.#addColumns(row, label, before);
    if (hasWrongEncoding(before.title) || hasWrongEncoding(before.text)) bump(this.wrongEncoding, label);
    if (article.publishedAt !== null) this.months.add(article.publishedAt.slice(0, 7), label);
    if (article.source !== null) this.sources.add(article.source, label);
    const isModel = rows.model[row] === 1;
    if (isModel) {
      this.labels.model.push(label);
      this.modelDates.push(article.publishedAt);
    }
    if (rows.shown[row] === 1) {
      this.cleaned.articles.push({ article: { title: article.title, text: article.text }, label });
      this.raw?.articles.push({ article: { title: before.title, text: before.text }, label });
      this.languages.addArticle(article, label);
    }
    this.cleaned.add(article, label, isModel);
    if (this.raw === null) return;
    if (rows.suspect[row] === 1) {
      this.labels.suspect.push(label);
      this.suspects.push({ row, id: article.id });
      this.suspectWords.add((emit) => this.cleaned.emitLastWords(emit));
    }
    this.raw.add(before, label, isModel);
    for (const rule of cleanArticle(before, { strip: true }).applied) {
      const counts = this.#rules.get(`rule:${rule}`);
      if (counts !== undefined) bump(counts, label);
    }
  }

  #addColumns(row: number, label: number, before: ScratchRawRow): void {
    const { columns } = this.#input;
    for (const [column, value] of Object.entries(before.columns))
      this.#columns.add(row, column, value, label);
    if (columns.title !== null) this.#columns.add(row, columns.title, before.title, label);
    if (columns.text !== null) this.#columns.add(row, columns.text, before.text, label);
  }

  columns() {
    const named = Object.entries(this.#input.columns);
    const roles = named.flatMap(([role, name]) => (name === null ? [] : [[name, role] as const]));
    return this.#columns.findings(this.totals, new Map(roles));
  }

  /** Marks of the cleaning rules; null if they were not counted. */
  rules(): ReadonlyMap<string, Mark> | null {
    if (this.raw === null) return null;
    return new Map([...this.#rules].map(([name, counts]) => [name, measureMark(counts, this.totals)]));
  }
}

function bump(counts: number[], label: number): void {
  counts[label] = (counts[label] as number) + 1;
}
