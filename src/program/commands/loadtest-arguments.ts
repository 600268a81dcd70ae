// The arguments of `loadtest`: the server, the load, the limits. The value of a header is never printed.
import { appError, resolveUserPath } from '../../foundation/core/index.ts';
import {
  type LoadPlan,
  type LoadStage,
  parseSeconds,
  parseThresholds,
} from '../../serving/loadtest/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import {
  isRoute,
  type LoadTestRequest,
  type RateSearchRequest,
  type Route,
} from '../../workflows/loadtest/index.ts';
import type { CommandInput } from './command.ts';
import { parseReadingFlags, readingFlags } from './reading-flags.ts';

const DEFAULT_URL = 'http://127.0.0.1:8000';
const MAX_IN_FLIGHT = 10_000;
const MOST_USERS = 10_000;
const MOST_RATE = 100_000;

/** What the command line asks for. */
export interface LoadTestArguments {
  readonly request: LoadTestRequest;
  /** File for the report's page; null: none is written. */
  readonly html: string | null;
  /** File for the timeline; null: none is written. */
  readonly csv: string | null;
}

/** @throws USAGE */
export function parseLoadTestArguments(
  { args, options }: CommandInput,
  { workingDirectory }: Pick<WorkflowContext, 'workingDirectory'>,
): LoadTestArguments {
  const read = (name: string): string | null => (typeof options[name] === 'string' ? options[name] : null);
  const list = (name: string): readonly string[] => {
    const value = options[name];
    return Array.isArray(value) ? value : [];
  };
  if (args.length > 1) throw usage(`expected one address, got ${args.length} arguments`);
  const [articles, columns] = [read('articles'), read('columns')];
  for (const name of ['columns', ...readingFlags])
    if (read(name) !== null && articles === null)
      throw usage(`expected --articles beside --${name}, got none`);
  const request: LoadTestRequest = {
    server: parseAddress(args[0] ?? DEFAULT_URL),
    route: parseRoute(read('route') ?? 'predict'),
    ownsHost: options.iOwnThisHost === true,
    headers: parseHeaders(list('header')),
    timeoutMs: parseDuration(read('timeout'), '--timeout', 30) * 1000,
    articles: articles === null ? null : resolveUserPath(workingDirectory, articles),
    columns,
    reading: parseReadingFlags(read, usage),
    repeats: options.repeats === true,
    load: parseLoad(read),
    thresholds: list('threshold').flatMap((text) => parseThresholds(text, '--threshold')),
  };
  return { request, html: read('html'), csv: read('csv') };
}

/** @throws USAGE */
function parseLoad(read: Read): LoadTestRequest['load'] {
  const arrivals = read('arrivals') ?? 'steady';
  if (arrivals !== 'steady' && arrivals !== 'random')
    throw usage(`expected --arrivals steady or random, got ${arrivals}`);
  const limits = read('findRate');
  return limits === null
    ? { kind: 'plan', plan: parsePlan(read, arrivals) }
    : { kind: 'search', search: parseSearch(limits, read, arrivals) };
}

type Read = (name: string) => string | null;

/** @throws USAGE */
function parsePlan(read: Read, arrivals: 'steady' | 'random'): LoadPlan {
  const [users, rate] = [read('users'), read('rate') ?? read('stages')];
  if (users !== null && rate !== null)
    throw usage('expected either --users (closed loop) or --rate (open loop), got both');
  if (read('rate') !== null && read('stages') !== null)
    throw usage('expected either --rate or --stages, got both');
  if (read('findRate') === null && read('probe') !== null)
    throw usage('expected --find-rate beside --probe, got none');
  const [text, flag, most] =
    rate === null
      ? [users ?? '10', '--users', MOST_USERS]
      : [rate, read('rate') === null ? '--stages' : '--rate', MOST_RATE];
  const stages = parseStages(text, flag, most, read);
  const warmUpSeconds = parseDuration(read('warmUp'), '--warm-up', 0, 0);
  if (warmUpSeconds >= stages.reduce((sum, stage) => sum + stage.seconds, 0))
    throw usage('expected --warm-up to be shorter than the test, got a longer one');
  if (rate !== null) {
    if (read('thinkTime') !== null) throw usage('expected --think-time with --users only, got --rate');
    return { loop: 'open', stages, warmUpSeconds, arrivals, maxInFlight: MAX_IN_FLIGHT };
  }
  const thinkSeconds = parseRange(read('thinkTime') ?? '1s');
  return { loop: 'closed', stages, warmUpSeconds, thinkSeconds, paceSeconds: null };
}

/** `50`, with --ramp and --duration; or `10@30s,~50@60s` (~: rises gradually from the level before). */
function parseStages(text: string, flag: string, most: number, read: Read): LoadStage[] {
  const level = (digits: string): number => {
    const value = /^\d+(\.\d+)?$/.test(digits) ? Number(digits) : Number.NaN;
    if (!(value >= 0 && value <= most) || (flag === '--users' && !Number.isInteger(value)))
      throw usage(
        `expected ${flag} to be ${flag === '--users' ? 'a whole number' : 'a number'} up to ${most}, or stages such as 10@30s,50@60s; got ${text}`,
      );
    return value;
  };
  if (!text.includes('@')) {
    const to = level(text);
    if (to === 0) throw usage(`expected ${flag} to be more than 0, got 0`);
    const ramp = parseDuration(read('ramp'), '--ramp', 0, 0);
    const hold = { from: to, to, seconds: parseDuration(read('duration'), '--duration', 30) };
    return ramp > 0 ? [{ from: 0, to, seconds: ramp }, hold] : [hold];
  }
  for (const [name, other] of [
    ['ramp', '--ramp'],
    ['duration', '--duration'],
  ] as const)
    if (read(name) !== null)
      throw usage(`expected stages or ${other}, got both; ~50@60s rises to 50 within 60 s`);
  const stages: LoadStage[] = [];
  for (const part of text.split(',')) {
    const [, climbs, digits = '', duration = ''] = /^\s*(~?)([^@]*)@(.*)$/.exec(part) ?? [];
    const to = level(digits);
    const from = climbs === '~' ? (stages.at(-1)?.to ?? 0) : to;
    stages.push({ from, to, seconds: parseDuration(duration, flag, 0) });
  }
  if (stages.every(({ from, to }) => from === 0 && to === 0))
    throw usage(`expected some load in ${flag}, got none`);
  return stages;
}

/** @throws USAGE */
function parseSearch(text: string, read: Read, arrivals: 'steady' | 'random'): RateSearchRequest {
  for (const [name, flag] of [
    ['duration', '--duration'],
    ['stages', '--stages'],
    ['ramp', '--ramp'],
    ['thinkTime', '--think-time'],
    ['warmUp', '--warm-up'],
  ] as const)
    if (read(name) !== null) throw usage(`expected --find-rate without ${flag}, got both`);
  const given = parseThresholds(text, '--find-rate');
  if (!given.some(({ measure }) => measure !== 'rate'))
    throw usage('expected a limit such as p99=500 after --find-rate, got a rate alone');
  const limits = [...given];
  for (const measure of ['errors', 'rejected'] as const)
    if (!given.some((limit) => limit.measure === measure)) limits.push({ measure, limit: 0.01 });
  const number = (name: string, flag: string): number | null => {
    const value = read(name);
    if (value === null) return null;
    if (!/^\d+(\.\d+)?$/.test(value) || Number(value) <= 0)
      throw usage(`expected one number above 0 after ${flag} beside --find-rate, got ${value}`);
    return Number(value);
  };
  const users = number('users', '--users');
  if (users !== null && !Number.isInteger(users)) throw usage(`expected whole users, got ${users}`);
  const probeSeconds = parseDuration(read('probe'), '--probe', 10);
  return { limits, users, firstRate: number('rate', '--rate'), probeSeconds, arrivals };
}

/** @throws USAGE */
function parseAddress(address: string): URL {
  let url: URL;
  try {
    url = new URL(address.includes('://') ? address : `http://${address}`);
  } catch {
    throw usage('expected an address such as http://127.0.0.1:8000, got something else');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw usage(`expected an http or https address, got ${url.protocol}`);
  if (url.username !== '' || url.password !== '')
    throw usage('expected no password in the address, got one; use --header');
  return url;
}

/** @throws USAGE */
function parseRoute(text: string): Route {
  if (!isRoute(text)) throw usage(`expected --route predict, news or a path such as /classify, got ${text}`);
  return text;
}

/** @throws USAGE; its message never holds the header's value */
function parseHeaders(texts: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const text of texts) {
    const match = /^([A-Za-z0-9-]+):[ \t]*([\x20-\x7e]+)$/.exec(text);
    if (match === null)
      throw usage('expected --header "name: value" in printable ASCII, got something else (not shown)');
    headers[match[1]!.toLowerCase()] = match[2]!;
  }
  return headers;
}

function parseDuration(text: string | null, flag: string, otherwise: number, least = 0.1): number {
  const seconds = text === null ? otherwise : parseSeconds(text);
  if (seconds === null || seconds < (text === null ? 0 : least) || seconds > 86_400)
    throw usage(`expected ${flag} to be a duration such as 30s or 2m, got ${text}`);
  return seconds;
}

/** `1s`, or `1s-5s`. */
function parseRange(text: string): { low: number; high: number } {
  const [low, high] = text.split('-').map((part) => parseSeconds(part));
  const ends = { low: low ?? null, high: text.includes('-') ? (high ?? null) : (low ?? null) };
  if (ends.low === null || ends.high === null || ends.high < ends.low)
    throw usage(`expected --think-time to be a duration such as 1s, or two as in 1s-5s, got ${text}`);
  return { low: ends.low, high: ends.high };
}

function usage(problem: string): Error {
  return appError('USAGE', {
    where: 'loadtest',
    problem,
    hint: 'For example: veracity loadtest http://127.0.0.1:8000 --rate 20 --duration 1m --threshold p99=500',
  });
}
