// The record of a load test, counted as it runs in bounded memory: two histograms, counts, and a timeline whose
// rows are wider the longer the test is. A request that timed out took at least that long, so it counts in the percentiles;
// other failures and rejections are quick and would make them look better.
import { createLatencyHistogram, type HistogramBucket, type LatencyHistogram } from './latency-histogram.ts';
import { type SendOutcome, TIMED_OUT } from './sender.ts';

/** Approximate number of rows of a timeline. */
const MOST_ROWS = 240;

export interface Percentiles {
  readonly count: number;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p75: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly 'p99.9': number | null;
  readonly max: number | null;
}

/** What happened from `second` on, for a row's width; responses count in the row in which they came. */
export interface TimelineRow {
  readonly second: number;
  readonly sent: number;
  readonly answered: number;
  readonly rejected: number;
  readonly failed: number;
  /** Most at once. */
  readonly inFlight: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
}

export interface LoadCounts {
  /** Due within the measured time. */
  readonly due: number;
  readonly answered: number;
  /** Rejected with a time to come back: 503 or 429 with Retry-After. */
  readonly rejected: number;
  readonly failed: number;
  /** Due, but no connection was free until the end. */
  readonly unsent: number;
}

export interface LoadRecord {
  /** Measured time, without the warm-up. */
  readonly seconds: number;
  readonly counts: LoadCounts;
  /** Class of failure to how many. */
  readonly failures: Readonly<Record<string, number>>;
  /** Answers that came within the measured time, a second. */
  readonly answeredPerSecond: number;
  /** Latency from the moment a request was due. */
  readonly latencyMs: Percentiles;
  /** Latency from the moment it was sent, as a client sees it that sends one request after the other. */
  readonly serviceMs: Percentiles;
  readonly buckets: readonly HistogramBucket[];
  readonly rowSeconds: number;
  readonly timeline: readonly TimelineRow[];
}

/** Counts so far, for progress and for giving up. */
export interface LiveFigures {
  readonly seconds: number;
  readonly counts: LoadCounts;
  readonly latency: Pick<LatencyHistogram, 'count' | 'percentileMs' | 'countAbove'>;
}

export interface LoadRecorder {
  /** When the test began, on the clock of `nowMs`. */
  readonly startMs: number;
  begin(): void;
  end(dueMs: number, sentMs: number, outcome: SendOutcome): void;
  /** A request that was due but not sent; it waited from `dueMs` until now. */
  leaveOut(dueMs: number): void;
  readonly inFlight: number;
  live(): LiveFigures;
  finish(): LoadRecord;
}

export interface RecorderOptions {
  readonly totalSeconds: number;
  readonly warmUpSeconds: number;
  /** Monotonic milliseconds; the test begins when the recorder is made. */
  readonly nowMs: () => number;
}

export function createLoadRecorder({ totalSeconds, warmUpSeconds, nowMs }: RecorderOptions): LoadRecorder {
  const startMs = nowMs();
  const [fromMs, toMs] = [startMs + warmUpSeconds * 1000, startMs + totalSeconds * 1000];
  const rowSeconds = chooseRowSeconds(totalSeconds);
  const [latency, service] = [createLatencyHistogram(), createLatencyHistogram()];
  const failures = new Map<string, number>();
  const counts = { due: 0, answered: 0, rejected: 0, failed: 0, unsent: 0 };
  const rows = createTimeline(startMs, rowSeconds);
  let [inFlight, answeredInTime] = [0, 0];
  const isMeasured = (ms: number): boolean => ms >= fromMs && ms < toMs;
  return {
    startMs,
    begin: () => {
      inFlight++;
      const row = rows.at(nowMs());
      row.sent++;
      row.inFlight = Math.max(row.inFlight, inFlight);
    },
    end: (dueMs, sentMs, outcome) => {
      const now = nowMs();
      inFlight--;
      const row = rows.at(now);
      row[outcome.kind]++;
      row.inFlight = Math.max(row.inFlight, inFlight);
      const took = outcome.kind === 'answered' || (outcome.kind === 'failed' && outcome.reason === TIMED_OUT);
      if (took) row.latency.add(now - dueMs);
      if (outcome.kind === 'answered' && isMeasured(now)) answeredInTime++;
      if (!isMeasured(dueMs)) return;
      counts.due++;
      counts[outcome.kind]++;
      if (outcome.kind === 'failed') failures.set(outcome.reason, (failures.get(outcome.reason) ?? 0) + 1);
      if (!took) return;
      latency.add(now - dueMs);
      service.add(now - sentMs);
    },
    leaveOut: (dueMs) => {
      if (!isMeasured(dueMs)) return;
      counts.due++;
      counts.unsent++;
      latency.add(nowMs() - dueMs);
    },
    get inFlight() {
      return inFlight;
    },
    live: () => ({ seconds: (nowMs() - startMs) / 1000, counts, latency }),
    finish: () => {
      const seconds = Math.max(0, Math.min(nowMs(), toMs) - fromMs) / 1000;
      return {
        seconds,
        counts,
        failures: Object.fromEntries([...failures].sort(([, a], [, b]) => b - a)),
        answeredPerSecond: seconds === 0 ? 0 : answeredInTime / seconds,
        latencyMs: summarise(latency),
        serviceMs: summarise(service),
        buckets: latency.listBuckets(),
        rowSeconds,
        timeline: rows.finish(),
      };
    },
  };
}

function summarise(histogram: LatencyHistogram): Percentiles {
  const at = (share: number): number | null => histogram.percentileMs(share);
  return {
    count: histogram.count,
    mean: histogram.meanMs(),
    p50: at(0.5),
    p75: at(0.75),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    'p99.9': at(0.999),
    max: histogram.maxMs(),
  };
}

/** A round width. */
function chooseRowSeconds(totalSeconds: number): number {
  const widths = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600];
  if (totalSeconds <= 20) return 0.5;
  return (
    widths.find((width) => width >= 1 && totalSeconds / width <= MOST_ROWS) ??
    Math.ceil(totalSeconds / MOST_ROWS)
  );
}

interface OpenRow {
  sent: number;
  answered: number;
  rejected: number;
  failed: number;
  inFlight: number;
  readonly latency: LatencyHistogram;
}

/** Rows are closed as time goes on; one histogram serves them all. */
function createTimeline(
  startMs: number,
  rowSeconds: number,
): { at(ms: number): OpenRow; finish(): TimelineRow[] } {
  const closed: TimelineRow[] = [];
  const latency = createLatencyHistogram();
  const open: OpenRow = { sent: 0, answered: 0, rejected: 0, failed: 0, inFlight: 0, latency };
  const close = (): void => {
    const { sent, answered, rejected, failed, inFlight } = open;
    closed.push({
      second: closed.length * rowSeconds,
      ...{ sent, answered, rejected, failed, inFlight },
      p50Ms: latency.percentileMs(0.5),
      p95Ms: latency.percentileMs(0.95),
      p99Ms: latency.percentileMs(0.99),
      maxMs: latency.maxMs(),
    });
    latency.clear();
    // Requests in progress are carried over to the next row.
    const inProgress = Math.max(0, inFlight - answered - rejected - failed);
    Object.assign(open, { sent: 0, answered: 0, rejected: 0, failed: 0, inFlight: inProgress });
  };
  return {
    at: (ms) => {
      const index = Math.floor((ms - startMs) / 1000 / rowSeconds);
      while (closed.length < index) close();
      return open;
    },
    finish: () => {
      if (open.sent + open.answered + open.rejected + open.failed > 0) close();
      return closed;
    },
  };
}
