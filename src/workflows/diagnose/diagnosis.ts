// Checks whether this machine and this folder are ready for training and serving.
import { existsSync } from 'node:fs';
import type { WorkflowContext } from '../context/index.ts';
import type { Check } from './check.ts';
import { checkConfigurations } from './configuration-check.ts';
import { checkDatabase } from './database-check.ts';
import { checkDevices } from './devices-check.ts';
import { checkDisk, checkHome, checkMachine } from './machine-checks.ts';
import { checkModel } from './model-check.ts';
import { checkNode, checkPage, checkRuntime } from './software-checks.ts';
import { checkLeftovers, checkRecords } from './storage-checks.ts';
import { checkTracker } from './tracker-check.ts';

export interface Diagnosis {
  /** False if any check failed. */
  readonly isReady: boolean;
  readonly checks: readonly Check[];
}

/** Runs all checks; leaves no trace in the folder. */
export async function diagnose(context: WorkflowContext): Promise<Diagnosis> {
  const { home, stores, clock } = context;
  const homeCheck = checkHome(home);
  // Where the home cannot be a folder, nothing can be read either.
  const isReadable = homeCheck.status === 'ok' || existsSync(`${home.root}/.`);
  const tracker = await checkTracker();
  const database = isReadable ? await checkDatabase(stores.database) : null;
  const checks: readonly Check[] = [
    checkNode(),
    checkRuntime(),
    checkMachine(),
    homeCheck,
    checkDisk(home),
    checkConfigurations(context),
    checkPage(),
    ...(database !== null
      ? [
          await checkModel(context),
          database,
          await checkRecords(home, stores.registry, database.version === null ? null : stores.runs),
          checkLeftovers(home, Date.parse(clock.nowIso())),
        ]
      : []),
    ...(tracker === null ? [] : [tracker]),
    await checkDevices(),
  ];
  return { isReady: checks.every(({ status }) => status !== 'fail'), checks };
}
