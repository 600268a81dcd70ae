// veracity doctor: what has to be right on this machine and in this folder before anything else can be.
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { type DeviceFinding, listDevices, probeDevice } from '../../engine/runtime/device/index.ts';
import { locateConfigs } from '../../foundation/config/index.ts';
import { isAppError, packageRoot } from '../../foundation/core/index.ts';
import { loadServeConfig, loadTrainConfig } from '../../workflows/configuration/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import type { Command } from './command.ts';

/** fail: nothing works until it is mended. warn: some things will not work. */
export interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do; empty when all is well. */
  readonly advice: string;
}

const MIN_FREE_BYTES = 2 * 1024 ** 3; // two compact models' checkpoints, token caches and a data set of ISOT's size
const MIN_NODE = [20, 19] as const;

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'check that this machine and this folder are ready',
  argumentsUsage: '',
  options: [],
  examples: ['veracity doctor', 'veracity doctor --json'],
  run: async (_input, context) => {
    const checks = [checkNode, checkRuntime, checkMachine, checkHome, checkDisk, checkConfigs, checkPage];
    const findings = [...checks.map((check) => check(context)), await checkDevices()];
    const failed = findings.some(({ status }) => status === 'fail');
    return {
      json: { ok: !failed, checks: findings },
      text: findings.map(formatFinding).join('\n'),
      exitCode: failed ? 2 : 0,
    };
  },
};

/** @param version  such as `20.19.1` */
export function checkNode(_context: unknown, version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  return finding(
    'Node.js',
    isNew ? 'ok' : 'fail',
    version,
    isNew ? '' : `Install Node.js ${MIN_NODE.join('.')} or newer.`,
  );
}

/** Only looks whether the package and its binary for this platform are there; loading it is the runtime's business. */
function checkRuntime(): Finding {
  const check = 'onnxruntime-node';
  const advice = 'Install again with `npm ci`; it needs nothing but the npm registry.';
  try {
    // The package's exports hide package.json, so it is found beside the entry file.
    const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
    const root = entry.slice(0, entry.lastIndexOf('onnxruntime-node') + 'onnxruntime-node'.length);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const platform = `${process.platform}/${process.arch}`;
    const binary = join(root, 'bin', 'napi-v6', process.platform, process.arch, 'onnxruntime_binding.node');
    if (existsSync(binary)) return finding(check, 'ok', `${version} for ${platform}`, '');
    return finding(check, 'fail', `${version}, without a binary for ${platform}`, advice);
  } catch (error) {
    return finding(
      check,
      'fail',
      `not installed (${error instanceof Error ? error.message.split('\n')[0] : 'unknown'})`,
      advice,
    );
  }
}

function checkMachine(): Finding {
  const gibibytes = totalmem() / 1024 ** 3;
  const found = `${cpus().length} cores, ${gibibytes.toFixed(1)} GiB of memory`;
  const isEnough = gibibytes >= 2;
  return finding(
    'machine',
    isEnough ? 'ok' : 'warn',
    found,
    isEnough ? '' : 'Training model=compact wants about 2 GiB; use model=linear.',
  );
}

/** Tries every accelerator that the runtime has code for; none of them working is no fault. */
async function checkDevices(): Promise<Finding> {
  try {
    const others = (await listDevices()).filter((device) => device !== 'cpu');
    const tried: DeviceFinding[] = [];
    for (const device of others) tried.push(await probeDevice(device)); // one by one: each takes the time
    const lines = tried.map(({ device, found }) => `${device}: ${found}`);
    const best = tried.find(({ works, isFaster }) => works && isFaster);
    const summary = `cpu${tried.map(({ works, device }) => (works ? `, ${device}` : '')).join('')}`;
    return finding(
      'devices',
      'ok',
      [summary, ...lines].join('\n        '),
      best === undefined ? '' : `device=${best.device} is faster here than device=cpu.`,
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0]! : 'unknown';
    return finding('devices', 'warn', `not known (${reason})`, 'See onnxruntime-node above.');
  }
}

function checkHome({ home }: WorkflowContext): Finding {
  const folder = nearestFolder(home.root);
  const probe = join(home.root, `.doctor-${randomBytes(4).toString('hex')}`);
  const existed = existsSync(home.root);
  try {
    accessSync(folder, constants.W_OK);
    mkdirSync(home.root, { recursive: true });
    writeFileSync(probe, '');
    rmSync(probe);
    if (!existed) rmdirSync(home.root);
    return finding('home', 'ok', `${home.root}${existed ? '' : ' (made when first used)'}`, '');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return finding(
      'home',
      'fail',
      `${home.root} cannot be written (${reason})`,
      'Choose another folder with VERACITY_HOME.',
    );
  }
}

function checkDisk({ home }: WorkflowContext): Finding {
  const { bavail, bsize } = statfsSync(nearestFolder(home.root));
  const freeBytes = bavail * bsize;
  const found = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free`;
  const isEnough = freeBytes >= MIN_FREE_BYTES;
  return finding(
    'disk',
    isEnough ? 'ok' : 'warn',
    found,
    isEnough ? '' : 'Free some space, or move the store with VERACITY_HOME.',
  );
}

function checkConfigs({ workingDirectory }: WorkflowContext): Finding {
  const folders = locateConfigs(workingDirectory).map((folder) => folder.shownAs);
  try {
    loadTrainConfig([], { workingDirectory });
    loadServeConfig([], { workingDirectory });
    return finding('configuration', 'ok', `train and serve, from ${folders.join(' and ')}`, '');
  } catch (error) {
    if (!isAppError(error)) throw error;
    const listed =
      error.issues.length > 1 ? error.issues.map((issue) => `\n        ${issue.message}`).join('') : '';
    return finding('configuration', 'fail', `${error.message}${listed}`, error.hint);
  }
}

function checkPage(): Finding {
  const isBuilt = existsSync(join(packageRoot, 'dist/web/index.html'));
  return finding(
    'web page',
    isBuilt ? 'ok' : 'warn',
    isBuilt ? 'built' : 'not built',
    isBuilt ? '' : 'In a checkout: npm run build. The API works without it.',
  );
}

function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path));
}

function finding(check: string, status: Finding['status'], found: string, advice: string): Finding {
  return { check, status, found, advice };
}

function formatFinding({ check, status, found, advice }: Finding): string {
  return `${status.padEnd(4)}  ${check.padEnd(16)}  ${found}${advice === '' ? '' : `\n      → ${advice}`}`;
}
