// The report as one page that needs nothing else: no script, no font, no request.
import { escapeHtml, formatPage } from '../../../foundation/html/index.ts';
import { formatMs } from '../duration.ts';
import type { FoundRate } from '../found-rate.ts';
import type { Percentiles } from '../load-record.ts';
import { formatLoadWarning, formatRateSureness } from '../load-warning-sentences.ts';
import { formatAmount, formatLoadPlan, formatShare, type LoadReport } from '../report.ts';
import { formatMeasure, formatThreshold } from '../report-text.ts';
import type { LoadPlan, LoadTestResult } from '../run-load.ts';
import { isLatency, shareOfErrors } from '../threshold.ts';
import { drawInFlight, drawLatencies, drawRates, drawSearch, drawSpread } from './charts.ts';
import { LOADTEST_STYLE } from './style.ts';

const PERCENTILES = ['p50', 'p75', 'p90', 'p95', 'p99', 'p99.9', 'max', 'mean'] as const;

/** @returns a whole HTML document */
export function formatLoadHtml(report: LoadReport): string {
  const { plan, result, search, warnings } = report;
  const body = `<main>
<header>
<p class="eyebrow">Load test, ${escapeHtml(report.startedAt.slice(0, 16).replace('T', ' '))} UTC</p>
<h1>${formatTarget(report.target)}</h1>
<p class="note">${escapeHtml(formatMaterial(report))}</p>
${formatThresholdResult(report)}
${warnings.length === 0 ? '' : `<ul class="remarks">${warnings.map((warning) => `<li>${escapeHtml(formatLoadWarning(warning))}</li>`).join('')}</ul>`}
</header>
${search === null ? '' : formatSearch(search)}
${plan === null || result === null ? '' : formatMeasured(report, plan, result)}
</main>`;
  return formatPage({ title: `Load test of ${report.target}`, style: LOADTEST_STYLE, body });
}

/** The address, with a possible line break before the path. */
function formatTarget(target: string): string {
  const path = target.indexOf('/', target.indexOf('://') + 3);
  return path < 0
    ? escapeHtml(target)
    : `${escapeHtml(target.slice(0, path))}<wbr>${escapeHtml(target.slice(path))}`;
}

function formatMaterial({ articles, distinct }: LoadReport): string {
  return `${articles.toLocaleString('en')} articles in turn, ${distinct ? 'each request different from all others' : 'sent as they are'}`;
}

function formatThresholdResult({ thresholds, search, complete }: LoadReport): string {
  const early = complete ? '' : '<p class="result plain">stopped before its end</p> ';
  if (thresholds.length === 0 || search !== null) return early;
  const missed = thresholds.filter(({ met }) => !met).length;
  return missed === 0
    ? `${early}<p class="result good">✓ all thresholds met</p>`
    : `${early}<p class="result bad">✗ ${missed} of ${thresholds.length} thresholds missed</p>`;
}

function formatSearch(search: FoundRate): string {
  const limits = search.limits.map(formatThreshold).join(', ');
  const sureness = formatRateSureness(search.sureness);
  const chart = drawSearch(search);
  const rows = search.probes.map((probe) => {
    const latency = probe.checks.find(({ measure }) => isLatency(measure));
    const asked = probe.asked === null ? 'as fast as possible' : `${formatAmount(probe.asked)}/s`;
    return `<tr${probe.met ? '' : ' class="missed-row"'}><td>${asked}</td><td>${probe.purpose}</td><td>${formatAmount(probe.answeredPerSecond)}/s</td><td>${latency === undefined ? '–' : formatMs(latency.value)}</td><td>${probe.met ? 'met' : probe.complete ? 'missed' : 'missed, given up'}</td></tr>`;
  });
  const percentile = search.limits.find(({ measure }) => isLatency(measure))?.measure ?? 'latency';
  return `<section>
<h2>${search.rate === null ? 'No rate met the limits' : `Highest rate: ${formatAmount(search.rate)} per second`}</h2>
<p>${escapeHtml(`Limits: ${limits}. ${sureness[0]!.toUpperCase()}${sureness.slice(1)}.`)}</p>
${chart === null ? '' : `<div class="plots">${formatFigure('Probes', 'Dots met the limits, crosses missed them; dots on the upper edge are higher still. The vertical line is the rate that was found.', [], chart)}</div>`}
<div class="scroll" style="margin-top:24px"><table><thead><tr><th scope="col">asked</th><th scope="col">purpose</th><th scope="col">answered</th><th scope="col">${percentile}</th><th scope="col">limits</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>
</section>`;
}

function formatMeasured(report: LoadReport, plan: LoadPlan, result: LoadTestResult): string {
  const { counts, latencyMs } = result;
  const open = plan.loop === 'open';
  const errors = shareOfErrors(counts);
  const tile = (name: string, value: string, note: string, bad = false): string =>
    `<div class="tile${bad ? ' bad' : ''}"><span class="note">${name}</span><b>${value}</b><span class="note">${note}</span></div>`;
  const limit = [...report.thresholds, ...(report.search?.limits ?? [])].find(
    ({ measure }) => measure === 'p99',
  );
  const rates = [
    ...(open ? [{ kind: 'asked', name: 'due' }] : []),
    { kind: 'main', name: 'answered' },
    ...(counts.rejected > 0 ? [{ kind: 'second', name: 'rejected' }] : []),
    ...(counts.failed > 0 ? [{ kind: 'bad', name: 'failed' }] : []),
  ];
  return `<section>
${report.search === null ? '' : '<h2>The last probe at that rate</h2>'}
<p class="note" style="margin-top:20px">${escapeHtml(`${formatLoadPlan(plan)}; measured for ${formatAmount(result.seconds)} s`)}</p>
<div class="tiles">
${tile('answered', formatAmount(result.answeredPerSecond), 'per second')}
${tile('p99', formatMs(latencyMs.p99), `median ${formatMs(latencyMs.p50)}`, limit !== undefined && (latencyMs.p99 ?? 0) > limit.limit)}
${tile('rejected', counts.rejected.toLocaleString('en'), `${formatShare(counts.due === 0 ? null : counts.rejected / counts.due)} refused by the server (429 or 503)`)}
${tile('failed', (counts.failed + counts.unsent).toLocaleString('en'), formatShare(errors), (errors ?? 0) > 0)}
</div>
<div class="plots">
${formatFigure('Requests per second', open ? 'Responses count when they arrive, not when their requests were due.' : 'A user sends the next request only after the response: a slow server gets fewer requests.', rates, drawRates(plan, result))}
${formatFigure('Latency over time', `Percentiles of each ${formatAmount(result.rowSeconds)} s, measured from the moment a request was ${open ? 'due' : 'sent'}.`, LATENCY_LEGEND, drawLatencies(result, limit?.limit ?? null))}
${formatFigure('Latency by percentile', 'The axis is stretched towards 100% to show the slowest requests.', [], drawSpread(result))}
${formatFigure('In progress', 'Most requests in progress at once, waiting time included.', [], drawInFlight(result))}
</div>
<h2>Figures</h2>
${formatThresholds(report)}
${formatPercentiles(result, open)}
${formatFailures(result)}
<footer class="note">The load generator used ${Math.round(result.generator.cpuShare * 100)}% of a core and ${Math.round(result.generator.peakMemoryBytes / 1e6)} MB; its timers were ${formatMs(result.generator.lagP99Ms)} late (p99). Percentiles are of answers, and of requests that ran out of time; rejections and other failures are counted apart.</footer>
</section>`;
}

const LATENCY_LEGEND = [
  { kind: 'main', name: 'median' },
  { kind: 'third', name: 'p95' },
  { kind: 'second', name: 'p99' },
];
function formatFigure(
  title: string,
  caption: string,
  legend: readonly { readonly kind: string; readonly name: string }[],
  content: string,
): string {
  const items = legend.map(
    ({ kind, name }) =>
      `<li><svg viewBox="0 0 26 10" aria-hidden="true"><path class="line ${kind}" d="M1 5H25"/></svg>${name}</li>`,
  );
  const list = items.length === 0 ? '' : `<ul class="legend">${items.join('')}</ul>`;
  return `<figure><figcaption><h3>${title}</h3><p>${caption}</p>${list}</figcaption>${content}</figure>`;
}

function formatThresholds({ thresholds }: LoadReport): string {
  if (thresholds.length === 0) return '';
  const rows = thresholds.map(
    (result) =>
      `<tr${result.met ? '' : ' class="missed-row"'}><td>${escapeHtml(formatThreshold(result))}</td><td>${formatMeasure(result.measure, result.value)}</td><td>${result.met ? 'met' : 'missed'}</td></tr>`,
  );
  return `<div class="scroll"><table style="margin-bottom:28px"><thead><tr><th scope="col">threshold</th><th scope="col">measured</th><th scope="col"></th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function formatPercentiles({ latencyMs, serviceMs }: LoadTestResult, open: boolean): string {
  const cells = (of: Percentiles): string =>
    PERCENTILES.map((key) => `<td>${formatMs(of[key])}</td>`).join('');
  const head = PERCENTILES.map((key) => `<th scope="col">${key}</th>`).join('');
  return `<div class="scroll"><table><thead><tr><th scope="col">latency</th>${head}</tr></thead><tbody><tr><th scope="row">${open ? 'latency since due' : 'latency since sent'}</th>${cells(latencyMs)}</tr>${open ? `<tr><th scope="row">latency since sent</th>${cells(serviceMs)}</tr>` : ''}</tbody></table></div>`;
}

function formatFailures({ failures }: LoadTestResult): string {
  const rows = Object.entries(failures).map(
    ([reason, count]) => `<tr><td>${escapeHtml(reason)}</td><td>${count.toLocaleString('en')}</td></tr>`,
  );
  if (rows.length === 0) return '';
  return `<div class="scroll"><table style="margin-top:28px"><thead><tr><th scope="col">failure</th><th scope="col">requests</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}
