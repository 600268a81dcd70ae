// The columns of the table of runs: facts, measured values and settings. Each knows its value for sorting and its text.
import type { RunFacts } from '../../../../src/client/studio-types.ts';
import { formatTime } from '../../numbers.ts';
import { formatDuration, formatValue } from '../charts/values.ts';
import { studioStrings } from '../studio-strings.ts';

export type CellValue = string | number | null;

export interface RunColumn {
  /** `run`, `min:val_loss`, `config:optimizer.lr` */
  readonly id: string;
  readonly label: string;
  /** Decides the width. */
  readonly kind: 'run' | 'status' | 'number' | 'text' | 'time';
  /** For sorting. */
  readonly value: (run: RunFacts) => CellValue;
  readonly text: (run: RunFacts) => string;
}

export const WHICH = ['last', 'min', 'max'] as const;

export const DEFAULT_COLUMNS: readonly string[] = [
  'status',
  'min:val_loss',
  'max:val_accuracy',
  'steps',
  'duration',
  'started',
  'tags',
  'note',
];

const FACTS: Readonly<Record<string, Pick<RunColumn, 'kind' | 'value' | 'text'>>> = {
  status: { kind: 'status', value: (run) => run.status, text: (run) => studioStrings.statuses[run.status] },
  steps: numeric((run) => run.steps),
  duration: {
    kind: 'number',
    value: (run) => run.seconds,
    text: (run) => (run.seconds === null ? '–' : formatDuration(run.seconds)),
  },
  started: { kind: 'time', value: (run) => run.createdAt, text: (run) => formatTime(run.createdAt) },
  tags: { kind: 'text', value: (run) => run.tags.join(', ') || null, text: (run) => run.tags.join(', ') },
  note: { kind: 'text', value: (run) => run.note, text: (run) => run.note ?? '' },
  dataset: { kind: 'text', value: (run) => run.datasetVersion, text: (run) => run.datasetVersion },
  version: { kind: 'text', value: (run) => run.modelVersion, text: (run) => run.modelVersion ?? '' },
  machine: { kind: 'text', value: (run) => run.machine, text: (run) => run.machine ?? '' },
  memory: {
    kind: 'number',
    value: (run) => run.peakMemoryBytes,
    text: (run) => (run.peakMemoryBytes === null ? '–' : formatBytes(run.peakMemoryBytes)),
  },
};

export const FACT_COLUMNS: readonly string[] = Object.keys(FACTS);

/** The first column: always shown. */
export const RUN_COLUMN: RunColumn = {
  id: 'run',
  label: studioStrings.columnNames.run!,
  kind: 'run',
  value: (run) => `${run.model} ${run.id}`,
  text: nameRun,
};

/** How a run is called: its model and the end of its id. */
export function nameRun({ model, id }: { readonly model: string; readonly id: string }): string {
  return `${model} ${shortenId(id)}`;
}

/** Ids begin with the time: their ends differ. */
export function shortenId(id: string): string {
  return id.length <= 14 ? id : `…${id.slice(-11)}`;
}

/** @returns undefined for a name that no column has */
export function findColumn(id: string): RunColumn | undefined {
  const fact = FACTS[id];
  if (fact !== undefined) return { id, label: studioStrings.columnNames[id] ?? id, ...fact };
  const [, which, name] = /^(last|min|max|config):(.+)$/.exec(id) ?? [];
  if (which === undefined || name === undefined) return undefined;
  if (which === 'config')
    return {
      id,
      label: name,
      kind: 'text',
      value: (run) => asCell(run.config[name]),
      text: (run) => formatSetting(run.config[name]),
    };
  return {
    id,
    label: which === 'last' ? name : `${name} ${which}`,
    ...numeric((run) => {
      const metric = run.metrics.find((known) => known.name === name);
      return metric === undefined ? null : Number(metric[which as 'last' | 'min' | 'max']);
    }),
  };
}

function numeric(read: (run: RunFacts) => number | null): Pick<RunColumn, 'kind' | 'value' | 'text'> {
  return { kind: 'number', value: read, text: (run) => formatValue(read(run)) };
}

function asCell(value: unknown): CellValue {
  return typeof value === 'number' || typeof value === 'string'
    ? value
    : value === undefined || value === null
      ? null
      : JSON.stringify(value);
}

/** A value of the configuration as text. */
export function formatSetting(value: unknown): string {
  if (value === undefined || value === null) return '–';
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [size, unit] = [bytes, 0];
  while (size >= 1000 && unit < units.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${size < 10 && unit > 0 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

/** Compares names in the order of their language; times in ISO 8601 sort as names do. */
const words = new Intl.Collator();

/** Sorts by a column; runs without a value come last in both directions. The order of equal ones stays. */
export function sortRuns(
  runs: readonly RunFacts[],
  column: RunColumn,
  isDescending: boolean,
): readonly RunFacts[] {
  const sign = isDescending ? -1 : 1;
  const isMissing = (value: CellValue): boolean => value === null || Number.isNaN(value);
  return runs
    .map((run) => ({ run, value: column.value(run) }))
    .sort((a, b) => {
      if (isMissing(a.value) || isMissing(b.value))
        return Number(isMissing(a.value)) - Number(isMissing(b.value));
      const order =
        typeof a.value === 'number' && typeof b.value === 'number'
          ? a.value - b.value
          : words.compare(String(a.value), String(b.value));
      return sign * order;
    })
    .map(({ run }) => run);
}

/** The names of all metrics of the runs, in alphabetical order. */
export function listMetricNames(runs: readonly RunFacts[]): readonly string[] {
  return [...new Set(runs.flatMap((run) => run.metrics.map(({ name }) => name)))].sort();
}
