// Audits a dataset before and after cleaning. It finds what gives the label away (marks of typing and publishing,
// columns, words) and what is wrong (copies, empty articles, imbalance). It reads the files twice: the second pass looks
// up the words of the most informative hash buckets and ends as soon as it has found them all.

import { appError } from '../../../foundation/core/index.ts';
import type { FileNote } from '../../../foundation/records/index.ts';
import { cleanArticle } from '../../../text/clean/index.ts';
import { type BadRow, isBadRow } from '../csv-parser.ts';
import { createLabelRules } from '../label-rules.ts';
import { findLabelSpellings } from '../label-spellings.ts';
import { type LabelledRow, orderClasses, readLabelledRow } from '../labelled-rows.ts';
import type { DataContext, DataOptions } from '../options.ts';
import type { RawRow } from '../raw-row.ts';
import { namePart, readRawRows } from '../raw-rows.ts';
import { RejectCounts } from '../reject-reason.ts';
import { locateSourceFiles, type SourceFile } from '../source-files.ts';
import { createColumnAudit } from './columns.ts';
import { createRowAudit } from './copies.ts';
import { features, ruleFeatures } from './features.ts';
import { type Mark, measureMark } from './information.ts';
import type { AuditReport } from './report.ts';
import { createTermCounts, nameRanked } from './term-counts.ts';

const MAX_CLASSES = 20;
const TERMS_SHOWN = 30;
/** How many terms of an informative bucket are seen before the most common one names the bucket. */
const SIGHTINGS = 20;

type AuditContext = Pick<DataContext, 'progress' | 'signal'>;

/**
 * Audits the dataset of a configuration.
 * @throws what reading a dataset throws; DATA_LABELS; the signal's reason when it is aborted
 */
export async function auditData(config: DataOptions, context: AuditContext): Promise<AuditReport> {
  const files = await locateSourceFiles(config);
  const counts = await countEverything(files, config, context);
  const { labels, rows, marks, columns, terms } = counts;
  const classNames = orderClasses(labels, config.classes).filter((name) => labels.includes(name));
  const order = classNames.map((name) => labels.indexOf(name));
  const byLabel = rows.countLabels(labels.length);
  const totals = order.map((label) => byLabel[label] as number);
  const usable = totals.reduce((a, b) => a + b, 0);
  const measure = (byLabelCounts: readonly number[] | undefined): Mark =>
    measureMark(
      order.map((label) => byLabelCounts?.[label] ?? 0),
      totals,
    );

  const giveAways = [
    ...features.map(({ name, summary }) => ({
      name,
      summary,
      raw: measure(marks.raw.get(name)),
      cleaned: measure(marks.cleaned.get(name)),
    })),
    ...ruleFeatures.map(({ name, summary }) => ({
      name,
      summary,
      raw: measure(marks.raw.get(name)),
      cleaned: null,
    })),
  ];
  const ranked = {
    raw: terms.raw.rank(order, totals, TERMS_SHOWN),
    cleaned: terms.cleaned.rank(order, totals, TERMS_SHOWN),
  };
  const names = await nameTerms(files, config, context, ranked, terms);
  const used = files[0]?.columns;
  return {
    schemaVersion: 1,
    name: config.name,
    synthetic: config.kind === 'sample',
    files: files.map(({ name, md5, sizeBytes, edition }) => ({ name, md5, sizeBytes, edition })),
    strip: config.strip,
    rows: { read: counts.read, usable, empty: counts.empty, rejected: counts.rejected.list() },
    classes: classNames.map((name, i) => ({
      name,
      rows: totals[i] as number,
      share: (totals[i] as number) / usable,
      ...rows.measureLengths(order[i] as number),
    })),
    majorityAccuracy: Math.max(...totals) / usable,
    giveAways: giveAways.sort((a, b) => b.raw.bits - a.raw.bits),
    columns: columns.findings(
      order,
      totals,
      [used?.title, used?.text, used?.label, used?.id].map((name) => name ?? null),
    ),
    terms: { raw: nameRanked(ranked.raw, names.raw), cleaned: nameRanked(ranked.cleaned, names.cleaned) },
    copies: rows.countCopies(order),
    notes: counts.notes,
    labels: findLabelSpellings(counts.written, config.classes, config.labels),
  };
}

type Counts = Awaited<ReturnType<typeof countEverything>>;

async function countEverything(files: readonly SourceFile[], config: DataOptions, context: AuditContext) {
  const labels: string[] = [];
  const rejected = new RejectCounts();
  const marks = { raw: new Map<string, number[]>(), cleaned: new Map<string, number[]>() };
  const terms = { raw: createTermCounts(), cleaned: createTermCounts() };
  const rows = createRowAudit();
  const columns = createColumnAudit();
  const rules = createLabelRules(config);
  const written = new Map<string, { className: string; rows: number }>();
  let read = 0;
  let empty = 0;

  const countMark = (map: Map<string, number[]>, name: string, label: number): void => {
    const byLabel = map.get(name) ?? [];
    byLabel[label] = (byLabel[label] ?? 0) + 1;
    map.set(name, byLabel);
  };
  const addRow = (raw: RawRow, row: LabelledRow): void => {
    const stripped = cleanArticle(row, { strip: true });
    const cleaned = config.strip ? stripped.article : cleanArticle(row, { strip: false }).article;
    if (cleaned.text === '') {
      empty++;
      return;
    }
    if (!labels.includes(row.label)) labels.push(row.label);
    if (labels.length > MAX_CLASSES) {
      throw appError('DATA_LABELS', {
        name: config.name,
        expected: `at most ${MAX_CLASSES} classes to audit`,
        got: 'more',
        hint: 'Is data.columns.label the right column?',
      });
    }
    const label = labels.indexOf(row.label);
    const count = written.get(row.written) ?? { className: row.label, rows: 0 };
    written.set(row.written, { ...count, rows: count.rows + 1 });
    columns.add(raw, label);
    rows.add(cleaned, label);
    terms.raw.add(row, label);
    terms.cleaned.add(cleaned, label);
    for (const { name, has } of features) {
      if (has(row)) countMark(marks.raw, name, label);
      if (has(cleaned)) countMark(marks.cleaned, name, label);
    }
    for (const rule of stripped.applied) countMark(marks.raw, `rule:${rule}`, label);
  };

  const notes: FileNote[] = [];

  const noteFile = (note: FileNote): unknown => notes.push(note);
  await forEachRow(files, { ...context, noteFile }, (raw, file) => {
    read++;
    const row = readLabelledRow(raw, file, rules);
    if (isBadRow(raw) || isBadRow(row)) {
      const { reason } = isBadRow(raw) ? raw : (row as BadRow);
      rejected.add(reason);
    } else addRow(raw, row);
    return true;
  });
  if (labels.length < 2) {
    const got = labels.length === 0 ? 'none' : `only ${labels.join(', ')}`;
    const hint = 'Add articles of another class, or check data.columns.label and data.labels.';
    throw appError('DATA_LABELS', {
      name: config.name,
      expected: 'articles of at least two classes',
      got,
      hint,
    });
  }
  const counted = [...written].map(([label, count]) => ({ written: label, ...count }));
  return { labels, written: counted, rejected, marks, terms, rows, columns, notes, read, empty };
}

type BySide<T> = { readonly raw: T; readonly cleaned: T };
type Names = Map<number, Map<string, number>>;

async function nameTerms(
  files: readonly SourceFile[],
  config: DataOptions,
  context: AuditContext,
  ranked: BySide<ReadonlyMap<number, Mark>>,
  terms: Counts['terms'],
): Promise<BySide<Names>> {
  const names: BySide<Names> = { raw: new Map(), cleaned: new Map() };
  const rules = createLabelRules(config);
  const wanted = { raw: new Map(ranked.raw), cleaned: new Map(ranked.cleaned) };
  await forEachRow(files, context, (raw, file) => {
    const row = readLabelledRow(raw, file, rules);
    if (isBadRow(row)) return true;
    terms.raw.nameTerms(row, wanted.raw, names.raw);
    terms.cleaned.nameTerms(cleanArticle(row, config).article, wanted.cleaned, names.cleaned);
    for (const side of ['raw', 'cleaned'] as const) {
      for (const bucket of wanted[side].keys()) {
        const sightings = [...(names[side].get(bucket)?.values() ?? [])].reduce((a, b) => a + b, 0);
        if (sightings >= SIGHTINGS) wanted[side].delete(bucket);
      }
    }
    return wanted.raw.size + wanted.cleaned.size > 0;
  });
  return names;
}

/** Visits the rows of all files until `visit` returns false. */
async function forEachRow(
  files: readonly SourceFile[],
  { progress, signal, noteFile }: AuditContext & { readonly noteFile?: (note: FileNote) => void },
  visit: (row: RawRow | BadRow, file: SourceFile) => boolean,
): Promise<void> {
  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const bar = progress('auditing', Math.max(1, Math.round(totalBytes / 1e6)), 'MB');
  let doneBytes = 0;
  try {
    for (const file of files) {
      for await (const batch of readRawRows(file)) {
        const { rows, bytesRead, notes } = batch;
        signal.throwIfAborted();
        for (const note of notes) noteFile?.({ ...note, file: namePart(file, batch) });
        for (const row of rows) if (!visit(row, file)) return;
        bar.update(Math.round((doneBytes + bytesRead) / 1e6));
      }
      doneBytes += file.sizeBytes;
    }
  } finally {
    bar.stop();
  }
}
