// Writes a dataset version: names the groups, splits them, copies the rows from the scratch file into the blob of their
// split, and counts everything for the manifest. The hash of the manifest's content is the id of the version.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appError, contentId, writeFileAtomic } from '../../foundation/core/index.ts';
import type { Home } from '../../foundation/records/index.ts';
import { type DatasetManifest, splitNames } from '../../foundation/records/index.ts';
import type { BlobName, BlobStore } from '../../keeping/blobs/index.ts';
import { cleaningRules } from '../../text/clean/index.ts';
import { type Grouping, ROW_CONFLICTING, ROW_DUPLICATE, ROW_ID_REPEATED, ROW_KEPT } from './grouping.ts';
import { formatReject, type Ingested } from './ingest.ts';
import { orderClasses } from './labelled-rows.ts';
import type { DataOptions } from './options.ts';
import type { RejectReason } from './reject-reason.ts';
import { formatRejectReason } from './reject-reason-sentences.ts';
import { createScratchWriter, readScratchLines } from './scratch-file.ts';
import type { SourceFile } from './source-files.ts';
import { type Group, splitGroups } from './split.ts';

export interface VersionInput {
  readonly config: DataOptions;
  readonly seed: number;
  readonly home: Home;
  readonly blobs: BlobStore;
  /** ISO 8601; not part of the id. */
  readonly createdAt: string;
  readonly files: readonly SourceFile[];
  readonly shaping: Record<string, unknown>;
  readonly table: Ingested;
  readonly grouping: Grouping;
  readonly scratch: string;
}

/**
 * Writes the blobs of a dataset version and returns its manifest.
 * @throws DATA_REJECTS, DATA_LABELS, DATA_TOO_FEW, DISK_FULL
 */
export async function writeVersion(input: VersionInput): Promise<DatasetManifest> {
  const { config, seed, blobs, createdAt, files, shaping, table, grouping, scratch } = input;
  const rejects = await storeRejects(input);
  const classNames = orderClasses(table.labelNames, config.classes ?? null);
  if (classNames.length < 2 || table.labelNames.length < 2) {
    const got = table.labelNames.length === 0 ? 'none' : `only ${table.labelNames.join(', ')}`;
    throw appError('DATA_LABELS', { name: config.name, expected: 'articles of at least two classes', got });
  }
  assertFewLabels(config.name, table);
  const classOf = table.labelNames.map((name) => classNames.indexOf(name));

  const { groups, groupOf } = nameGroups(table, grouping);
  const splitOf = splitGroups(groups, config.split, seed);
  const perClass = splitNames.map(() => classNames.map(() => 0));
  for (const [i, group] of groups.entries()) {
    const counts = perClass[splitOf[i] as number] as number[];
    const label = classOf[group.label] as number;
    counts[label] = (counts[label] as number) + group.rows;
  }
  assertFilled(config, classNames, perClass, groups.length);

  const writers = splitNames.map((name) => createScratchWriter(join(scratch, `${name}.jsonl`)));
  const conflicts = createScratchWriter(join(scratch, 'conflicts.jsonl'));
  let row = 0;
  for (const line of readScratchLines(table.textsPath)) {
    const group = groupOf[row] as number;
    const label = table.label[row] as number;
    if (grouping.status[row] === ROW_KEPT) {
      const writer = writers[splitOf[group] as number];
      writer?.write(line.subarray(0, line.length - 1)); // without the closing brace
      writer?.write(Buffer.from(`,"group":"${(groups[group] as Group).name}","label":${classOf[label]}}\n`));
    } else if (grouping.status[row] === ROW_CONFLICTING) {
      conflicts.write(Buffer.from(formatConflict(table, grouping, files, row)));
    }
    row++;
  }
  const splits = [];
  for (const [i, writer] of writers.entries()) {
    writer.close();
    const blob = await blobs.putFile(writer.path, { move: true });
    const counts = perClass[i] as number[];
    splits.push({ ...blob, rows: counts.reduce((a, b) => a + b, 0), perClass: counts });
  }
  const [train, validation, test] = splits as [(typeof splits)[0], (typeof splits)[0], (typeof splits)[0]];
  const hasConflicts = conflicts.close() > 0;

  const count = (status: number): number =>
    grouping.status.reduce((sum, value) => sum + (value === status ? 1 : 0), 0);
  const content = {
    schemaVersion: 1 as const,
    parents: [],
    name: config.name,
    synthetic: config.kind === 'sample',
    classNames,
    files: files.map(({ name, md5, sizeBytes, edition }) => ({ name, md5, sizeBytes, edition })),
    config: shaping,
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
    rejects,
    conflicts: hasConflicts ? await blobs.putFile(conflicts.path, { move: true }) : null,
  };
  return { ...content, id: contentId('ds', content), createdAt };
}

/** @throws DATA_REJECTS after it has written the list that the message names */
async function storeRejects({
  config,
  home,
  blobs,
  files,
  table,
  grouping,
}: VersionInput): Promise<BlobName | null> {
  const lines: string[] = [];
  for (let row = 0; row < table.rows; row++) {
    if (grouping.status[row] !== ROW_ID_REPEATED) continue;
    lines.push(
      formatReject(nameOfFile(files, table, row), { line: table.line[row] as number, reason: ID_REPEATED }),
    );
  }
  const rejected = table.rejected + lines.length;
  if (rejected === 0) return null;
  const list = Buffer.concat([readFileSync(table.rejectsPath), Buffer.from(lines.join(''))]);
  if (rejected > config.max_rejects * table.read) {
    const counts = [
      ...table.rejectCounts,
      ...(lines.length > 0 ? [{ reason: ID_REPEATED, count: lines.length }] : []),
    ];
    const top = counts.sort((a, b) => b.count - a.count).slice(0, 3);
    const rejects = join(home.cache, `rejects-${config.name.replace(/[^\w-]/g, '_')}.jsonl`);
    writeFileAtomic(rejects, list);
    throw appError('DATA_REJECTS', {
      name: config.name,
      allowed: `${Number((config.max_rejects * 100).toPrecision(6))}%`,
      rejected,
      read: table.read,
      reasons: top.map(({ reason, count }) => `${count} × ${formatRejectReason(reason)}`).join(', '),
      rejects,
    });
  }
  return blobs.putBytes(list);
}

/** @throws DATA_LABELS if there are so many labels that the label column must be another one, such as the title */
function assertFewLabels(name: string, { rows, labelNames }: Ingested): void {
  if (labelNames.length <= FEW_LABELS || rows >= labelNames.length * splitNames.length) return;
  const got = `${labelNames.length} different ones in ${rows} articles: is that the label column?`;
  throw appError('DATA_LABELS', { name, expected: 'labels that articles share', got });
}

/** This many labels are accepted, however few articles there are. */
const FEW_LABELS = 20;
export const ID_REPEATED: RejectReason = { code: 'ID_REPEATED' };

function nameOfFile(files: readonly SourceFile[], table: Ingested, row: number): string {
  return files[table.file[row] as number]?.name ?? '';
}

function formatConflict(
  table: Ingested,
  grouping: Grouping,
  files: readonly SourceFile[],
  row: number,
): string {
  const first = grouping.root[row] as number;
  const conflict = {
    file: nameOfFile(files, table, row),
    line: table.line[row],
    label: table.labelNames[table.label[row] as number],
    group: { file: nameOfFile(files, table, first), line: table.line[first] },
  };
  return `${JSON.stringify(conflict)}\n`;
}

/** Names each group of kept rows by the smallest content hash of its rows; groupOf[row] is -1 for rows not kept. */
function nameGroups(table: Ingested, grouping: Grouping): { groups: Group[]; groupOf: Int32Array } {
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

function assertFilled(
  config: DataOptions,
  classNames: readonly string[],
  perClass: readonly number[][],
  groups: number,
): void {
  const shares = { train: 1, ...config.split };
  for (const [i, split] of splitNames.entries()) {
    const missing = perClass[i]?.indexOf(0) ?? -1;
    if (shares[split] > 0 && missing !== -1) {
      throw appError('DATA_TOO_FEW', { name: config.name, className: classNames[missing], split, groups });
    }
  }
}
