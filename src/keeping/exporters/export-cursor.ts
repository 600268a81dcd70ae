// The cursors of a run's exports: one file per destination in the folder `exports` of the run. A lock file beside it keeps
// two processes from exporting to one destination at the same time.
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  appError,
  asDiskError,
  canonicalJson,
  errorCodeOf,
  hashSha256,
  isAppError,
  isProcessAlive,
  listFolder,
  makeFolder,
} from '../../foundation/core/index.ts';
import {
  type ExportDestination,
  loadRecord,
  type RunExport,
  runExportRecord,
  saveRecord,
} from '../../foundation/records/index.ts';

export interface ExportCursor {
  /** Null before the first export. @throws RECORD_INVALID, RECORD_VERSION */
  load(): RunExport | null;
  /** @throws DISK_FULL, SYSTEM_REFUSED */
  save(record: RunExport): void;
  /** @throws RUN_EXPORT_ACTIVE while another process exports the run there */
  lock(runId: string): void;
  unlock(): void;
}

export function openExportCursor(runFolder: string, destination: ExportDestination): ExportCursor {
  const folder = join(runFolder, 'exports');
  const name = `${destination.to}-${hashSha256(canonicalJson(destination)).slice(0, 8)}`;
  const path = join(folder, `${name}.json`);
  const lockPath = join(folder, `${name}.lock`);
  return {
    load: () => loadIfThere(path),
    save: (record) => saveRecord(runExportRecord, path, record),
    lock: (runId) => {
      makeFolder(folder);
      for (let attempt = 0; attempt < 2; attempt++) {
        try {
          writeFileSync(lockPath, `${process.pid}\n`, { flag: 'wx' });
          return;
        } catch (error) {
          if (errorCodeOf(error) !== 'EEXIST') throw asDiskError(error, lockPath);
        }
        const holder = readHolder(lockPath);
        if (holder !== null && isProcessAlive(holder.process, holder.sinceIso))
          throw appError('RUN_EXPORT_ACTIVE', { run: runId, to: destination.to, process: holder.process });
        rmSync(lockPath, { force: true }); // its process was killed
      }
    },
    unlock: () => rmSync(lockPath, { force: true }),
  };
}

/** The exports of a run, by destination; one whose file is damaged is left out. */
export function listRunExports(runFolder: string): RunExport[] {
  const folder = join(runFolder, 'exports');
  return listFolder(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      try {
        return [loadRecord(runExportRecord, join(folder, name))];
      } catch (error) {
        if (isAppError(error)) return [];
        throw error;
      }
    });
}

function loadIfThere(path: string): RunExport | null {
  try {
    return loadRecord(runExportRecord, path);
  } catch (error) {
    if (isAppError(error) && error.code === 'FILE_NOT_FOUND') return null;
    throw error;
  }
}

function readHolder(path: string): { readonly process: number; readonly sinceIso: string } | null {
  try {
    return { process: Number(readFileSync(path, 'utf8')), sinceIso: statSync(path).mtime.toISOString() };
  } catch {
    return null; // released meanwhile
  }
}
