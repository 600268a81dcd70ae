// Computes each operator's share of the time from the profile that ONNX Runtime writes (Chrome trace events).
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface OpShare {
  readonly op: string;
  /** Share of the time of all kernels. */
  readonly share: number;
  /** Number of nodes in the graph as ONNX Runtime optimized it. */
  readonly nodes: number;
}

interface TraceEvent {
  readonly cat?: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/** Sums up the one profile whose name starts with `prefix`, without its first run, which allocates memory. */
export function readOpShares(prefix: string): OpShare[] {
  const file = readdirSync(dirname(prefix)).find((name) => name.startsWith(basename(prefix)));
  if (file === undefined) throw new Error(`no profile at ${prefix}`);
  const events = JSON.parse(readFileSync(join(dirname(prefix), file), 'utf8')) as TraceEvent[];
  const runs = events.filter(({ cat, name }) => cat === 'Session' && name === 'model_run');
  const warmUntil = runs[0]!.ts + runs[0]!.dur;
  const totals = new Map<string, { us: number; calls: number }>();
  let totalUs = 0;
  for (const { cat, name, ts, dur, args } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time') || ts < warmUntil) continue;
    const op = args?.op_name ?? 'unknown';
    const total = totals.get(op) ?? { us: 0, calls: 0 };
    totals.set(op, { us: total.us + dur, calls: total.calls + 1 });
    totalUs += dur;
  }
  return [...totals]
    .map(([op, { us, calls }]) => ({ op, share: us / totalUs, nodes: calls / (runs.length - 1) }))
    .toSorted((a, b) => b.share - a.share);
}
