// Checks the database of runs: whether it can be opened, is whole, and lies where SQLite is safe.
import { isAppError } from '../../foundation/core/index.ts';
import { type Database, inspectDatabase } from '../../keeping/database/index.ts';
import type { DatabaseCheck } from './check.ts';

export async function checkDatabase(database: Database): Promise<DatabaseCheck> {
  const { place } = database;
  try {
    const { version, freeBytes, damage, networkFileSystem } = await inspectDatabase(database);
    const found = { kind: 'database', place, version, freeBytes } as const;
    if (damage !== null) {
      const hint = 'Restore it from a backup; checkpoints and models in runs/ are not affected.';
      return { ...found, status: 'fail', problem: { message: `it is damaged: ${damage}`, hint } };
    }
    if (networkFileSystem !== null) {
      const hint = 'Move the home to a local disk, or set VERACITY_DB to a PostgreSQL database.';
      const message = `it lies on a network file system (${networkFileSystem}), where several machines can damage it`;
      return { ...found, status: 'warn', problem: { message, hint } };
    }
    return { ...found, status: 'ok', problem: null };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const { message, hint } = error;
    return {
      kind: 'database',
      status: 'fail',
      place,
      version: null,
      freeBytes: 0,
      problem: { message, hint },
    };
  }
}
