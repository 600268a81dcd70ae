// Writes a dataset version: names the groups, splits them, copies the rows from the scratch file into the blob of their
// split, and counts everything for the manifest. The hash of the manifest's content is the id of the version.
import { readFileSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { appError, contentId, hashFile, writeFileAtomic } from '../../foundation/core/index.ts';
import {
  type DatasetArticle,
  type DatasetManifest,
  type DatasetWarning,
  type Home,
  type LeakCheck,
  type RowPlace,
  splitNames,
} from '../../foundation/records/index.ts';
import type { BlobName, BlobStore } from '../../keeping/blobs/index.ts';
import { cleaningRules } from '../../text/clean/index.ts';
import { assertClassesFill, assertFewLabels, assertNoClassLost } from './class-checks.ts';
import { keepGivenSplits } from './given-splits.ts';
import { type Grouping, ROW_CONFLICTING, ROW_DUPLICATE, ROW_ID_REPEATED, ROW_KEPT } from './grouping.ts';
import { formatReject, type Ingested } from './ingest.ts';
import { listAlike, listUnmapped, warnOfLabels } from './label-warnings.ts';
import { orderClasses } from './labelled-rows.ts';
import type { DataOptions } from './options.ts';
import type { RejectReason } from './reject-reason.ts';
import { formatRejectReason } from './reject-reason-sentences.ts';
import { RowIndexBuilder } from './row-index.ts';
import {
  adviseOnLoss,
  assertFewLosses,
  countsAsLost,
  findTooMany,
  formatLostShare,
  formatPlaces,
  type Loss,
  LossCounts,
  suggestLimit,
  warnOfLosses,
} from './row-loss.ts';
import { createScratchWriter, readScratchLines } from './scratch-file.ts';
import type { SourceFile } from './source-files.ts';
import { type Group, splitGroups } from './split.ts';

export interface VersionInput {
  readonly config: DataOptions;
  readonly home: Home;
  readonly blobs: BlobStore;
  /** ISO 8601; not part of the id. */
  readonly createdAt: string;
  /** Paths in it are recorded relative to it. */
  readonly workingDirectory: string;
  readonly files: readonly SourceFile[];
  readonly shaping: Record<string, unknown>;
  readonly table: Ingested;
  readonly grouping: Grouping;
  readonly scratch: string;
  /** Of steps before. */
  readonly warnings: readonly DatasetWarning[];
  /** Looks for leaks once the rows are known to be usable; null: not wanted. @throws DATA_LEAKS */
  readonly checkLeaks: () => Promise<LeakCheck | null>;
}

/** The rows that are lost, and files that list them. */
interface Losses {
  readonly rejected: readonly Loss[];
  readonly others: readonly Loss[];
  readonly rejectList: Buffer;
  readonly conflictList: Buffer;
}

/**
 * Writes the blobs of a dataset version and returns its manifest.
 * @throws DATA_REJECTS, DATA_SET_ASIDE, DATA_CLASS_LOST, DATA_LABELS, DATA_TOO_FEW, DISK_FULL
 */
export async function writeVersion(input: VersionInput): Promise<DatasetManifest> {
  const { config, home, blobs, createdAt, files, shaping, table, grouping } = input;
  const losses = findLosses(input);
  assertUsable(input, losses);
  const classNames = orderClasses(table.labelNames, config.classes ?? null);
  const classOf = table.labelNames.map((name) => classNames.indexOf(name));
  const { groups, groupOf } = nameGroups(table, grouping);
  assertClassesFill(config, countClasses(input, classNames, classOf, groups), listAlike(table, config));
  const leakCheck = await input.checkLeaks();

  const splitOf =
    config.split.given === true
      ? keepGivenSplits(table, groupOf, groups, config.split)
      : splitGroups(groups, config.split, config.split.seed);
  const perClass = splitNames.map(() => classNames.map(() => 0));
  for (const [i, group] of groups.entries()) {
    const counts = perClass[splitOf[i] as number] as number[];
    const label = classOf[group.label] as number;
    counts[label] = (counts[label] as number) + group.rows;
  }
  const { splits, index } = await writeSplits(input, { groups, groupOf, splitOf, classOf, perClass });
  const [train, validation, test] = splits as [(typeof splits)[0], (typeof splits)[0], (typeof splits)[0]];

  const count = (status: number): number =>
    grouping.status.reduce((sum, value) => sum + (value === status ? 1 : 0), 0);
  const content = {
    schemaVersion: 2 as const,
    parents: [],
    name: config.name,
    synthetic: config.kind === 'sample',
    classNames,
    files: files.map(({ name, md5, sizeBytes, edition }) => ({ name, md5, sizeBytes, edition })),
    config: leakCheck?.accepted == null ? shaping : { ...shaping, accept_leaks: leakCheck.accepted },
    rows: {
      read: table.read,
      kept: count(ROW_KEPT),
      rejected: table.rejected + count(ROW_ID_REPEATED),
      empty: table.empty,
      duplicate: count(ROW_DUPLICATE),
      conflicting: count(ROW_CONFLICTING),
    },
    cleaning: countCleaning(table, grouping),
    groups: groups.length,
    splits: { train, validation, test },
    rejects: await storeList(blobs, losses.rejectList),
    conflicts: await storeList(blobs, losses.conflictList),
    warnings: [
      ...table.notes,
      ...warnOfLosses([...losses.rejected, ...losses.others], table.read),
      ...warnOfLabels(table, config),
      ...input.warnings,
    ],
  };
  const unusable = losses.rejected.map(({ perClass: _, examples, ...loss }) => ({
    ...loss,
    examples: [...examples],
  }));
  const about = {
    ...(leakCheck === null ? {} : { leakCheck }),
    readings: [...table.readings],
    ...(unusable.length === 0 ? {} : { unusable }),
  };
  const located = { ...content, ...about, files: await locateFiles(input), id: contentId('ds', content) };
  index.save(home, located);
  return { ...located, createdAt };
}

interface Splitting {
  readonly groups: readonly Group[];
  readonly groupOf: ArrayLike<number>;
  readonly splitOf: ArrayLike<number>;
  readonly classOf: readonly number[];
  readonly perClass: readonly (readonly number[])[];
}

/** Copies the kept rows into the blobs of their splits, and indexes them. */
async function writeSplits(
  { config, blobs, table, grouping, scratch }: VersionInput,
  { groups, groupOf, splitOf, classOf, perClass }: Splitting,
) {
  const writers = splitNames.map((name) => createScratchWriter(join(scratch, `${name}.jsonl`)));
  const index = new RowIndexBuilder(config.near_duplicates);
  let row = 0;
  for (const line of readScratchLines(table.textsPath)) {
    const group = groupOf[row] as number;
    const label = table.label[row] as number;
    if (grouping.status[row] === ROW_KEPT) {
      const split = splitOf[group] as number;
      const writer = writers[split];
      const { name } = groups[group] as Group;
      const end = Buffer.from(`,"group":"${name}","label":${classOf[label]}}\n`);
      writer?.write(line.subarray(0, line.length - 1)); // without the closing brace
      writer?.write(end);
      const signature = table.signature[row] as number;
      index.add({
        ...{ split, group: name, sizeBytes: line.length - 1 + end.length },
        ...readIdAndSource(line),
        content: [table.content.high[row] as number, table.content.low[row] as number],
        band: signature === -1 ? null : (band) => table.bandHashes[band]?.[signature] as number,
      });
    }
    row++;
  }
  const splits = [];
  for (const [i, writer] of writers.entries()) {
    writer.close();
    const blob = await blobs.putFile(writer.path, { move: true });
    const counts = perClass[i] as readonly number[];
    splits.push({ ...blob, rows: counts.reduce((a, b) => a + b, 0), perClass: [...counts] });
  }
  return { splits, index };
}

function readIdAndSource(line: Uint8Array): { readonly id: string; readonly source: string | null } {
  const { id, source } = JSON.parse(Buffer.from(line).toString('utf8')) as DatasetArticle;
  return { id, source };
}

/** The raw files with what differs between machines, and with the sha256 by which other programs name them. */
async function locateFiles({ files, workingDirectory }: VersionInput): Promise<DatasetManifest['files']> {
  const located: DatasetManifest['files'] = [];
  for (const { name, md5, sizeBytes, edition, path } of files) {
    const below = relative(workingDirectory, path);
    const isBelow = below !== '' && !below.startsWith('..') && !isAbsolute(below);
    const place = isBelow ? { path: below.split(sep).join('/') } : {};
    located.push({ name, md5, sizeBytes, edition, ...place, sha256: await hashFile(path) });
  }
  return located;
}

async function storeList(blobs: BlobStore, list: Buffer): Promise<BlobName | null> {
  return list.byteLength === 0 ? null : blobs.putBytes(list);
}

function findLosses({ table, grouping }: VersionInput): Losses {
  const repeated = new LossCounts();
  const conflicting = new LossCounts();
  const rejects: string[] = [];
  const conflicts: string[] = [];
  const placeOf = (row: number): RowPlace => ({
    file: table.fileNames[table.file[row] as number] ?? '',
    line: table.line[row] as number,
  });
  for (let row = 0; row < table.rows; row++) {
    const className = table.labelNames[table.label[row] as number] as string;
    const place = placeOf(row);
    if (grouping.status[row] === ROW_ID_REPEATED) {
      rejects.push(formatReject(place.file, { line: place.line, reason: ID_REPEATED }));
      repeated.add(ID_REPEATED.code, formatRejectReason(ID_REPEATED), place, className);
    } else if (grouping.status[row] === ROW_CONFLICTING) {
      const first = placeOf(grouping.root[row] as number);
      conflicts.push(`${JSON.stringify({ ...place, label: className, group: first })}\n`);
      conflicting.add('CONFLICTING', CONFLICTING_WORDS, place, className);
    }
  }
  const contradictions = conflicting
    .list()
    .map((loss) => ({ ...loss, examples: findContradictions(table, grouping).map(placeOf) }));
  return {
    rejected: [...table.losses.filter(({ reason }) => reason !== 'EMPTY'), ...repeated.list()],
    others: [...table.losses.filter(({ reason }) => reason === 'EMPTY'), ...contradictions],
    rejectList: Buffer.concat([readFileSync(table.rejectsPath), Buffer.from(rejects.join(''))]),
    conflictList: Buffer.from(conflicts.join('')),
  };
}

/** The first pairs of rows that contradict each other, each pair with two labels. */
function findContradictions(table: Ingested, grouping: Grouping): number[] {
  const rows: number[] = [];
  const first: number[] = [];
  const waiting = new Map<number, number>();
  for (let row = 0; row < table.rows && rows.length < 2 * MAX_PAIRS; row++) {
    if (grouping.status[row] !== ROW_CONFLICTING) continue;
    first.push(row);
    const root = grouping.root[row] as number;
    const other = waiting.get(root);
    if (other === undefined) waiting.set(root, row);
    else if (other !== -1 && table.label[other] !== table.label[row]) {
      rows.push(other, row);
      waiting.set(root, -1);
    }
  }
  // There is no pair if all set aside have one label and are outnumbered by rows that are kept.
  return rows.length > 0 ? rows : first.slice(0, 2 * MAX_PAIRS);
}

/** @throws DATA_REJECTS, DATA_SET_ASIDE or DATA_CLASS_LOST, after it has written the lists that the message names */
function assertUsable({ config, home, table, grouping }: VersionInput, losses: Losses): void {
  const { name, max_rejects, max_set_aside } = config;
  const { read } = table;
  const rejectedRows = losses.rejected.filter(countsAsLost).reduce((sum, { rows }) => sum + rows, 0);
  const isTooMany =
    max_rejects === null
      ? findTooMany(losses.rejected, max_set_aside * read) !== undefined
      : rejectedRows > max_rejects * read;
  if (isTooMany)
    throw tooManyRejects(
      table,
      losses,
      rejectedRows,
      config,
      saveList(home, 'rejects', name, losses.rejectList),
    );
  assertFewLabels(name, table);
  const kept = new Map<string, number>();
  for (let row = 0; row < table.rows; row++) {
    if (grouping.status[row] !== ROW_KEPT) continue;
    const className = table.labelNames[table.label[row] as number] as string;
    kept.set(className, (kept.get(className) ?? 0) + 1);
  }
  const hasConflicts = losses.conflictList.byteLength > 0;
  const save = (): string | null =>
    hasConflicts ? saveList(home, 'conflicts', name, losses.conflictList) : null;
  const limit = max_set_aside * read;
  const isClassLost = table.labelCounts.some(({ className }) => !kept.has(className));
  if (!isClassLost && findTooMany(losses.others, limit) === undefined) return;
  const list = save();
  assertNoClassLost(name, table, kept, [...losses.rejected, ...losses.others], list === null ? [] : [list]);
  assertFewLosses({ name, read, limit: max_set_aside, list }, losses.others);
}

function saveList(home: Home, kind: 'rejects' | 'conflicts', name: string, list: Buffer): string {
  const path = join(home.cache, `${kind}-${name.replace(/[^\w-]/g, '_')}.jsonl`);
  writeFileAtomic(path, list);
  return path;
}

function tooManyRejects(
  table: Ingested,
  losses: Losses,
  rejected: number,
  config: DataOptions,
  rejects: string,
): Error {
  const { name, max_rejects, max_set_aside } = config;
  const top = losses.rejected.filter(countsAsLost).sort((a, b) => b.rows - a.rows);
  const [worst] = top as [Loss, ...Loss[]];
  const rows = max_rejects === null ? worst.rows : rejected;
  const reason = ({ rows: count, words, examples }: Loss): string =>
    `${count} × ${words}: ${formatPlaces(examples)}`;
  return appError(
    'DATA_REJECTS',
    {
      name,
      allowed: formatLostShare(max_rejects ?? max_set_aside),
      kind: max_rejects === null ? 'unusable for one reason' : 'unusable',
      rejected: rows,
      read: table.read,
      reasons: (max_rejects === null ? [worst] : top.slice(0, 3)).map(reason).join('; '),
      rejects,
      advice: adviseOnLoss(worst),
      flag: `data.${max_rejects === null ? 'max_set_aside' : 'max_rejects'}=${suggestLimit(rows, table.read)}`,
    },
    { issues: listUnmapped(table, config) },
  );
}

function countClasses(
  { table, grouping }: VersionInput,
  classNames: readonly string[],
  classOf: readonly number[],
  groups: readonly Group[],
) {
  const facts = classNames.map((name) => ({ name, rows: 0, groups: 0, first: null as RowPlace | null }));
  for (const group of groups) {
    const fact = facts[classOf[group.label] as number];
    if (fact === undefined) continue;
    fact.groups++;
    fact.rows += group.rows;
  }
  for (let row = 0, left = facts.length; row < table.rows && left > 0; row++) {
    const fact = facts[classOf[table.label[row] as number] as number];
    if (grouping.status[row] !== ROW_KEPT || fact === undefined || fact.first !== null) continue;
    fact.first = { file: table.fileNames[table.file[row] as number] ?? '', line: table.line[row] as number };
    left--;
  }
  return facts;
}

const CONFLICTING_WORDS = 'the same or nearly the same text stands under another label';
/** How many contradictions a warning or an error names, each by two rows. */
const MAX_PAIRS = 2;
export const ID_REPEATED: RejectReason = { code: 'ID_REPEATED' };

/** Names each group of kept rows by the smallest content hash of its rows; groupOf[row] is -1 for rows not kept. */
export function nameGroups(table: Ingested, grouping: Grouping): { groups: Group[]; groupOf: Int32Array } {
  const indexOfRoot = new Int32Array(table.rows).fill(-1);
  const groupOf = new Int32Array(table.rows).fill(-1);
  const groups: { name: string; label: number; rows: number }[] = [];
  for (let row = 0; row < table.rows; row++) {
    if (grouping.status[row] !== ROW_KEPT) continue;
    const root = grouping.root[row] as number;
    const name = `g-${hex(table.content.high[row] as number)}${hex(table.content.low[row] as number)}`;
    const known = groups[indexOfRoot[root] as number];
    if (known === undefined) {
      indexOfRoot[root] = groups.length;
      groups.push({ name, label: table.label[row] as number, rows: 1 });
    } else {
      known.rows++;
      if (name < known.name) known.name = name;
    }
    groupOf[row] = indexOfRoot[root] as number;
  }
  return { groups, groupOf };
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function countCleaning(table: Ingested, grouping: Grouping): Record<string, number> {
  const counts = cleaningRules.map(() => 0);
  for (let row = 0; row < table.rows; row++) {
    if (grouping.status[row] !== ROW_KEPT) continue;
    const bits = table.cleaning[row] as number;
    for (let i = 0; i < counts.length; i++) if ((bits >>> i) & 1) counts[i] = (counts[i] as number) + 1;
  }
  return Object.fromEntries(
    cleaningRules.flatMap(({ name }, i) => ((counts[i] ?? 0) > 0 ? [[name, counts[i] as number]] : [])),
  );
}
