// veracity runs list: runs with their status and best figures, filtered, sorted, in columns that one may choose.
import { appError } from '../../foundation/core/index.ts';
import { formatCsvTable, type ListedRuns, listRuns, readRunColumns } from '../../workflows/runs/index.ts';
import type { Command, CommandInput } from './command.ts';
import { readCount } from './run-arguments.ts';
import { formatTable } from './table.ts';

const COLUMNS = ['id', 'status', 'model', 'dataset', 'steps', 'val_loss', 'val_accuracy', 'test_accuracy'];
const MORE = ['model_version', 'tag'];
/** Names in the head of the table. */
const HEADS: Readonly<Record<string, string>> = { id: 'run', model_version: 'model version', tag: 'tags' };
const DECIMALS = 4;

export const runsListCommand: Command = {
  name: 'runs list',
  summary: 'list runs, newest first, with filters',
  argumentsUsage: '',
  options: [
    {
      flags: '--where <filter>',
      description: 'only runs for which this holds, such as "val_loss<0.2 and model=compact"',
    },
    { flags: '--sort <field>', description: 'order by a field, lowest first; -FIELD: highest first' },
    { flags: '--columns <fields>', description: 'fields to show, separated by commas' },
    { flags: '--limit <n>', description: 'show only the first n' },
    { flags: '--csv', description: 'print the table as CSV' },
  ],
  examples: [
    'veracity runs list',
    'veracity runs list --where "val_loss<0.2 and model=compact" --sort val_loss',
    'veracity runs list --where tag=baseline --columns id,optimizer.lr,val_macro_f1 --csv',
  ],
  run: async (input, context) => {
    const listed = await listRuns(context, readRequest(input));
    const { runs, damaged } = listed;
    const columns = readColumns(input);
    const rows = readRunColumns(runs, columns);
    if (input.options.csv === true) return { json: rows, text: formatCsvTable(columns, rows) };
    const isEmpty = runs.length + damaged.length === 0;
    const isFiltered = input.options.where !== undefined;
    const none = isFiltered
      ? 'no run for which this holds; see all with: veracity runs list'
      : `no runs in ${context.home.runs}; create one with: veracity train`;
    return { json: [...runs, ...damaged], text: isEmpty ? none : formatRuns(listed, columns) };
  },
};

function readRequest({ options }: CommandInput): { where?: string; sort?: string; limit?: number } {
  const limit = readCount('runs list --limit', options.limit);
  return {
    ...(typeof options.where === 'string' ? { where: options.where } : {}),
    ...(typeof options.sort === 'string' ? { sort: options.sort } : {}),
    ...(limit === null ? {} : { limit }),
  };
}

function readColumns({ options }: CommandInput): string[] {
  if (typeof options.columns !== 'string') return [...COLUMNS, ...MORE];
  const columns = options.columns.split(',').map((name) => name.trim());
  if (columns.every((name) => name !== '')) return columns;
  throw appError('USAGE', {
    where: 'runs list --columns',
    problem: `expected fields separated by commas, got ${options.columns}`,
    hint: 'For example --columns id,status,val_loss,optimizer.lr',
  });
}

function formatRuns({ runs, damaged }: ListedRuns, columns: readonly string[]): string {
  const rows = readRunColumns(runs, columns).map((row) =>
    columns.map((name) => formatField(name, row[name])),
  );
  return formatTable(
    columns.map((name) => HEADS[name] ?? name),
    [...rows, ...damaged.map((run) => [run.id, `damaged (${run.damaged.code})`])],
  );
}

function formatField(name: string, value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.join(' ');
  if (typeof value !== 'number' || !Number.isFinite(value)) return String(value);
  const isFigure = /^(?:val|test|train)_/.test(name);
  return isFigure ? value.toFixed(DECIMALS) : String(Number(value.toPrecision(6)));
}
