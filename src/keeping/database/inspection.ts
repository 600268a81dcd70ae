// Looks at a database without changing it, for `doctor`: whether it is whole, its version, and where it lies.
import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { sql } from 'kysely';
import type { Database } from './database.ts';
import { listMigrations } from './migrations.ts';

export interface DatabaseInspection {
  /** Version of its tables; null: there is no database yet. */
  readonly version: number | null;
  /** What SQLite finds wrong; null: nothing. PostgreSQL checks itself. */
  readonly damage: string | null;
  /** Space in the file that is free for new rows; 0 on PostgreSQL. */
  readonly freeBytes: number;
  /** Kind of the network file system that a SQLite file lies on, where several machines spoil it; null: none that is known. */
  readonly networkFileSystem: string | null;
}

/** Numbers of Linux, statfs(2). */
const NETWORK: Readonly<Record<number, string>> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'CIFS',
  4266872130: 'SMB',
  16914839: '9P',
  12805120: 'Ceph',
};

/** @throws DATABASE_* */
export async function inspectDatabase(database: Database): Promise<DatabaseInspection> {
  if (database.kind === 'postgres') {
    await database.connect();
    return {
      version: listMigrations('postgres').length,
      damage: null,
      freeBytes: 0,
      networkFileSystem: null,
    };
  }
  const networkFileSystem = findNetworkFileSystem(dirname(database.place));
  if (!existsSync(database.place)) return { version: null, damage: null, freeBytes: 0, networkFileSystem };
  const db = await database.connect();
  const read = async (pragma: string): Promise<unknown> =>
    Object.values(
      (await sql<Record<string, unknown>>`${sql.raw(`pragma ${pragma}`)}`.execute(db)).rows[0] ?? {},
    )[0];
  const found = String(await read('quick_check(1)'));
  return {
    version: Number(await read('user_version')),
    damage: found === 'ok' ? null : found,
    freeBytes: Number(await read('freelist_count')) * Number(await read('page_size')),
    networkFileSystem,
  };
}

function findNetworkFileSystem(folder: string): string | null {
  try {
    return NETWORK[statfsSync(folder).type] ?? null;
  } catch {
    return null; // no such folder yet
  }
}
