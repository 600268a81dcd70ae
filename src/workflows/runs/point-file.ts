// Writes the points of runs to a file, as CSV or JSON Lines, row by row: a run may have millions.
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createTemporaryName, makeFolder } from '../../foundation/core/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { formatCsvRow, type PointRequest, type PointRow, readPointRows } from './run-table.ts';

export const POINT_FORMATS = ['csv', 'jsonl'] as const;
export type PointFormat = (typeof POINT_FORMATS)[number];

const COLUMNS = ['run', 'metric', 'step', 'epoch', 'articles', 'time', 'value'] as const;
const HIDDEN_COLUMNS = ['attempt', 'hidden'] as const;

/** The lines of the file, each with its line break. JSON has NaN and infinities as the texts "NaN", "Infinity", "-Infinity". */
export async function* formatPointLines(
  request: PointRequest,
  format: PointFormat,
  context: Pick<WorkflowContext, 'stores'>,
): AsyncGenerator<string> {
  const columns: readonly (keyof PointRow)[] =
    request.includeHidden === true ? [...COLUMNS, ...HIDDEN_COLUMNS] : COLUMNS;
  if (format === 'csv') yield `${formatCsvRow(columns)}\n`;
  for await (const row of readPointRows(request, context))
    yield format === 'csv'
      ? `${formatCsvRow(columns.map((name) => row[name]))}\n`
      : `${JSON.stringify({ ...row, value: Number.isFinite(row.value) ? row.value : String(row.value) })}\n`;
}

/** Writes the file as a whole or not at all. @returns the points in it @throws RUN_NOT_FOUND, DISK_FULL */
export async function writePointFile(
  path: string,
  request: PointRequest,
  format: PointFormat,
  context: Pick<WorkflowContext, 'stores'>,
): Promise<number> {
  makeFolder(dirname(path));
  const temporary = createTemporaryName(path);
  let lines = 0;
  const counted = async function* (): AsyncGenerator<string> {
    for await (const line of formatPointLines(request, format, context)) {
      lines++;
      yield line;
    }
  };
  try {
    await pipeline(Readable.from(counted()), createWriteStream(temporary));
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return format === 'csv' ? lines - 1 : lines;
}
