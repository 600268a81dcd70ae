// Checks whether this machine and this folder are ready for training and serving: in the order in which the checks depend on each
// other, so that the first one that fails is the cause. What needs a failed check is left out.
import { existsSync, rmSync } from 'node:fs';
import { listDevices } from '../../engine/runtime/device/index.ts';
import { asSystemError, isAppError } from '../../foundation/core/index.ts';
import { openRemote } from '../../keeping/remotes/index.ts';
import {
  loadServeConfig,
  loadTrainConfig,
  type ServeConfig,
  type TrainConfig,
} from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import type { BrokenCheck, Check, CheckKind, DoneCheck } from './check.ts';
import { checkConfigurations, splitOverrides } from './configuration-check.ts';
import { findConfiguredRemote } from './configured-remote.ts';
import { checkCache, checkNewestDataset, checkRawFiles } from './data-checks.ts';
import { checkDatabase } from './database-check.ts';
import { checkDevices } from './devices-check.ts';
import { checkDisk, checkHome, checkMachine } from './machine-checks.ts';
import { checkModel } from './model-check.ts';
import { checkRemote } from './remote-checks.ts';
import { checkService } from './service-checks.ts';
import { checkNode, checkPage, checkRuntime } from './software-checks.ts';
import { checkLeftovers, checkRecords, findAllLeftovers } from './storage-checks.ts';
import { type ToldCheck, tellError } from './told-check.ts';
import { checkExporters, checkLeases, checkTokenizer, freeLeases } from './training-checks.ts';

export interface Diagnosis {
  /** False if any check failed. */
  readonly isReady: boolean;
  readonly checks: readonly Check[];
}

export interface DiagnosisRequest {
  /** Settings of training and serving, as their commands take them. */
  readonly overrides?: readonly string[];
  /** Address of a server that must answer; null: the one at the configured port, if any runs. */
  readonly server?: string | null;
}

/** One step: its checks, and those that must not have failed before. */
interface Step {
  readonly kinds: readonly [CheckKind, ...CheckKind[]];
  readonly needs: readonly CheckKind[];
  readonly run: () => Promise<readonly DoneCheck[]>;
}

/** Runs all checks; leaves no trace in the folder. */
export async function diagnose(
  context: WorkflowContext,
  { overrides = [], server = null }: DiagnosisRequest = {},
): Promise<Diagnosis> {
  const checks: Check[] = [];
  for (const step of listSteps(context, overrides, server)) {
    const { kinds, needs } = step;
    context.signal.throwIfAborted();
    const cause = needs.map((kind) => findCause(checks, kind)).find((found) => found !== null);
    if (cause !== undefined) for (const kind of kinds) checks.push({ kind, status: 'skip', cause });
    else checks.push(...(await runStep(step, context.signal)));
  }
  return { isReady: checks.every(({ status }) => status !== 'fail'), checks };
}

/** A check that throws is a failed line of its own, and the others go on. */
async function runStep({ kinds, run }: Step, signal: AbortSignal): Promise<readonly Check[]> {
  try {
    return await run();
  } catch (error) {
    signal.throwIfAborted();
    const [first, ...rest] = kinds;
    return [
      { kind: first, status: 'fail', broken: describeThrown(error) },
      ...rest.map((kind): Check => ({ kind, status: 'skip', cause: first })),
    ];
  }
}

function describeThrown(error: unknown): BrokenCheck['broken'] {
  const { path } = error as NodeJS.ErrnoException;
  const known = path === undefined ? error : asSystemError(error, path, 'read');
  if (isAppError(known) && known.code === 'SYSTEM_REFUSED') {
    const at = String(known.details.path);
    return { message: known.message, hint: `See what lies there, and put it right: ls -ld '${at}'` };
  }
  if (isAppError(known)) return { message: known.message, hint: known.hint };
  const message = known instanceof Error ? known.message : String(known);
  return { message: `this check broke: ${message}`, hint: 'This is a bug of Veracity: please report it.' };
}

/** The check because of which one of this kind is missing or failed; null: it is there. */
function findCause(checks: readonly Check[], kind: CheckKind): CheckKind | null {
  const found = checks.find((check) => check.kind === kind);
  if (found?.status === 'fail') return kind;
  return found?.status === 'skip' && 'cause' in found ? found.cause : null;
}

function listSteps(
  context: WorkflowContext,
  overrides: readonly string[],
  server: string | null,
): readonly Step[] {
  const { home, stores } = context;
  const { training, serving, remote } = splitOverrides(overrides);
  const train = (): TrainConfig => loadTrainConfig(training, context).config;
  const serve = (): ServeConfig => loadServeConfig(serving, context).config;
  let hasDatabase = false;
  const one = (
    kind: CheckKind,
    needs: readonly CheckKind[],
    check: () => DoneCheck | Promise<DoneCheck>,
  ): Step => ({ kinds: [kind], needs, run: async () => [await check()] });
  return [
    one('node', [], () => checkNode()),
    one('runtime', ['node'], () => checkRuntime(async () => void (await listDevices()))),
    one('machine', [], () => checkMachine()),
    one('home', [], () => checkHome(home)),
    one('disk', ['home'], () => checkDisk(home)),
    one('database', ['home', 'disk'], async () => {
      const found = await checkDatabase(stores.database);
      hasDatabase = found.version !== null;
      return found;
    }),
    one('records', ['home'], () => checkRecords(home, stores.registry, hasDatabase ? stores.runs : null)),
    one('leases', ['database'], () =>
      hasDatabase ? checkLeases(context) : { kind: 'leases', status: 'ok', found: 'none', advice: '' },
    ),
    one('leftovers', ['home'], () => checkLeftovers(context)),
    one('configuration', [], () => checkConfigurations(context, training, serving)),
    one('data', ['configuration', 'home'], () => checkRawFiles(train(), context)),
    one('tokenizer', ['configuration'], () => checkTokenizer(train(), context)),
    one('dataset', ['home'], () => checkNewestDataset(context)),
    one('cache', ['home'], () => checkCache(context)),
    {
      ...{ kinds: ['remote', 'remote-rights'], needs: [] },
      run: () => checkConfiguredRemote(remote, context),
    },
    one('exporters', ['configuration'], () => checkExporters(train(), context)),
    one('model', ['home'], () => checkModel(context)),
    {
      ...{ kinds: ['port', 'server', 'metrics'], needs: ['configuration'] },
      run: async () => {
        const { port, server: answering, metrics } = await checkService(serve(), server);
        return [port, answering, metrics];
      },
    },
    one('page', [], () => checkPage()),
    one('devices', ['runtime'], () => checkDevices()),
  ];
}

async function checkConfiguredRemote(
  overrides: readonly string[],
  context: WorkflowContext,
): Promise<ToldCheck[]> {
  try {
    const settings = findConfiguredRemote(overrides, context);
    return await checkRemote(settings === null ? null : () => openRemote(settings));
  } catch (error) {
    return [tellError('remote', error)]; // its configuration cannot be read
  }
}

/** What `--fix` did about a check. */
export interface Repair {
  readonly kind: CheckKind;
  readonly done: string;
}

/**
 * Mends what is safe: frees what dead processes hold, and removes what killed processes left half-written. Says each before it
 * does it. Never deletes what a person made.
 */
export async function repair(diagnosis: Diagnosis, context: WorkflowContext): Promise<Repair[]> {
  const repairs: Repair[] = [];
  const isNoted = (kind: CheckKind): boolean =>
    diagnosis.checks.some((check) => check.kind === kind && check.status === 'warn');
  if (isNoted('leases') && (await context.stores.sweeps.findLostTrials()).length > 0) {
    context.say('fix: freeing the trials of workers that are dead or silent');
    repairs.push({ kind: 'leases', done: await freeLeases(context) });
  }
  if (isNoted('leftovers')) {
    const { runs, models, data } = findAllLeftovers(context);
    const leftovers = [...runs, ...models, ...data].filter(({ path }) => existsSync(path));
    context.say(`fix: removing ${leftovers.length} half-written files and folders of stopped processes`);
    for (const { path } of leftovers) rmSync(path, { recursive: true, force: true });
    repairs.push({ kind: 'leftovers', done: `${leftovers.length} removed` });
  }
  return repairs;
}
