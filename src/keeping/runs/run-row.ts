// The row of a run in the database: what it says about lease and status, and its summary for lists.
import type { Run, RunEvent, RunLease, RunStatus } from '../../foundation/records/index.ts';
import type { RunTable } from '../database/index.ts';
import type { MetricSummary } from './measurement.ts';
import { encodeNumber } from './measurement-log.ts';
import { type FoundLease, isLeaseHeld } from './run-lease.ts';
import { type RunSummary, summarizeRun } from './run-summary.ts';
import type { Rewind } from './visible-points.ts';

export type RunRow = Omit<RunTable, 'number'> & { readonly number: number };

/** What the row keeps of events and metrics, so that a list reads nothing else. */
export interface KeptSummary {
  readonly parts: Omit<RunSummary, 'status' | 'tags' | 'note' | 'machine' | 'config' | 'metrics'>;
  readonly metrics: readonly MetricSummary[];
  /** The last event about a process, and when anything was logged last. */
  readonly lastWord: RunEvent['type'] | null;
  readonly lastEventAt: string | null;
  /** Metrics whose summary must be computed again from the points. */
  readonly stale: readonly string[];
}

const WORDS: readonly RunEvent['type'][] = ['started', 'finished', 'stopped', 'failed'];

export function buildKeptSummary(
  run: Run,
  events: readonly RunEvent[],
  metrics: readonly MetricSummary[],
  stale: readonly string[],
): KeptSummary {
  const facts = { run, events, metrics, status: 'running', machine: null } as const;
  const {
    status,
    tags,
    note,
    machine,
    config,
    metrics: _,
    ...parts
  } = summarizeRun({
    ...facts,
    annotations: { tags: [], note: null },
  });
  return {
    parts,
    metrics,
    lastWord: events.findLast(({ type }) => WORDS.includes(type))?.type ?? null,
    lastEventAt: events.at(-1)?.createdAt ?? null,
    stale,
  };
}

export function formatKeptSummary({ metrics, ...rest }: KeptSummary): string {
  const numbers = metrics.map((metric) =>
    Object.fromEntries(
      Object.entries(metric).map(([key, value]) => [
        key,
        typeof value === 'number' ? encodeNumber(value) : value,
      ]),
    ),
  );
  return JSON.stringify({ ...rest, metrics: numbers });
}

export function parseKeptSummary(text: string): KeptSummary {
  const kept = JSON.parse(text) as Omit<KeptSummary, 'metrics'> & { metrics: Record<string, unknown>[] };
  // In place: a list of runs reads hundreds of thousands of metrics.
  for (const metric of kept.metrics)
    for (const key in metric)
      if (key !== 'name' && typeof metric[key] === 'string') metric[key] = Number(metric[key]);
  return kept as Omit<KeptSummary, 'metrics'> as KeptSummary;
}

type LeaseColumns = Pick<RunRow, 'generation' | 'lease' | 'lease_expires_ms'>;

/** null: no process has held it yet. */
export function readLease(row: LeaseColumns): FoundLease | null {
  if (row.lease === null) return null;
  return {
    generation: row.generation,
    record: JSON.parse(row.lease) as RunLease,
    expiresMs: row.lease_expires_ms,
  };
}

export function readRewinds(row: Pick<RunRow, 'rewinds'>): Rewind[] {
  return JSON.parse(row.rewinds) as Rewind[];
}

/** `running` while a process holds the lease, unless it has said its last word. */
export function deriveRowStatus(row: LeaseColumns, kept: KeptSummary, nowMs: number): RunStatus {
  const lease = readLease(row);
  const isHeld = lease !== null && isLeaseHeld(lease, nowMs);
  const { lastWord, lastEventAt } = kept;
  const status: RunStatus =
    lastWord === 'finished' || lastWord === 'stopped' || lastWord === 'failed'
      ? lastWord
      : lastWord === 'started' && isHeld
        ? 'running'
        : 'interrupted';
  const isSilent = lastEventAt === null || lastEventAt < (lease?.record?.createdAt ?? '');
  return isHeld && isSilent && status !== 'finished' ? 'running' : status;
}

export type ListedRow = LeaseColumns & Pick<RunRow, 'id' | 'head' | 'summary' | 'note'>;

export function buildRunSummary(row: ListedRow, tags: readonly string[], nowMs: number): RunSummary {
  const kept = parseKeptSummary(row.summary);
  const summary = {
    ...kept.parts,
    status: deriveRowStatus(row, kept, nowMs),
    tags,
    note: row.note,
    machine: readLease(row)?.record?.host ?? null,
    config: {} as RunSummary['config'],
    metrics: Object.fromEntries(
      kept.metrics.map(({ name, last, min, max, lastStep }) => [name, { last, min, max, lastStep }]),
    ),
  };
  // Most lists do not look at configurations, which are most of a head.
  let config: RunSummary['config'] | null = null;
  return Object.defineProperty(summary, 'config', {
    enumerable: true,
    get: () => {
      config ??= (JSON.parse(row.head) as Run).config;
      return config;
    },
  });
}

/** Columns of a run before anything has happened. */
export const NEW_ROW = {
  rewinds: '[]',
  next_event: 0,
  next_chunk: 0,
  generation: 0,
  lease: null,
  owner: null,
  lease_expires_ms: 0,
  stop_requested: 0,
  status: 'interrupted',
  note: null,
};
