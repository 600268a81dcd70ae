// Compares two tables of articles. Where one of them is a dataset version, raw files are cleaned as that version was.

import { resolveColumns, resolveReading } from '../../learning/data/index.ts';
import { compareTables, type DataDifference, type DifferenceOptions } from '../../learning/inspect/index.ts';
import type { DataConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import type { FoundTable } from './found-table.ts';
import { findTable, openTable } from './open-table.ts';

export interface DataComparisonRequest extends DifferenceOptions {
  readonly before: string;
  readonly after: string;
  /** Columns, labels and reading of raw files. */
  readonly data: DataConfig;
}

/** @throws FILE_NOT_FOUND, DATASET_NOT_FOUND, and what compareTables throws */
export async function compareDataStates(
  request: DataComparisonRequest,
  context: WorkflowContext,
): Promise<DataDifference> {
  const found = [await findTable(request.before, context), await findTable(request.after, context)] as const;
  const cleaning = await findCleaning(found, context);
  const options = { ...readTableSettings(request.data), cleaning };
  const bar = context.progress('comparing', 1, 'tables');
  try {
    return await compareTables(
      await openTable(found[0], options, context),
      await openTable(found[1], options, context),
      request,
    );
  } finally {
    bar.stop();
  }
}

/** How raw files are read. */
export function readTableSettings(data: DataConfig) {
  const named = data.kind === 'sample' ? data.columns : resolveColumns(data);
  return { columns: named, labels: data.labels, reading: resolveReading(data) };
}

async function findCleaning(found: readonly FoundTable[], { stores }: WorkflowContext) {
  const [version] = found.filter((one) => one.kind === 'version');
  if (version === undefined || found.every(({ kind }) => kind === 'version')) return null;
  const { config } = await stores.datasets.load(version.id);
  return { strip: config.strip !== false };
}
