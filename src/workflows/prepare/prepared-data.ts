// Raw files become an immutable dataset version, or are audited. Relative paths start at the working directory.

import { basename } from 'node:path';
import { appError, resolveUserPath } from '../../foundation/core/index.ts';
import type { DatasetWarning, Leak, LeakCheck } from '../../foundation/records/index.ts';
import {
  type AuditReport,
  auditData,
  type DataOptions,
  formatDatasetWarning,
  formatOfName,
  type LeakReader,
  type PreparedDataset,
  prepareDataset,
  samplePath,
} from '../../learning/data/index.ts';
import type { DataConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';

/**
 * Reads, cleans, de-duplicates and splits articles into a dataset version, or finds the version that is there. Its warnings are shown.
 * @param seed  that of training, for configurations without data.split.seed
 * @param reader  what will learn from the data: leaks that it would read stop; null: nothing learns from it
 * @throws DATA_SAMPLE_PATH, and what prepareDataset throws
 */
export async function prepareDatasetVersion(
  { data, seed }: { readonly data: DataConfig; readonly seed: number },
  context: WorkflowContext,
  reader: LeakReader | null = LOWER_CASE_READER,
): Promise<PreparedDataset> {
  const prepared = await prepareDataset({ ...context, config: resolveData(data, seed, context), reader });
  for (const warning of prepared.manifest.warnings) context.warn(formatDatasetWarning(warning), warning);
  if (reader !== null && prepared.leakCheck !== null) tellLeaks(prepared.leakCheck, reader, context);
  return prepared;
}

/** Which models will read the data is not known yet: capitals stop those that read them when they are trained. */
const LOWER_CASE_READER: LeakReader = { readsCase: false };

/** Says what does not stop: accepted leaks, capitals, and columns that no model reads. */
function tellLeaks(check: LeakCheck, { readsCase }: LeakReader, { warn }: WorkflowContext): void {
  const { accepted } = check;
  const tell = (code: string, leaks: readonly Leak[], words: string): void => {
    if (leaks.length === 0) return;
    const list = leaks.map(({ summary, className }) => `${summary} tells ${className}`).join('; ');
    warn(`${words}: ${list}`, { code, leaks, ...(code === 'LEAKS_ACCEPTED' ? { reason: accepted } : {}) });
  };
  const both = [...check.leaks, ...check.caseLeaks];
  if (accepted !== null) tell('LEAKS_ACCEPTED', both, `leaks are accepted ("${accepted}")`);
  else if (!readsCase)
    tell('LEAKS_IN_CASE', check.caseLeaks, 'capitals give the label away to models that read them');
  tell('LEAKS_IN_COLUMNS', check.unread, 'columns that no model reads give the label away');
}

/** Measures what gives the label away, duplicates, empty articles and class balance. @throws what auditData throws */
export async function auditArticles(data: DataConfig, context: WorkflowContext): Promise<AuditReport> {
  const report = await auditData(resolveData(data, 0, context), context);
  for (const warning of listAuditWarnings(report)) context.warn(formatDatasetWarning(warning), warning);
  return report;
}

/** What a person should look at, as for a dataset version. */
export function listAuditWarnings({ notes, labels }: AuditReport): DatasetWarning[] {
  return labels === null ? [...notes] : [...notes, labels];
}

/**
 * The options of preparing: an absolute path, the file's name where the data has none of its own, and a seed for the split;
 * `seed` is that of training.
 * @throws DATA_SAMPLE_PATH
 */
function resolveData(data: DataConfig, seed: number, { workingDirectory }: WorkflowContext): DataOptions {
  const path = data.path === null ? null : resolveUserPath(workingDirectory, data.path);
  if (data.kind === 'sample' && data.path !== null && path !== samplePath)
    throw appError('DATA_SAMPLE_PATH', { path: data.path, format: formatOfName(data.path) ?? 'file' });
  const name = data.name ?? (path === null ? data.kind : basename(path));
  return { ...data, path, name, split: { ...data.split, seed: data.split.seed ?? seed } };
}
