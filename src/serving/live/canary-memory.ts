// Remembers the canaries that were withdrawn, in a small file of the home: a restarted server does not try them on
// clients again. An entry counts until its model's stages change, or until `veracity models retry` removes it. An entry
// that cannot be written is kept in memory.
import { existsSync } from 'node:fs';
import { type Logger, silentLogger } from '../../foundation/core/index.ts';
import {
  loadRecord,
  type ReturnedCanary,
  returnedCanariesRecord,
  saveRecord,
} from '../../foundation/records/index.ts';
import { buildFailureFacts } from './failure-facts.ts';

export interface CanaryMemory {
  /** @param changes  promotions and rollbacks of its model so far; an entry with another number no longer counts */
  find(version: string, changes: number): ReturnedCanary | null;
  keep(returned: ReturnedCanary): void;
}

/** The newest entries are kept. */
const MAX_KEPT = 32;

export function openCanaryMemory(path: string, logger: Logger = silentLogger): CanaryMemory {
  const unwritten = new Map<string, ReturnedCanary>();
  let warned = '';
  const warn = (error: unknown, message: string): void => {
    const failure = buildFailureFacts(error);
    if (failure.problem !== warned) logger.error(failure, message);
    warned = failure.problem;
  };
  const load = (): readonly ReturnedCanary[] => {
    try {
      return loadReturnedCanaries(path);
    } catch (error) {
      warn(error, 'the list of withdrawn canaries could not be read');
      return [];
    }
  };
  return {
    find: (version, changes) => {
      const found = unwritten.get(version) ?? load().find((one) => one.version === version);
      return found?.changes === changes ? found : null;
    },
    keep: (returned) => {
      const others = load().filter(({ version }) => version !== returned.version);
      unwritten.delete(returned.version);
      try {
        saveReturnedCanaries(path, [...others, returned].slice(-MAX_KEPT));
      } catch (error) {
        unwritten.set(returned.version, returned);
        warn(error, 'a withdrawn canary could not be saved: a restart will forget it');
      }
    },
  };
}

/** For servers without a home: entries last as long as the process. */
export function createCanaryMemory(): CanaryMemory {
  const kept = new Map<string, ReturnedCanary>();
  return {
    find: (version, changes) => {
      const found = kept.get(version);
      return found?.changes === changes ? found : null;
    },
    keep: (returned) => kept.set(returned.version, returned),
  };
}

/** @returns oldest first; none where there is no file @throws RECORD_INVALID */
export function loadReturnedCanaries(path: string): readonly ReturnedCanary[] {
  return existsSync(path) ? loadRecord(returnedCanariesRecord, path).returned : [];
}

/** @throws DISK_FULL, and other errors of writing */
export function saveReturnedCanaries(path: string, returned: readonly ReturnedCanary[]): void {
  saveRecord(returnedCanariesRecord, path, { schemaVersion: 1, returned: [...returned] });
}
