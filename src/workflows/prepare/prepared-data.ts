// Raw files become an immutable dataset version, or are audited. Relative paths start at the working directory.
import { resolve } from 'node:path';
import {
  type AuditReport,
  auditData,
  type PreparedDataset,
  prepareDataset,
} from '../../learning/data/index.ts';
import type { DataConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';

/**
 * Reads, cleans, de-duplicates and splits articles into a dataset version, or finds the version that is there.
 * @throws what prepareDataset throws
 */
export async function prepareDatasetVersion(
  { data, seed }: { readonly data: DataConfig; readonly seed: number },
  context: WorkflowContext,
): Promise<PreparedDataset> {
  return prepareDataset({ ...context, config: resolvePath(data, context), seed });
}

/** Measures what gives the label away, duplicates, empty articles and class balance. @throws what auditData throws */
export async function auditArticles(data: DataConfig, context: WorkflowContext): Promise<AuditReport> {
  return auditData(resolvePath(data, context), context);
}

function resolvePath(data: DataConfig, { workingDirectory }: WorkflowContext): DataConfig {
  return data.path === null ? data : { ...data, path: resolve(workingDirectory, data.path) };
}
