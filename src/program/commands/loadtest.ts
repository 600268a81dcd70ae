// veracity loadtest: sends articles to a server and reports latencies, or the highest rate that meets limits. It is a
// process of its own, so that its cost does not slow the server down.
import {
  assertFileWritable,
  EXIT_REFUSED,
  EXIT_STOPPED,
  resolveUserPath,
  writeFileAtomic,
} from '../../foundation/core/index.ts';
import {
  formatLoadHtml,
  formatLoadReport,
  formatLoadWarning,
  formatRateSureness,
  formatTimelineCsv,
  type LoadReport,
} from '../../serving/loadtest/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import { runLoadTest } from '../../workflows/loadtest/index.ts';
import type { Command } from './command.ts';
import { type LoadTestArguments, parseLoadTestArguments } from './loadtest-arguments.ts';
import { describeReadingFlags } from './reading-flags.ts';

export const loadtestCommand: Command = {
  name: 'loadtest',
  summary: 'load-test a server: send articles as many users would, and measure the responses',
  argumentsUsage: '[url]',
  options: [
    {
      flags: '--users <n>',
      description: 'closed loop: number of users; each waits for a response (default 10)',
    },
    {
      flags: '--think-time <time>',
      description: 'pause of a user between two requests: 1s, or 1s-5s (default 1s)',
    },
    { flags: '--rate <n>', description: 'open loop: requests per second, independent of the responses' },
    { flags: '--duration <time>', description: 'duration of the test, after --ramp (default 30s)' },
    { flags: '--ramp <time>', description: 'raise the load from nothing to full in this time' },
    {
      flags: '--stages <list>',
      description:
        'rates one after the other: 10@30s,~50@60s (~ raises gradually); also for --users and --rate',
    },
    {
      flags: '--arrivals <kind>',
      description: 'steady or random gaps between requests of --rate (default steady)',
    },
    { flags: '--warm-up <time>', description: 'time at the beginning that is not measured (default 0s)' },
    {
      flags: '--threshold <limit>',
      description: 'p99=500 (ms), errors=1%, rejected=1%, rate=50; exit code 1 if one is missed',
      repeatable: true,
    },
    {
      flags: '--find-rate <limits>',
      description: 'search the highest rate that meets limits such as p99=500',
    },
    { flags: '--probe <time>', description: 'duration of each probe of --find-rate (default 10s)' },
    {
      flags: '--articles <file>',
      description:
        "CSV or JSON Lines with the columns of the server's model, or title and text (default: the sample)",
    },
    {
      flags: '--columns <columns>',
      description: 'columns of --articles: title=NAME,text=NAME; names with commas in "quotes"',
    },
    ...describeReadingFlags('--articles'),
    { flags: '--repeats', description: "send articles unchanged, so that the server's cache may answer" },
    { flags: '--route <route>', description: 'predict, news or a path (default predict)' },
    { flags: '--header <header>', description: '"authorization: Bearer …"; never printed', repeatable: true },
    { flags: '--timeout <time>', description: 'time after which a request counts as failed (default 30s)' },
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
    const { request, ...files } = parseLoadTestArguments(input, context);
    // Before the load whose report goes there.
    for (const file of [files.html, files.csv])
      if (file !== null) assertFileWritable(resolveUserPath(context.workingDirectory, file));
    const report = await runLoadTest(request, context);
    const written = writeFiles(report, files, context);
    const exitCode = context.signal.aborted ? EXIT_STOPPED : report.passed ? 0 : EXIT_REFUSED;
    return { json: { ...buildReportAnswer(report), ...written }, text: formatLoadReport(report), exitCode };
  },
};

/** The report as JSON holds it: `warnings` and `sureness` are sentences, beside them the facts. */
function buildReportAnswer({ search, warnings, ...report }: LoadReport) {
  const sureness = search === null ? '' : formatRateSureness(search.sureness);
  return {
    ...report,
    search:
      search === null
        ? null
        : { ...search, sureness, surenessFact: { ...search.sureness, message: sureness } },
    warnings: warnings.map(formatLoadWarning),
    warningFacts: warnings.map((warning) => ({ ...warning, message: formatLoadWarning(warning) })),
  };
}

function writeFiles(
  report: LoadReport,
  { html, csv }: Pick<LoadTestArguments, 'html' | 'csv'>,
  { workingDirectory, say }: WorkflowContext,
): Pick<LoadTestArguments, 'html' | 'csv'> {
  const write = (file: string | null, what: string, content: () => string): string | null => {
    if (file === null) return null;
    const path = resolveUserPath(workingDirectory, file);
    writeFileAtomic(path, content());
    say(`wrote ${what}: ${path}`);
    return path;
  };
  return {
    html: write(html, 'the report', () => formatLoadHtml(report)),
    csv: write(csv, 'the timeline', () => formatTimelineCsv(report)),
  };
}
