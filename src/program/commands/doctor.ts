// veracity doctor: says whether this machine and this folder are ready, and what to do where they are not.
import { appError, EXIT_REFUSED } from '../../foundation/core/index.ts';
import {
  type Check,
  type CheckKind,
  type DoneCheck,
  diagnose,
  formatDeviceOutcome,
  isWorkingDevice,
  repair,
} from '../../workflows/diagnose/index.ts';
import type { Command } from './command.ts';
import { formatSize } from './removal-output.ts';

/** One check in words. */
export interface Finding {
  readonly check: string;
  readonly status: Check['status'];
  readonly found: string;
  /** What to do; empty when all is well. */
  readonly advice: string;
}

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'check this machine and this folder: what is wrong first, and the command that mends it',
  argumentsUsage: '[overrides...]',
  options: [
    {
      flags: '--fix',
      description:
        'mend what is safe, and say it before: trials held by dead workers, half-written files; deletes nothing that a person made',
    },
    {
      flags: '--server <url>',
      description: 'a server that must answer (default: one at the configured port)',
    },
  ],
  examples: [
    'veracity doctor',
    'veracity doctor --fix',
    'veracity doctor data=file data.path=data/articles.csv serve.port=9000',
    'veracity doctor --server http://10.0.0.7:8000 --json',
  ],
  run: async ({ args, options }, context) => {
    const { server = null } = options;
    if (typeof server === 'string' && !URL.canParse(server))
      throw appError('USAGE', {
        where: '--server',
        problem: `expected an address, got ${server}`,
        hint: 'For example --server http://127.0.0.1:8000.',
      });
    const request = { overrides: args, server: typeof server === 'string' ? server : null };
    let diagnosis = await diagnose(context, request);
    const repairs = options.fix === true ? await repair(diagnosis, context) : [];
    if (repairs.length > 0) diagnosis = await diagnose(context, request);
    const { isReady, checks } = diagnosis;
    const findings = checks.map(buildFinding);
    const fixed = repairs.map(({ kind, done }) => ({ check: CHECK_NAMES[kind], done }));
    return {
      json: { ok: isReady, checks: findings, ...(options.fix === true ? { fixed } : {}) },
      text: formatFindings(findings, fixed),
      exitCode: isReady ? 0 : EXIT_REFUSED,
    };
  },
};

const CHECK_NAMES: Readonly<Record<CheckKind, string>> = {
  node: 'Node.js',
  runtime: 'onnxruntime-node',
  machine: 'machine',
  home: 'home',
  disk: 'disk',
  database: 'database',
  records: 'records',
  leases: 'leases',
  leftovers: 'half-written',
  configuration: 'configuration',
  data: 'data',
  tokenizer: 'tokenizer',
  dataset: 'dataset version',
  cache: 'cache',
  remote: 'remote',
  'remote-clock': 'remote clock',
  'remote-rights': 'remote rights',
  exporters: 'exporters',
  model: 'model',
  port: 'port',
  server: 'server',
  metrics: 'metrics',
  page: 'web page',
  devices: 'devices',
};

function buildFinding(check: Check): Finding {
  const name = CHECK_NAMES[check.kind];
  if (check.status === 'skip' && 'cause' in check)
    return { check: name, status: 'skip', found: `needs ${CHECK_NAMES[check.cause]}`, advice: '' };
  if ('broken' in check)
    return { check: name, status: check.status, found: check.broken.message, advice: check.broken.hint };
  const { found, advice } = formatCheck(check as DoneCheck);
  return { check: name, status: check.status, found, advice };
}

interface CheckText {
  readonly found: string;
  readonly advice: string;
}

function formatCheck(check: DoneCheck): CheckText {
  const ifBad = (advice: string): string => (check.status === 'ok' ? '' : advice);
  switch (check.kind) {
    case 'node':
      return {
        found: check.version,
        advice: ifBad(`Install Node.js ${check.wanted} or newer.`),
      };
    case 'runtime':
      return {
        found: formatRuntime(check),
        advice: ifBad('Install again with `npm ci`; it needs nothing but the npm registry.'),
      };
    case 'machine':
      return {
        found: `${check.cores} cores, ${formatGibibytes(check.memoryBytes)} of memory`,
        advice: ifBad('Training model=compact wants about 2 GiB; use model=linear.'),
      };
    case 'home':
      return {
        found: `${check.path}${formatHomeState(check)}`,
        advice: ifBad(
          check.problem === 'the disk is full'
            ? `Free some space: df -h ${check.path}; or set VERACITY_HOME to a folder on another disk.`
            : 'Choose another folder with VERACITY_HOME.',
        ),
      };
    case 'disk':
      return {
        found: `${formatSize(check.freeBytes)} free`,
        advice: ifBad('Free some space, or set VERACITY_HOME to a folder on another disk.'),
      };
    case 'configuration':
      return formatConfiguration(check);
    case 'model':
      return {
        found:
          check.problem?.message ??
          (check.reference === null
            ? 'none yet'
            : `${check.reference} is the default; its files are as they were registered`),
        advice: check.problem?.hint ?? '',
      };
    case 'page':
      return {
        found: check.isBuilt ? 'built' : 'not built',
        advice: ifBad('In a checkout: npm run build. The API works without it.'),
      };
    case 'database':
      return formatDatabase(check);
    case 'records':
      return formatRecords(check);
    case 'leftovers':
      return formatLeftovers(check);
    case 'devices':
      return formatDevices(check);
    default:
      return { found: check.found, advice: check.advice };
  }
}

type CheckOf<K extends DoneCheck['kind']> = Extract<DoneCheck, { kind: K }>;

function formatRuntime(check: CheckOf<'runtime'>): string {
  if (check.status === 'ok') return `${check.version} for ${check.platform}`;
  if (check.problem === 'no-binary') return `${check.version}, without a binary for ${check.platform}`;
  return `${check.problem === 'not-installed' ? 'not installed' : 'its native library cannot be loaded'} (${check.reason})`;
}

function formatHomeState({ problem, exists }: CheckOf<'home'>): string {
  if (problem !== null) return ` cannot be written (${problem})`;
  return exists ? '' : ' (made when first used)';
}

function formatConfiguration(check: CheckOf<'configuration'>): CheckText {
  if (check.status === 'ok') {
    const own = check.ownFiles.map(
      ({ file, replaces }) => `\n        ${file}${replaces === null ? '' : ` replaces ${replaces}`}`,
    );
    return { found: `train and serve, from ${check.folders.join(' and ')}${own.join('')}`, advice: '' };
  }
  const { message, hint, issues } = check;
  const listed = issues.length > 1 ? issues.map((issue) => `\n        ${issue.message}`).join('') : '';
  return { found: `${message}${listed}`, advice: hint };
}

function formatDatabase(check: CheckOf<'database'>): CheckText {
  const { place, version, freeBytes, problem } = check;
  if (problem !== null) return { found: `${place}: ${problem.message}`, advice: problem.hint };
  if (version === null) return { found: `${place} (made when first used)`, advice: '' };
  const free = freeBytes === 0 ? '' : `, ${formatSize(freeBytes)} of it free`;
  return { found: `${place}, version ${version}${free}`, advice: '' };
}

function formatRecords({ read, count, unreadable }: CheckOf<'records'>): CheckText {
  if (count === 0) return { found: `${read} read`, advice: '' };
  const lines = unreadable.map(({ message }) => `\n        ${message}`).join('');
  const more = count > unreadable.length ? `\n        and ${count - unreadable.length} more` : '';
  return {
    found: `${count} of ${read} cannot be read:${lines}${more}`,
    advice: 'Each stops only its own use. Restore these files, or delete the run, version or line.',
  };
}

function formatLeftovers({ count, sizeBytes, groups }: CheckOf<'leftovers'>): CheckText {
  if (count === 0) return { found: 'nothing', advice: '' };
  const commands = groups.map((group) => `veracity ${group} gc --yes`).join(', ');
  return {
    found: `${count} left by stopped processes, ${formatSize(sizeBytes)}`,
    advice: `Remove them with: ${commands}`,
  };
}

function formatDevices(check: CheckOf<'devices'>): CheckText {
  if (check.status === 'warn')
    return { found: `not known (${check.reason})`, advice: 'See onnxruntime-node above.' };
  const working = check.tried.filter(isWorkingDevice);
  const summary = ['cpu', ...working.map(({ device }) => device)].join(', ');
  const lines = check.tried.map((finding) => `${finding.device}: ${formatDeviceOutcome(finding)}`);
  const faster = working.find(({ code }) => code === 'FASTER');
  return {
    found: [summary, ...lines].join('\n        '),
    advice: faster === undefined ? '' : `device=${faster.device} is faster here than device=cpu.`,
  };
}

function formatGibibytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}

const STATUS_WORDS: Readonly<Record<Check['status'], string>> = {
  ok: 'ok',
  warn: 'warning',
  fail: 'FAILED',
  skip: 'skipped',
};
/** Codes of a terminal's colours. */
const COLOURS: Readonly<Record<Check['status'], number>> = { ok: 32, warn: 33, fail: 31, skip: 90 };
const STATUS_WIDTH = 7;

function formatFindings(
  findings: readonly Finding[],
  fixed: readonly { readonly check: string; readonly done: string }[],
): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map((finding) => formatFinding(finding, width));
  const repairs = fixed.map(({ check, done }) => `fixed ${check}: ${done}`);
  return [...lines, '', ...repairs, summarize(findings)].join('\n');
}

function formatFinding({ check, status, found, advice }: Finding, width: number): string {
  const word = paint(STATUS_WORDS[status].padEnd(STATUS_WIDTH), COLOURS[status]);
  const indent = ' '.repeat(STATUS_WIDTH + 2);
  return `${word}  ${check.padEnd(width)}  ${found}${advice === '' ? '' : `\n${indent}→ ${advice}`}`;
}

/** What an operator does next. */
function summarize(findings: readonly Finding[]): string {
  const failed = findings.filter(({ status }) => status === 'fail');
  const warned = findings.filter(({ status }) => status === 'warn');
  const [first] = failed;
  const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
  if (first === undefined)
    return warned.length === 0 ? 'ready' : `ready, with ${count(warned.length, 'warning')}`;
  return `NOT READY: ${count(failed.length, 'check')} failed. Mend this first: ${first.check}\n  → ${first.advice}`;
}

/** Colours only where a person looks at a terminal. */
function paint(text: string, colour: number): string {
  const isPlain = process.stdout.isTTY !== true || (process.env.NO_COLOR ?? '') !== '';
  return isPlain ? text : `\u001b[${colour}m${text}\u001b[0m`;
}
