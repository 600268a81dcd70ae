// The result of a load test: the same facts for the terminal, for programs (--json) and for the page.
import type { FoundRate, Measured } from './found-rate.ts';
import { listDistortions } from './generator-watch.ts';
import type { LoadStage } from './load-stages.ts';
import { ENOUGH_REQUESTS, type LoadWarning } from './load-warning.ts';
import type { LoadPlan } from './run-load.ts';
import type { ThresholdResult } from './threshold.ts';

/** `plan` and `result` are null together: nothing was measured (a search that met its limits at no rate). */
export type LoadReport = ReportHead & (Measured | { readonly plan: null; readonly result: null });

interface ReportHead {
  readonly schemaVersion: 1;
  readonly startedAt: string;
  /** Origin and path; headers are in no report. */
  readonly target: string;
  readonly articles: number;
  /** Each request has a number behind its title, so that no response comes from the server's cache. */
  readonly distinct: boolean;
  readonly thresholds: readonly ThresholdResult[];
  readonly search: FoundRate | null;
  /** What makes the figures less certain. */
  readonly warnings: readonly LoadWarning[];
  /** All thresholds met, a searched rate found. */
  readonly passed: boolean;
  readonly complete: boolean;
}

export interface ReportFacts
  extends Pick<ReportHead, 'startedAt' | 'target' | 'articles' | 'distinct' | 'thresholds' | 'search'> {
  readonly measured: Measured | null;
}

export function createLoadReport({ measured, ...facts }: ReportFacts): LoadReport {
  const { search, thresholds } = facts;
  const met = thresholds.every((threshold) => threshold.met);
  return {
    schemaVersion: 1,
    ...facts,
    ...(measured ?? { plan: null, result: null }),
    warnings: listWarnings({ measured, ...facts }),
    passed: met && (search === null || search.rate !== null),
    complete: (measured?.result.complete ?? true) && (search?.complete ?? true),
  };
}

function listWarnings({ measured, search, distinct, articles }: ReportFacts): LoadWarning[] {
  const warnings: LoadWarning[] = [];
  if (measured !== null) {
    const { plan, result } = measured;
    const { due, unsent } = result.counts;
    warnings.push(...listDistortions(result.generator));
    if (search === null && due > 0 && due < ENOUGH_REQUESTS)
      warnings.push({ code: 'REQUESTS_FEW', due, enough: ENOUGH_REQUESTS });
    if (unsent > 0) {
      const counts = { code: 'REQUESTS_UNSENT', due, unsent } as const;
      warnings.push(
        plan.loop === 'open'
          ? { ...counts, loop: 'open', maxInFlight: plan.maxInFlight }
          : { ...counts, loop: 'closed' },
      );
    }
  }
  if (!distinct) warnings.push({ code: 'ARTICLES_REPEATED', articles });
  return warnings;
}

/** The plan in words: `50/s for 60s`, `10 users, thinking 1s, for 30s`. */
export function formatLoadPlan(plan: LoadPlan): string {
  const stages = plan.stages.map((stage) => formatStage(stage, plan.loop)).join(', then ');
  if (plan.loop === 'open')
    return `open loop, ${plan.arrivals === 'random' ? 'randomly spaced, ' : ''}${stages}`;
  const { low, high } = plan.thinkSeconds;
  const think =
    plan.paceSeconds !== null
      ? `each due every ${formatAmount(plan.paceSeconds)} s`
      : high === 0
        ? 'asking again at once'
        : `thinking ${low === high ? formatAmount(low) : `${formatAmount(low)} to ${formatAmount(high)}`} s`;
  return `closed loop, ${stages}, ${think}`;
}

function formatStage({ from, to, seconds }: LoadStage, loop: LoadPlan['loop']): string {
  const level = (value: number): string =>
    loop === 'open' ? `${formatAmount(value)}/s` : `${formatAmount(value)} users`;
  return `${from === to ? level(to) : `${level(from)} to ${level(to)}`} for ${formatAmount(seconds)} s`;
}

/** Three significant digits, no trailing zeros. */
export function formatAmount(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}

/** A share as `0.4%`. */
export function formatShare(share: number | null): string {
  return share === null ? '–' : `${Number((share * 100).toPrecision(share >= 0.9995 ? 4 : 3))}%`;
}
