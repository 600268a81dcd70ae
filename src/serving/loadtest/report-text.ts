// The report on a terminal, and its timeline as CSV.
import { formatMs } from './duration.ts';
import type { FoundRate } from './found-rate.ts';
import { meanLevel } from './load-stages.ts';
import { formatLoadWarning, formatRateSureness } from './load-warning-sentences.ts';
import { formatAmount, formatLoadPlan, formatShare, type LoadReport } from './report.ts';
import type { LoadTestResult } from './run-load.ts';
import { isLatency, isShare, type Threshold, type ThresholdResult } from './threshold.ts';

const SHOWN_PERCENTILES = ['p50', 'p75', 'p90', 'p95', 'p99', 'p99.9', 'max'] as const;

export function formatLoadReport(report: LoadReport): string {
  const { plan, result, search, thresholds, warnings } = report;
  const lines = [
    `${report.target} · ${report.articles.toLocaleString('en')} articles${report.distinct ? ', each request different' : ''}`,
  ];
  if (search !== null) lines.push('', ...formatSearch(search));
  if (plan !== null && result !== null) {
    lines.push('', `${formatLoadPlan(plan)}${result.complete ? '' : ' (stopped early)'}`);
    lines.push(...formatResult(result, plan.loop === 'open'));
  }
  if (thresholds.length > 0) lines.push('', ...thresholds.map(formatChecked));
  if (warnings.length > 0)
    lines.push('', ...warnings.map((warning) => `warning: ${formatLoadWarning(warning)}`));
  return lines.join('\n');
}

function formatResult({ counts, failures, generator, ...result }: LoadTestResult, open: boolean): string[] {
  const share = (count: number): string => formatShare(counts.due === 0 ? null : count / counts.due);
  const row = (name: string, count: number, note = ''): string =>
    `  ${name.padEnd(10)}${count.toLocaleString('en').padStart(9)}  ${share(count).padStart(6)}${note === '' ? '' : `  ${note}`}`;
  const reasons = Object.entries(failures).map(([reason, count]) => `${reason} ${count}`);
  const percentiles = (name: string, of: LoadTestResult['latencyMs']): string =>
    `  ${name.padEnd(18)}${SHOWN_PERCENTILES.map((key) => `${key} ${formatMs(of[key])}`).join('  ')}`;
  return [
    row('answered', counts.answered, `${formatAmount(result.answeredPerSecond)} per second`),
    row('rejected', counts.rejected, counts.rejected > 0 ? 'refused by the server (429 or 503)' : ''),
    row('failed', counts.failed, reasons.join(', ')),
    ...(counts.unsent > 0 ? [row('unsent', counts.unsent)] : []),
    percentiles(open ? 'latency since due' : 'latency', result.latencyMs),
    ...(open ? [percentiles('latency since sent', result.serviceMs)] : []),
    `  generator: ${Math.round(generator.cpuShare * 100)}% of a core, timers ${formatMs(generator.lagP99Ms)} late (p99)`,
  ];
}

function formatSearch(search: FoundRate): string[] {
  const limits = search.limits.map(formatThreshold).join(', ');
  const head =
    search.rate === null
      ? `found no rate that meets ${limits}`
      : `highest rate that meets ${limits}: ${formatAmount(search.rate)} per second`;
  return [
    head,
    `  ${formatRateSureness(search.sureness)}`,
    ...(search.missedAt === null ? [] : [`  missed at ${formatAmount(search.missedAt)} per second`]),
    ...search.probes.map(
      (probe) =>
        `  ${probe.met ? 'met   ' : 'missed'} ${probe.purpose.padEnd(8)} asked ${(probe.asked === null ? 'as fast as possible' : `${formatAmount(probe.asked)}/s`).padStart(9)}, answered ${formatAmount(probe.answeredPerSecond)}/s, ${probe.checks
          .filter(({ measure }) => isLatency(measure))
          .map(({ measure, value }) => `${measure} ${formatMs(value)}`)
          .join(', ')}${probe.complete ? '' : ' when given up'}`,
    ),
  ];
}

/** `p99 <= 500 ms`, `errors <= 1%`, `rate >= 50/s`. */
export function formatThreshold({ measure, limit }: Threshold): string {
  return `${measure} ${measure === 'rate' ? '>=' : '<='} ${formatMeasure(measure, limit)}`;
}

export function formatMeasure(measure: Threshold['measure'], value: number | null): string {
  if (isLatency(measure)) return formatMs(value);
  if (isShare(measure)) return formatShare(value);
  return value === null ? '–' : `${formatAmount(value)}/s`;
}

function formatChecked(result: ThresholdResult): string {
  return `${result.met ? 'met   ' : 'MISSED'} ${formatThreshold(result)}: ${formatMeasure(result.measure, result.value)}`;
}

/** One line a row of the timeline, from the beginning of the test, warm-up included. */
export function formatTimelineCsv({ plan, result }: Pick<LoadReport, 'plan' | 'result'>): string {
  const head = 'second,level,sent,answered,rejected,failed,in_flight,p50_ms,p95_ms,p99_ms,max_ms';
  const number = (value: number | null): string => (value === null ? '' : String(Number(value.toFixed(3))));
  const rows = (result?.timeline ?? []).map((row) => {
    const level = meanLevel(plan?.stages ?? [], row.second, row.second + result!.rowSeconds);
    const { second, sent, answered, rejected, failed, inFlight, p50Ms, p95Ms, p99Ms, maxMs } = row;
    return [second, level, sent, answered, rejected, failed, inFlight, p50Ms, p95Ms, p99Ms, maxMs]
      .map(number)
      .join(',');
  });
  return `${[head, ...rows].join('\n')}\n`;
}
