// What a load test says in the end: the same facts for people, for programs (--json) and for the page.

import type { FoundRate } from './find-rate.ts';
import { listDistortions } from './generator-watch.ts';
import type { LoadStage } from './load-stages.ts';
import type { LoadPlan, LoadResult } from './run-load.ts';
import type { ThresholdResult } from './threshold.ts';

export interface LoadReport {
  readonly schemaVersion: 1;
  readonly startedAt: string;
  /** Origin and path; headers are in no report. */
  readonly target: string;
  readonly articles: number;
  /** Each request a number behind its title, so that no answer is one remembered. */
  readonly distinct: boolean;
  /** null: nothing was measured (a search that met its limits at no rate). */
  readonly plan: LoadPlan | null;
  readonly result: LoadResult | null;
  readonly thresholds: readonly ThresholdResult[];
  readonly search: FoundRate | null;
  readonly warnings: readonly string[];
  /** All thresholds met, a searched rate found. */
  readonly passed: boolean;
  readonly complete: boolean;
}

export interface ReportFacts {
  readonly startedAt: string;
  readonly target: string;
  readonly articles: number;
  readonly distinct: boolean;
  readonly plan: LoadPlan | null;
  readonly result: LoadResult | null;
  readonly thresholds: readonly ThresholdResult[];
  readonly search: FoundRate | null;
}

/** Requests below which a p99 is one of the few slowest. */
const FEW_REQUESTS = 200;

export function createLoadReport(facts: ReportFacts): LoadReport {
  const { result, search, thresholds, plan, distinct } = facts;
  const warnings = result === null ? [] : listDistortions(result.generator);
  if (result !== null && search === null && result.counts.due > 0 && result.counts.due < FEW_REQUESTS)
    warnings.push(`p99 of ${result.counts.due} requests is one of the slowest few: test longer`);
  if (result !== null && result.counts.unsent > 0)
    warnings.push(
      `${result.counts.unsent} requests were due but never sent: ${plan?.loop === 'open' ? `${plan.maxInFlight} were under way already` : 'no user was free'}`,
    );
  if (!distinct)
    warnings.push('articles were sent as they are, again and again: some answers may be remembered ones');
  const met = thresholds.every((threshold) => threshold.met);
  return {
    schemaVersion: 1,
    ...facts,
    warnings,
    passed: met && (search === null || search.rate !== null),
    complete: (result?.complete ?? true) && (search?.complete ?? true),
  };
}

/** The plan in words: `50/s for 60s`, `10 users, thinking 1s, for 30s`. */
export function describePlan(plan: LoadPlan): string {
  const stages = plan.stages.map((stage) => describeStage(stage, plan.loop)).join(', then ');
  if (plan.loop === 'open')
    return `open loop, ${plan.arrivals === 'random' ? 'randomly spaced, ' : ''}${stages}`;
  const { low, high } = plan.thinkSeconds;
  const think =
    plan.paceSeconds !== null
      ? `each due every ${round(plan.paceSeconds)} s`
      : high === 0
        ? 'asking again at once'
        : `thinking ${low === high ? round(low) : `${round(low)} to ${round(high)}`} s`;
  return `closed loop, ${stages}, ${think}`;
}

function describeStage({ from, to, seconds }: LoadStage, loop: LoadPlan['loop']): string {
  const level = (value: number): string => (loop === 'open' ? `${round(value)}/s` : `${round(value)} users`);
  return `${from === to ? level(to) : `${level(from)} to ${level(to)}`} for ${round(seconds)} s`;
}

/** Three significant digits, no trailing zeros. */
export function round(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}

/** A share as `0.4%`. */
export function formatShare(share: number | null): string {
  return share === null ? '–' : `${Number((share * 100).toPrecision(share >= 0.9995 ? 4 : 3))}%`;
}
