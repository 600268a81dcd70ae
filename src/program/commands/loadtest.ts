// veracity loadtest: real articles at a server, as users who wait or at a rate that does not; or the highest rate that
// meets limits. Runs in a process of its own, so that what it costs is not the server's.
import { resolve } from 'node:path';
import { appError, EXIT_STOPPED, writeFileAtomic } from '../../foundation/core/index.ts';
import { samplePath } from '../../learning/data/index.ts';
import {
  type ArticleBodies,
  checkThresholds,
  createArticleBodies,
  createLoadReport,
  createSender,
  findRate,
  formatLoadHtml,
  formatLoadReport,
  formatMs,
  formatTimelineCsv,
  type LiveFigures,
  type LoadReport,
  type RateSearch,
  runLoad,
  type SenderOptions,
  sumSeconds,
} from '../../serving/loadtest/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import { loadArticles } from '../../workflows/loadtest/index.ts';
import type { Command } from './command.ts';
import { type LoadtestRequest, parseLoadtestRequest } from './loadtest-request.ts';

/** A threshold was missed, or no rate met the limits: neither the user's mistake nor ours. */
export const EXIT_MISSED = 1;

export const loadtestCommand: Command = {
  name: 'loadtest',
  summary: 'send articles to a server as many users do; say what it bears',
  argumentsUsage: '[url]',
  options: [
    { flags: '--users <n>', description: 'closed loop: users who wait for their answer (default 10)' },
    {
      flags: '--think-time <time>',
      description: 'of a user between two requests: 1s, or 1s-5s (default 1s)',
    },
    { flags: '--rate <n>', description: 'open loop: requests a second, whether answers come or not' },
    { flags: '--duration <time>', description: 'of the test, after --ramp (default 30s)' },
    { flags: '--ramp <time>', description: 'climb from nothing to the full load in this time' },
    {
      flags: '--stages <list>',
      description: 'rates in turn: 10@30s,~50@60s (~ climbs); --users and --rate take such lists too',
    },
    { flags: '--arrivals <kind>', description: 'steady or random gaps at a rate (default steady)' },
    { flags: '--warm-up <time>', description: 'not measured, at the beginning (default 0s)' },
    {
      flags: '--threshold <limit>',
      description: 'p99=500 (ms), errors=1%, rejected=1%, rate=50; exit code 1 where one is missed',
      repeatable: true,
    },
    { flags: '--find-rate <limits>', description: 'search the highest rate that meets p99=500, say' },
    { flags: '--probe <time>', description: 'of each try of --find-rate (default 10s)' },
    {
      flags: '--articles <file>',
      description: 'CSV or JSON Lines with title and text (default: the sample)',
    },
    { flags: '--repeats', description: 'send articles as they are: remembered answers count' },
    { flags: '--route <route>', description: 'predict, news or a path (default predict)' },
    { flags: '--header <header>', description: '"authorization: Bearer …"; never printed', repeatable: true },
    { flags: '--timeout <time>', description: 'until a request counts as failed (default 30s)' },
    { flags: '--html <file>', description: 'write the report as a page' },
    { flags: '--csv <file>', description: 'write the timeline' },
    { flags: '--i-own-this-host', description: 'allow a target that is not this machine' },
  ],
  examples: [
    'veracity loadtest http://127.0.0.1:8000 --users 10',
    'veracity loadtest --rate 20 --duration 1m --threshold p99=500 --threshold errors=1% --html load.html',
    'veracity loadtest --stages 5@30s,~50@2m --csv load.csv',
    'veracity loadtest --find-rate p99=500',
  ],
  run: async (input, context) => {
    const request = parseLoadtestRequest(input);
    const articles = await loadArticles(
      request.articles === null ? samplePath : resolve(context.workingDirectory, request.articles),
    );
    const bodies = createArticleBodies(articles, request.repeats ? null : Date.now() % 1e9);
    const target: SenderOptions = {
      url: request.url,
      headers: request.headers,
      timeoutMs: request.timeoutMs,
      isAnswer: request.isAnswer,
    };
    await assertAnswering(target, bodies);
    const facts = {
      startedAt: context.clock.nowIso(),
      target: `${request.url.origin}${request.url.pathname}`,
      articles: articles.length,
      distinct: !request.repeats,
    };
    const measured = await measure(request, target, bodies, context);
    const thresholds = measured.result === null ? [] : checkThresholds(request.thresholds, measured.result);
    const report = createLoadReport({ ...facts, ...measured, thresholds });
    const files = writeFiles(report, request, context);
    const stopped = context.signal.aborted;
    return {
      json: { ...report, ...files },
      text: formatLoadReport(report),
      exitCode: stopped ? EXIT_STOPPED : report.passed ? 0 : EXIT_MISSED,
    };
  },
};

type Measured = Pick<LoadReport, 'plan' | 'result' | 'search'>;

async function measure(
  request: LoadtestRequest,
  target: SenderOptions,
  bodies: ArticleBodies,
  context: WorkflowContext,
): Promise<Measured> {
  const { signal } = context;
  if (request.search !== null) return search(request.search, target, bodies, context);
  const plan = request.plan!;
  const total = Math.round(sumSeconds(plan.stages));
  const bar = context.progress('loadtest', total, 'seconds');
  try {
    const result = await runLoad({
      plan,
      target,
      bodies,
      signal,
      onTick: (live) => {
        bar.update(Math.min(total, Math.round(live.seconds)), describeLive(live));
        return undefined;
      },
    });
    return { plan, result, search: null };
  } finally {
    bar.stop();
  }
}

async function search(
  asked: NonNullable<LoadtestRequest['search']>,
  target: SenderOptions,
  bodies: ArticleBodies,
  { progress, say, signal }: WorkflowContext,
): Promise<Measured> {
  const bar = progress('loadtest', 0, 'probes');
  let probes = 0;
  let found: RateSearch;
  try {
    found = await findRate({
      ...asked,
      target,
      bodies,
      signal,
      onProbe: (probe) => {
        probes++;
        const rate = probe.asked === null ? 'as fast as they can' : `${probe.asked.toPrecision(3)}/s`;
        say(
          `${probe.purpose} ${rate}: ${probe.met ? 'met' : 'missed'} (${probe.answeredPerSecond.toPrecision(3)}/s answered)`,
        );
      },
      onTick: (rate, live) =>
        bar.update(
          probes,
          `${rate === null ? 'as fast as they can' : `${rate.toPrecision(3)}/s`}, ${describeLive(live)}`,
        ),
    });
  } finally {
    bar.stop();
  }
  return { plan: found.plan, result: found.result, search: found.found };
}

function describeLive({ counts, latency }: LiveFigures): string {
  const bad = counts.failed > 0 ? ` · ${counts.failed} failed` : '';
  const rejected = counts.rejected > 0 ? ` · ${counts.rejected} rejected` : '';
  return `${counts.answered} answered${rejected}${bad} · p99 ${formatMs(latency.percentileMs(0.99))}`;
}

/**
 * One article before the load: a wrong address or key is no test result.
 * @throws LOADTEST_NO_ANSWER
 */
async function assertAnswering(target: SenderOptions, bodies: ArticleBodies): Promise<void> {
  const sender = createSender(target);
  try {
    const outcome = await sender.send(bodies.next());
    if (outcome.kind !== 'failed') return;
    const { origin, pathname } = target.url;
    throw appError('LOADTEST_NO_ANSWER', { url: `${origin}${pathname}`, got: outcome.reason });
  } finally {
    sender.close();
  }
}

function writeFiles(
  report: LoadReport,
  { html, csv }: LoadtestRequest,
  { workingDirectory, say }: WorkflowContext,
): { html: string | null; csv: string | null } {
  const write = (file: string | null, what: string, content: () => string): string | null => {
    if (file === null) return null;
    const path = resolve(workingDirectory, file);
    writeFileAtomic(path, content());
    say(`wrote ${what}: ${path}`);
    return path;
  };
  return {
    html: write(html, 'the report', () => formatLoadHtml(report)),
    csv: write(csv, 'the timeline', () => formatTimelineCsv(report)),
  };
}
