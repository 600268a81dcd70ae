// Compares two tables of articles. Where one of them is a dataset version, raw files are cleaned as that version was.

import { resolveColumns, resolveReading } from '../../learning/data/index.ts';
import { compareTables, type DataDifference, type DifferenceOptions } from '../../learning/inspect/index.ts';
import type { DataConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import type { FoundTable } from './found-table.ts';
import { disposeTable, findTable, openTable } from './open-table.ts';

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
  const before = findTable(request.before, context);
  try {
    const after = findTable(request.after, context);
    try {
      return await compareFound(before, after, request, context);
    } finally {
      disposeTable(after);
    }
  } finally {
    disposeTable(before);
  }
}

async function compareFound(
  before: FoundTable,
  after: FoundTable,
  request: DataComparisonRequest,
  context: WorkflowContext,
): Promise<DataDifference> {
  const options = {
    ...readTableSettings(request.data),
    cleaning: await findCleaning([before, after], context),
  };
  const tables = [
    await openTable(before, options, context),
    await openTable(after, options, context),
  ] as const;
  const bar = context.progress('comparing', 1, 'comparison');
  try {
    return await compareTables(...tables, request);
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
