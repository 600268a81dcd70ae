// The report's plots as inline SVG: rates and latencies over time, the spread of latencies, and the probes of a search.
// Lines differ by dashes and marks by shape, for readers who see no colours and for print.
import {
  type Axis,
  createPlot,
  escapeHtml,
  formatPlace,
  listTicks,
  type Plot,
} from '../../../foundation/html/index.ts';
import { formatMs } from '../duration.ts';
import type { FoundRate } from '../found-rate.ts';
import { meanLevel } from '../load-stages.ts';
import { formatAmount, formatLoadPlan } from '../report.ts';
import type { LoadPlan, LoadTestResult } from '../run-load.ts';
import { isLatency } from '../threshold.ts';
import { drawLine } from './line.ts';

const plotOf = (label: string, x: Axis, y: Axis): Plot =>
  createPlot({
    label,
    x,
    y,
    width: 480,
    height: 250,
    titles: 'end',
    margin: { left: 50, right: 14, top: 24, bottom: 42 },
  });

const linear = (title: string, high: number, format: (value: number) => string = formatAmount): Axis => {
  const top = high > 0 ? high * 1.05 : 1;
  return { title, low: 0, high: top, ticks: listTicks(top).map((at) => ({ at, label: format(at) })) };
};

const timeAxis = (high: number): Axis =>
  linear(high > 300 ? 'minutes' : 'seconds', high, (at) =>
    high > 300 ? formatAmount(at / 60) : formatAmount(at),
  );

/** Requests per second that were due, answered, rejected, failed. */
export function drawRates(plan: LoadPlan, result: LoadTestResult): string {
  const { rowSeconds } = result;
  const timeline = listWholeRows(plan, result);
  const end = endOf({ timeline, rowSeconds });
  const perSecond = (count: number): number => count / rowSeconds;
  const asked = (second: number): number => meanLevel(plan.stages, second, second + rowSeconds);
  const open = plan.loop === 'open';
  const most = Math.max(
    ...timeline.map((row) =>
      Math.max(
        perSecond(row.answered),
        perSecond(row.rejected),
        perSecond(row.failed),
        open ? asked(row.second) : 0,
      ),
    ),
    0,
  );
  const plot = plotOf(
    `Requests a second over time: ${formatLoadPlan(plan)}`,
    timeAxis(end),
    linear('requests per second', most),
  );
  const line = (kind: string, name: string, value: (row: (typeof timeline)[number]) => number): string =>
    drawLine(
      kind,
      timeline.map((row) => [plot.x(row.second + rowSeconds / 2), plot.y(value(row))]),
      name,
    );
  const lines = [
    ...(open ? [line('asked', 'due', (row) => asked(row.second))] : []),
    line('main', 'answered', (row) => perSecond(row.answered)),
    ...(timeline.some((row) => row.rejected > 0)
      ? [line('second', 'rejected', (row) => perSecond(row.rejected))]
      : []),
    ...(timeline.some((row) => row.failed > 0)
      ? [line('bad', 'failed', (row) => perSecond(row.failed))]
      : []),
  ];
  return plot.draw(lines.join(''));
}

/** Median, p95 and p99 of the responses in each row's time. */
export function drawLatencies({ timeline, rowSeconds }: LoadTestResult, limitMs: number | null): string {
  const end = endOf({ timeline, rowSeconds });
  const most = Math.max(...timeline.map((row) => row.p99Ms ?? 0), 0);
  const shownLimit = limitMs !== null && limitMs < most * 3 ? limitMs : null;
  const plot = plotOf(
    'Latency over time: median, p95 and p99 in milliseconds',
    timeAxis(end),
    linear('ms', Math.max(most, shownLimit ?? 0)),
  );
  const line = (kind: string, name: string, key: 'p50Ms' | 'p95Ms' | 'p99Ms'): string =>
    drawLine(
      kind,
      timeline.map((row) => [
        plot.x(row.second + rowSeconds / 2),
        row[key] === null ? null : plot.y(row[key]),
      ]),
      name,
    );
  const limit = shownLimit === null ? '' : drawLimit(plot, shownLimit);
  return plot.draw(
    [limit, line('second', 'p99', 'p99Ms'), line('third', 'p95', 'p95Ms'), line('main', 'p50', 'p50Ms')].join(
      '',
    ),
  );
}

/** Latency by percentile, with the axis stretched towards 100%: stalls stand out on the right. */
export function drawSpread({ buckets, latencyMs }: LoadTestResult): string {
  const total = latencyMs.count;
  const highest = Math.max(10, total);
  const marks = [
    { at: 1, label: '0' },
    { at: 2, label: '50%' },
    { at: 10, label: '90%' },
    { at: 100, label: '99%' },
    { at: 1000, label: '99.9%' },
    { at: 10_000, label: '99.99%' },
  ].filter(({ at }) => at <= highest);
  const plot = plotOf(
    `Latency by percentile: median ${formatMs(latencyMs.p50)}, p99 ${formatMs(latencyMs.p99)}, longest ${formatMs(latencyMs.max)}`,
    {
      title: 'share of requests that took no longer',
      low: 1,
      high: highest,
      scale: 'log',
      ticks: marks,
    },
    linear('ms', latencyMs.max ?? 1),
  );
  let seen = 0;
  const points = buckets.map(({ upToMs, count }): [number, number] => {
    seen += count;
    return [plot.x(total / Math.max(total - seen, 1)), plot.y(upToMs)];
  });
  const first = buckets[0];
  const curve = drawLine(
    'main',
    first === undefined ? [] : [[plot.x(1), plot.y(first.upToMs)], ...points],
    'latency since due',
  );
  return plot.draw(curve);
}

/** The most requests in progress at once in each row's time. */
export function drawInFlight({ timeline, rowSeconds }: LoadTestResult): string {
  const plot = plotOf(
    'Requests in progress over time',
    timeAxis(endOf({ timeline, rowSeconds })),
    linear('requests', Math.max(...timeline.map((row) => row.inFlight), 4)),
  );
  const points = timeline.map((row): [number, number] => [
    plot.x(row.second + rowSeconds / 2),
    plot.y(row.inFlight),
  ]);
  return plot.draw(drawLine('main', points, 'in progress'));
}

/** Leaves out responses after the end and a row that was cut: their rates would be too low. */
function listWholeRows(
  plan: LoadPlan,
  { timeline, rowSeconds, seconds }: LoadTestResult,
): LoadTestResult['timeline'] {
  const whole = timeline.filter((row) => row.second + rowSeconds <= plan.warmUpSeconds + seconds + 0.05);
  return whole.length > 0 ? whole : timeline;
}

/** Each probe of a search: the rate that was due against its latency. */
export function drawSearch(search: FoundRate): string | null {
  const limit = search.limits.find(({ measure }) => isLatency(measure));
  const probes = search.probes.flatMap((probe) => {
    const value = probe.checks.find(({ measure }) => measure === limit?.measure)?.value ?? null;
    return value === null ? [] : [{ ...probe, value, at: probe.asked ?? probe.answeredPerSecond }];
  });
  if (limit === undefined || probes.length === 0) return null;
  const most = Math.max(...probes.map(({ at }) => at));
  // Values far above the limit lie on the upper edge: how far above says nothing.
  const top = Math.min(Math.max(...probes.map(({ value }) => value), limit.limit), limit.limit * 3);
  const plot = plotOf(
    `Probes: ${probes.map((probe) => `${formatAmount(probe.at)} a second ${probe.met ? 'met' : 'missed'}`).join(', ')}`,
    linear('requests a second that were due', most),
    linear(`${limit.measure}, ms`, top),
  );
  const marks = probes.map((probe) => {
    const [x, y] = [plot.x(probe.at), plot.y(probe.value)];
    const title = `<title>${escapeHtml(`${formatAmount(probe.at)}/s: ${limit.measure} ${formatMs(probe.value)}, ${probe.met ? 'met' : 'missed'}`)}</title>`;
    const [a, b] = [formatPlace(x), formatPlace(y)];
    return probe.met
      ? `<circle class="met" cx="${a}" cy="${b}" r="5">${title}</circle>`
      : `<path class="missed" d="M${formatPlace(x - 4.5)} ${formatPlace(y - 4.5)}l9 9m0 -9l-9 9">${title}</path>`;
  });
  const found =
    search.rate === null
      ? ''
      : `<line class="found" x1="${formatPlace(plot.x(search.asked ?? search.rate))}" x2="${formatPlace(plot.x(search.asked ?? search.rate))}" y1="${plot.top}" y2="${plot.bottom}"/>`;
  return plot.draw([drawLimit(plot, limit.limit), found, ...marks].join(''));
}

function drawLimit(plot: Plot, ms: number): string {
  const y = formatPlace(plot.y(ms));
  return `<line class="limit" x1="${plot.left}" x2="${plot.right}" y1="${y}" y2="${y}"/><text class="inside" x="${plot.right - 2}" y="${formatPlace(plot.y(ms) - 5)}" text-anchor="end">limit ${escapeHtml(formatMs(ms))}</text>`;
}

function endOf({ timeline, rowSeconds }: Pick<LoadTestResult, 'timeline' | 'rowSeconds'>): number {
  return Math.max((timeline.at(-1)?.second ?? 0) + rowSeconds, 1);
}
