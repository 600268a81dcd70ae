// veracity doctor: says whether this machine and this folder are ready, and what to do where they are not.
import { EXIT_REFUSED } from '../../foundation/core/index.ts';
import {
  type Check,
  diagnose,
  formatDeviceOutcome,
  isWorkingDevice,
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
  summary: 'check that this machine and this folder are ready',
  argumentsUsage: '',
  options: [],
  examples: ['veracity doctor', 'veracity doctor --json'],
  run: async (_input, context) => {
    const { isReady, checks } = await diagnose(context);
    const findings = checks.map(buildFinding);
    return {
      json: { ok: isReady, checks: findings },
      text: findings.map(formatFinding).join('\n'),
      exitCode: isReady ? 0 : EXIT_REFUSED,
    };
  },
};

function buildFinding(check: Check): Finding {
  const { name, found, advice } = formatCheck(check);
  return { check: name, status: check.status, found, advice };
}

interface CheckText {
  readonly name: string;
  readonly found: string;
  readonly advice: string;
}

function formatCheck(check: Check): CheckText {
  const ifBad = (advice: string): string => (check.status === 'ok' ? '' : advice);
  switch (check.kind) {
    case 'node':
      return {
        name: 'Node.js',
        found: check.version,
        advice: ifBad(`Install Node.js ${check.wanted} or newer.`),
      };
    case 'runtime':
      return {
        name: 'onnxruntime-node',
        found: formatRuntime(check),
        advice: ifBad('Install again with `npm ci`; it needs nothing but the npm registry.'),
      };
    case 'machine':
      return {
        name: 'machine',
        found: `${check.cores} cores, ${formatGibibytes(check.memoryBytes)} of memory`,
        advice: ifBad('Training model=compact wants about 2 GiB; use model=linear.'),
      };
    case 'home':
      return {
        name: 'home',
        found: `${check.path}${formatHomeState(check)}`,
        advice: ifBad('Choose another folder with VERACITY_HOME.'),
      };
    case 'disk':
      return {
        name: 'disk',
        found: `${formatGibibytes(check.freeBytes)} free`,
        advice: ifBad('Free some space, or move the store with VERACITY_HOME.'),
      };
    case 'configuration':
      return { name: 'configuration', ...formatConfiguration(check) };
    case 'model':
      return {
        name: 'model',
        found:
          check.problem?.message ??
          (check.reference === null ? 'none yet' : `${check.reference} is the default`),
        advice: check.problem?.hint ?? '',
      };
    case 'page':
      return {
        name: 'web page',
        found: check.isBuilt ? 'built' : 'not built',
        advice: ifBad('In a checkout: npm run build. The API works without it.'),
      };
    case 'database':
      return { name: 'database', ...formatDatabase(check) };
    case 'records':
      return { name: 'records', ...formatRecords(check) };
    case 'leftovers':
      return { name: 'half-written', ...formatLeftovers(check) };
    case 'tracker':
      return {
        name: 'MLflow',
        found: check.problem?.message ?? `${check.url} takes runs`,
        advice: check.problem?.hint ?? '',
      };
    case 'devices':
      return { name: 'devices', ...formatDevices(check) };
  }
}

type CheckOf<K extends Check['kind']> = Extract<Check, { kind: K }>;

function formatRuntime(check: CheckOf<'runtime'>): string {
  if (check.status === 'ok') return `${check.version} for ${check.platform}`;
  return check.problem === 'no-binary'
    ? `${check.version}, without a binary for ${check.platform}`
    : `not installed (${check.reason})`;
}

function formatHomeState({ problem, exists }: CheckOf<'home'>): string {
  if (problem !== null) return ` cannot be written (${problem})`;
  return exists ? '' : ' (made when first used)';
}

function formatConfiguration(check: CheckOf<'configuration'>): Omit<CheckText, 'name'> {
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

function formatDatabase(check: CheckOf<'database'>): Omit<CheckText, 'name'> {
  const { place, version, freeBytes, problem } = check;
  if (problem !== null) return { found: `${place}: ${problem.message}`, advice: problem.hint };
  if (version === null) return { found: `${place} (made when first used)`, advice: '' };
  const free = freeBytes === 0 ? '' : `, ${formatSize(freeBytes)} of it free`;
  return { found: `${place}, version ${version}${free}`, advice: '' };
}

function formatRecords({ read, count, unreadable }: CheckOf<'records'>): Omit<CheckText, 'name'> {
  if (count === 0) return { found: `${read} read`, advice: '' };
  const lines = unreadable.map(({ message }) => `\n        ${message}`).join('');
  const more = count > unreadable.length ? `\n        and ${count - unreadable.length} more` : '';
  return {
    found: `${count} of ${read} cannot be read:${lines}${more}`,
    advice: 'Each stops only its own use. Restore these files, or delete the run, version or line.',
  };
}

function formatLeftovers({ count, sizeBytes, groups }: CheckOf<'leftovers'>): Omit<CheckText, 'name'> {
  if (count === 0) return { found: 'nothing', advice: '' };
  const commands = groups.map((group) => `veracity ${group} gc --yes`).join(', ');
  return {
    found: `${count} left by stopped processes, ${formatSize(sizeBytes)}`,
    advice: `Remove them with: ${commands}`,
  };
}

function formatDevices(check: CheckOf<'devices'>): Omit<CheckText, 'name'> {
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

function formatFinding({ check, status, found, advice }: Finding): string {
  return `${status.padEnd(4)}  ${check.padEnd(16)}  ${found}${advice === '' ? '' : `\n      → ${advice}`}`;
}
