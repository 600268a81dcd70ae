// Writes a timeline in the trace event format of Chrome, which Perfetto (ui.perfetto.dev) and chrome://tracing open.
// Format: "Trace Event Format", complete events (ph X) and thread names (ph M); times in microseconds.

/** A piece of work on one thread. */
export interface TraceSpan {
  readonly name: string;
  /** Group of the span, such as `step`, `phase` or `operator`. */
  readonly category: string;
  readonly thread: TraceThread;
  /** Milliseconds since 1970, with fractions. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly details?: Readonly<Record<string, string | number>>;
}

export type TraceThread = 'main' | 'training' | 'operators';

const THREADS: Readonly<Record<TraceThread, { readonly id: number; readonly name: string }>> = {
  main: { id: 1, name: 'main thread' },
  training: { id: 2, name: 'training thread' },
  operators: { id: 3, name: 'operators (ONNX Runtime)' },
};

/** The whole file as text; spans count from the earliest. */
export function formatChromeTrace(spans: readonly TraceSpan[]): string {
  const originMs = spans.reduce((least, { startMs }) => Math.min(least, startMs), Number.POSITIVE_INFINITY);
  const micros = (ms: number): number => Math.round(ms * 1000 * 1000) / 1000;
  const names = Object.values(THREADS).map(({ id, name }) =>
    JSON.stringify({ ph: 'M', name: 'thread_name', pid: 1, tid: id, args: { name } }),
  );
  const events = [...spans]
    .sort((a, b) => a.startMs - b.startMs || b.durationMs - a.durationMs)
    .map(({ name, category, thread, startMs, durationMs, details }) =>
      JSON.stringify({
        ph: 'X',
        name,
        cat: category,
        pid: 1,
        tid: THREADS[thread].id,
        ts: micros(startMs - originMs),
        dur: micros(durationMs),
        ...(details === undefined ? {} : { args: details }),
      }),
    );
  return `{"displayTimeUnit":"ms","traceEvents":[\n${[...names, ...events].join(',\n')}\n]}\n`;
}
