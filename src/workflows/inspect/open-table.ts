// Opens what a person names as a table of articles: a dataset version, a file, a folder of files, or a file or folder as a
// revision of Git had it.
import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { appError, resolveUserPath } from '../../foundation/core/index.ts';
import { listFolderFiles } from '../../learning/data/index.ts';
import {
  type ArticleTable,
  openFileTable,
  openVersionTable,
  type TableFile,
  type TableOptions,
} from '../../learning/inspect/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { type FoundTable, isDataFile } from './found-table.ts';
import { locateRevision } from './revision.ts';

const VERSION = /^ds-[0-9a-f]{12}$/;

/** @throws FILE_NOT_FOUND, and what finding a revision throws */
export function findTable(reference: string, context: WorkflowContext): FoundTable {
  const path = resolveUserPath(context.workingDirectory, reference);
  if (existsSync(path) && !path.endsWith('.dvc')) return findFiles(path, reference);
  if (VERSION.test(reference)) return { kind: 'version', id: reference };
  const located = locateRevision(reference, context);
  if (located !== null) return located;
  throw appError('FILE_NOT_FOUND', {
    path: reference,
    kind: 'file, folder, dataset version (ds-…) or REVISION:PATH',
  });
}

function findFiles(path: string, reference: string): FoundTable {
  const name = basename(path) === '' ? reference : basename(path);
  if (!statSync(path).isDirectory()) return { kind: 'files', name, files: [toFile(path, name)] };
  const files = listFolderFiles(path)
    .filter(isDataFile)
    .map((one) => toFile(join(path, one), one));
  if (files.length === 0)
    throw appError('FILE_NOT_FOUND', { path: reference, kind: 'folder with CSV, JSON or Parquet files' });
  return { kind: 'files', name, files };
}

function toFile(path: string, name: string): TableFile {
  return { path, name, sizeBytes: statSync(path).size };
}

/** @throws DATASET_NOT_FOUND, RECORD_INVALID */
export async function openTable(
  found: FoundTable,
  options: Omit<TableOptions, 'signal'>,
  { stores, signal }: WorkflowContext,
): Promise<ArticleTable> {
  if (found.kind === 'files') return openFileTable(found.name, found.files, { ...options, signal });
  return openVersionTable(await stores.datasets.load(found.id), stores.datasets, signal);
}

/** Deletes what was copied for a table. */
export function disposeTable(found: FoundTable): void {
  if (found.kind === 'files') found.dispose?.();
}
