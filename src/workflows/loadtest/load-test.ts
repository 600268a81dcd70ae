// A load test from request to report: articles are read, one is tried, then a planned load is sent or the highest rate
// that meets limits is searched.
import { appError } from '../../foundation/core/index.ts';
import { type ReadingOptions, samplePath } from '../../learning/data/index.ts';
import {
  type ArticleBodies,
  checkThresholds,
  createArticleBodies,
  createLoadReport,
  createSender,
  type FindRateOptions,
  findRate,
  formatMs,
  type LiveFigures,
  type LoadPlan,
  type LoadReport,
  type Probe,
  type ReportFacts,
  runLoad,
  type SenderOptions,
  sumSeconds,
  type Threshold,
} from '../../serving/loadtest/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { loadArticles } from './load-articles.ts';
import { askForTrainingFile, assertLoopback, buildTarget, type Route } from './load-target.ts';

export type RateSearchRequest = Pick<
  FindRateOptions,
  'limits' | 'users' | 'firstRate' | 'probeSeconds' | 'arrivals'
>;

export interface LoadTestRequest {
  readonly server: URL;
  readonly route: Route;
  /** Whether the caller confirms that a server on another machine is theirs. */
  readonly ownsHost: boolean;
  /** May hold keys, so they are in no report. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Absolute path of a CSV or JSON Lines file; null: the bundled sample. */
  readonly articles: string | null;
  /** Columns of that file: `title=NAME,text=NAME`; null: those of the server's model, else title and text. */
  readonly columns: string | null;
  /** How that file is read; null: as the model's training file was. */
  readonly reading: ReadingOptions;
  /** Send articles unchanged, so that the server's cache may respond; otherwise each request is different. */
  readonly repeats: boolean;
  readonly load:
    | { readonly kind: 'plan'; readonly plan: LoadPlan }
    | { readonly kind: 'search'; readonly search: RateSearchRequest };
  /** Limits that the result is checked against. */
  readonly thresholds: readonly Threshold[];
}

/** What is measured and passed to all steps of one test. */
interface LoadSource {
  readonly target: SenderOptions;
  readonly bodies: ArticleBodies;
}

type MeasuredLoad = Pick<ReportFacts, 'measured' | 'search'>;

/**
 * Runs the test; the signal ends it early with what was measured until then.
 * @throws LOADTEST_NOT_LOOPBACK, LOADTEST_NO_ANSWER, and what reading the articles throws
 */
export async function runLoadTest(request: LoadTestRequest, context: WorkflowContext): Promise<LoadReport> {
  const { server, route, ownsHost, headers, timeoutMs, repeats, load } = request;
  if (!ownsHost) assertLoopback(server);
  const articles = await loadArticles({
    path: request.articles ?? samplePath,
    columns: request.columns,
    reading: request.reading,
    // other servers have no such route, and the sample needs no columns of a model
    model: request.articles === null ? {} : await askForTrainingFile(server, headers, timeoutMs),
    warn: context.warn,
  });
  const bodies = createArticleBodies(articles, repeats ? null : Date.now() % 1e9);
  const target: SenderOptions = { ...buildTarget(server, route), headers, timeoutMs };
  const source: LoadSource = { target, bodies };
  await assertAnswering(source);
  const startedAt = context.clock.nowIso();
  const { measured, search } =
    load.kind === 'plan'
      ? await runPlan(load.plan, source, context)
      : await searchRate(load.search, source, context);
  return createLoadReport({
    startedAt,
    target: formatAddress(target.url),
    articles: articles.length,
    distinct: !repeats,
    measured,
    search,
    thresholds: measured === null ? [] : checkThresholds(request.thresholds, measured.result),
  });
}

async function runPlan(
  plan: LoadPlan,
  source: LoadSource,
  { progress, signal }: WorkflowContext,
): Promise<MeasuredLoad> {
  const total = Math.round(sumSeconds(plan.stages));
  const bar = progress('loadtest', total, 'seconds');
  try {
    const result = await runLoad({
      plan,
      ...source,
      signal,
      onTick: (live) => {
        bar.update(Math.min(total, Math.round(live.seconds)), formatLive(live));
        return undefined;
      },
    });
    return { measured: { plan, result }, search: null };
  } finally {
    bar.stop();
  }
}

async function searchRate(
  search: RateSearchRequest,
  source: LoadSource,
  { progress, say, signal }: WorkflowContext,
): Promise<MeasuredLoad> {
  const bar = progress('loadtest', 0, 'probes');
  let probes = 0;
  try {
    const { measured, found } = await findRate({
      ...search,
      ...source,
      signal,
      onProbe: (probe) => {
        probes++;
        say(formatProbe(probe));
      },
      onTick: (rate, live) => bar.update(probes, `${formatRate(rate)}, ${formatLive(live)}`),
    });
    return { measured, search: found };
  } finally {
    bar.stop();
  }
}

/**
 * Sends one article before the load: a wrong address or key must not count as a result.
 * @throws LOADTEST_NO_ANSWER
 */
async function assertAnswering({ target, bodies }: LoadSource): Promise<void> {
  const sender = createSender(target);
  try {
    const outcome = await sender.send(bodies.next());
    if (outcome.kind === 'failed')
      throw appError('LOADTEST_NO_ANSWER', { url: formatAddress(target.url), got: outcome.reason });
  } finally {
    sender.close();
  }
}

/** Origin and path: a query could hold a key. */
function formatAddress({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

function formatProbe({ purpose, asked, met, answeredPerSecond }: Probe): string {
  const answered = `${answeredPerSecond.toPrecision(3)}/s answered`;
  return `${purpose} ${formatRate(asked)}: ${met ? 'met' : 'missed'} (${answered})`;
}

/** @param perSecond  null: no rate is set, each user sends as soon as the last response came */
function formatRate(perSecond: number | null): string {
  return perSecond === null ? 'as fast as possible' : `${perSecond.toPrecision(3)}/s`;
}

function formatLive({ counts, latency }: LiveFigures): string {
  const failed = counts.failed > 0 ? ` · ${counts.failed} failed` : '';
  const rejected = counts.rejected > 0 ? ` · ${counts.rejected} rejected` : '';
  return `${counts.answered} answered${rejected}${failed} · p99 ${formatMs(latency.percentileMs(0.99))}`;
}
