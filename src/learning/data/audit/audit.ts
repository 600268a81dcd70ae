// Audits a dataset: what gives the label away, before and after cleaning (marks of typing and publishing, phrases at a fixed
// place, parts of the articles alone, columns), and what is wrong (copies, contradictions, empty articles, imbalance, drift in
// time, doubtful labels). It works on the rows that preparing has read, so that it measures what a model would read.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createTemporaryName, hash32, makeFolder } from '../../../foundation/core/index.ts';
import { splitNames } from '../../../foundation/records/index.ts';
import { nameGroups } from '../dataset-version.ts';
import { givenSplit } from '../given-splits.ts';
import { type Grouping, groupRows } from '../grouping.ts';
import { type Ingested, ingestFiles } from '../ingest.ts';
import { findLabelSpellings } from '../label-spellings.ts';
import type { DataContext, DataOptions } from '../options.ts';
import { locateSourceFiles, resolveColumns, type SourceFile } from '../source-files.ts';
import { splitGroups } from '../split.ts';
import { type AuditSteps, createAuditSteps } from './audit-steps.ts';
import { type AuditDepth, type AuditedClasses, chooseClasses, chooseRows } from './audited-rows.ts';
import { type CopyCounts, countCopies } from './copies.ts';
import { rateGiveAways, type SideMeasures } from './give-aways.ts';
import { findSuspectLabels } from './label-errors.ts';
import { DEFAULT_LEAK_LIMITS, type LeakLimits } from './leak-limits.ts';
import type { Measure } from './measure.ts';
import type { AuditReport, Quantiles, SuspectRow } from './report.ts';
import { RowCounts } from './row-counts.ts';
import { type SideAudit, type ViewName, viewNames } from './side.ts';
import { measureStripEffect } from './strip-effect.ts';
import { compareTimeOrder } from './time-order.ts';

/** A model that tells the classes worse than this cannot doubt a label. */
const MIN_SEPARATION = 0.7;

export type AuditContext = Pick<DataContext, 'home' | 'progress' | 'say' | 'signal'>;

export interface AuditInput {
  readonly config: DataOptions;
  readonly files: readonly SourceFile[];
  readonly table: Ingested;
  readonly grouping: Grouping;
}

/**
 * Audits the dataset of a configuration.
 * @throws what reading a dataset throws; DATA_LABELS; the signal's reason when it is aborted
 */
export async function auditData(
  config: DataOptions,
  context: AuditContext,
  depth: AuditDepth = 'whole',
): Promise<AuditReport> {
  const files = await locateSourceFiles(config);
  const scratch = createTemporaryName(join(context.home.cache, 'auditing'));
  makeFolder(scratch);
  try {
    const table = await ingestFiles(files, config, scratch, context);
    const grouping = groupRows(table, config.near_duplicates.threshold);
    return await auditRows({ config, files, table, grouping }, depth, context);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Audits rows that were read and grouped. @throws DATA_LABELS; the signal's reason when it is aborted */
export async function auditRows(
  input: AuditInput,
  depth: AuditDepth,
  context: Pick<AuditContext, 'progress' | 'signal'>,
): Promise<AuditReport> {
  const { config, files, table, grouping } = input;
  const classes = chooseClasses(table, config);
  const isWhole = depth === 'whole';
  const steps = createAuditSteps(table.rows, isWhole, context);
  try {
    const counts = new RowCounts({
      table,
      columns: resolveColumns(config),
      classes,
      rows: chooseRows(table, grouping),
      isWhole,
    });
    await counts.read(steps);
    const limits = config.leak_limits ?? DEFAULT_LEAK_LIMITS;
    const how = { limits, depth, steps };
    const cleaned = await measureSide(counts.cleaned, counts, how);
    const raw = counts.raw === null ? null : await measureSide(counts.raw, counts, how);
    const columns = counts.columns();
    const languages = counts.languages.find(depth);
    const giveAways = rateGiveAways({
      ...{ classNames: classes.names, limits, strip: config.strip, raw, cleaned, columns },
      rules: counts.rules(),
      languages: languages.measure(),
    });
    const quickModel = cleaned.views.words ?? NO_MEASURE;
    return {
      schemaVersion: 2,
      name: config.name,
      synthetic: config.kind === 'sample',
      files: files.map(({ name, md5, sizeBytes, edition }) => ({ name, md5, sizeBytes, edition })),
      strip: config.strip,
      ...describeRows(table, classes, counts),
      ...{ limits, giveAways, columns, quickModel },
      terms: { raw: raw?.terms ?? [], cleaned: cleaned.terms },
      copies: countAllCopies(input, classes),
      months: counts.months.list('by name'),
      sources: counts.sources.list('by size'),
      languages: languages.list('by size'),
      wrongEncoding: counts.wrongEncoding,
      readings: table.readings,
      notes: table.notes,
      labels: findLabelSpellings(table.labelCounts, config.classes, config.labels),
      whole: isWhole ? await examineWhole(input, classes, counts, quickModel, steps) : null,
    };
  } finally {
    steps.stop();
  }
}

const NO_MEASURE: Measure = { accuracyAlone: 0, bits: 0, separation: 0.5, low: 0, given: 0 };

function describeRows(
  table: Ingested,
  classes: AuditedClasses,
  { totals, usable, lengths }: RowCounts,
): Pick<AuditReport, 'rows' | 'classes' | 'majorityAccuracy'> {
  const { rejected, empty } = listLosses(table);
  const words = lengths.list();
  const kept = totals.reduce((sum, count) => sum + count, 0);
  return {
    rows: { read: table.read, usable: table.rows, empty: table.empty, rejected },
    classes: classes.names.map((name, i) => ({
      name,
      rows: usable[i] as number,
      share: (usable[i] as number) / Math.max(1, table.rows),
      empty: empty.get(name) ?? 0,
      ...(words[i] as { titleWords: Quantiles; textWords: Quantiles }),
    })),
    majorityAccuracy: Math.max(...totals) / Math.max(1, kept),
  };
}

function countAllCopies({ config, table, grouping }: AuditInput, classes: AuditedClasses): CopyCounts {
  const { groups, groupOf } = nameGroups(table, grouping);
  const splitOfGroup = splitGroups(groups, config.split, config.split.seed);
  // The splits of a dataset folder are looked at as they are given.
  const splitOf = (group: number, row: number): number => {
    if (config.split.given === true) return givenSplit(table, row);
    return group === -1 ? 0 : (splitOfGroup[group] as number);
  };
  const { validation, test } = config.split;
  const rowSplit = (row: number): number => {
    const place = hash32(row ^ 0x6a09e667) / 4294967296;
    return place < test
      ? splitNames.indexOf('test')
      : place < test + validation
        ? splitNames.indexOf('validation')
        : 0;
  };
  return countCopies({
    ...{
      table,
      grouping,
      threshold: config.near_duplicates.threshold,
      classOf: classes.of,
      classes: classes.names.length,
    },
    splitOf: Uint8Array.from(groupOf, splitOf),
    rowSplitOf: Uint8Array.from(groupOf, (_, row) => rowSplit(row)),
  });
}

/** Into how many parts the rows are divided; each is tested by a model of the others. */
const FOLDS = 2;

async function measureSide(
  side: SideAudit,
  { totals, labels }: RowCounts,
  {
    limits,
    depth,
    steps,
  }: { readonly limits: LeakLimits; readonly depth: AuditDepth; readonly steps: AuditSteps },
): Promise<SideMeasures> {
  const views = {} as Record<ViewName, Measure | null>;
  // The middle matters, when only limits are checked, if an edge is above its limit.
  const isNeeded = (name: ViewName): boolean =>
    depth === 'whole' ||
    (name !== 'words' && name !== 'middle') ||
    (name === 'middle' &&
      [views.first, views.last].some((edge) => edge !== null && edge.low >= limits.edges));
  for (const name of viewNames) {
    views[name] = isNeeded(name) ? side.measureView(name, labels.model.values, FOLDS) : null;
    await steps.model();
  }
  return { ...side.findings(totals), views };
}

async function examineWhole(
  { table }: AuditInput,
  classes: AuditedClasses,
  counts: RowCounts,
  quickModel: Measure,
  steps: AuditSteps,
): Promise<NonNullable<AuditReport['whole']>> {
  const strip = await measureStripEffect(
    {
      articles: counts.raw?.articles ?? [],
      classes: classes.names.length,
    },
    steps.model,
  );
  const words = counts.cleaned.view('words');
  const data = { labels: counts.labels.model.values, classes: classes.names.length };
  const time = words === null ? null : compareTimeOrder({ rows: words, ...data }, counts.modelDates);
  await steps.model();
  const rows = counts.suspectWords.rows();
  const isSure = quickModel.low >= MIN_SEPARATION;
  const found = isSure
    ? findSuspectLabels({ rows, labels: counts.labels.suspect.values, classes: classes.names.length })
    : [];
  await steps.model();
  const suspects = found.map((one): SuspectRow => {
    const { row, id } = counts.suspects[one.row] as { row: number; id: string };
    return {
      id,
      file: table.fileNames[table.file[row] as number] ?? '',
      line: table.line[row] as number,
      label: classes.names[one.label] as string,
      suggested: classes.names[one.suggested] as string,
      probability: one.probability,
      suggestedProbability: one.suggestedProbability,
    };
  });
  return { strip, time, suspects: { measured: counts.suspects.length, rows: isSure ? suspects : null } };
}

function listLosses(table: Ingested) {
  const empty = new Map<string, number>();
  for (const { reason, perClass } of table.losses)
    if (reason === 'EMPTY')
      for (const { name, rows } of perClass) empty.set(name, (empty.get(name) ?? 0) + rows);
  const rejected = table.losses
    .filter(({ reason }) => reason !== 'EMPTY')
    .map(({ reason, words, rows }) => ({ reason, words, rows }));
  return { rejected, empty };
}
