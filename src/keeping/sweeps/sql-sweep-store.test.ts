import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { builtModule } from '../../../test/conformance/place.ts';
import { describeSweepStore } from '../../../test/conformance/sweep-store.ts';
import { type PostgresServer, postgresPrograms, startPostgres } from '../../../test/fixtures/postgres.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import { type Database, openPostgres, openSqlite } from '../database/index.ts';
import { createSqlSweepStore } from './sql-sweep-store.ts';

/** Opens stores of one database, and closes them. */
function openStores(open: () => Database) {
  const opened: Database[] = [];
  return {
    open: () => {
      const database = open();
      opened.push(database);
      return createSqlSweepStore(database, systemClock);
    },
    close: () => Promise.all(opened.map((database) => database.close())),
  };
}

function writeScript(opening: string, body: string): string {
  return `
    import { createSqlSweepStore } from '${builtModule('keeping/sweeps/index.js')}';
    import { openPostgres, openSqlite } from '${builtModule('keeping/database/index.js')}';
    import { systemClock } from '${builtModule('foundation/core/index.js')}';
    const store = createSqlSweepStore(${opening}, systemClock);
    ${body}`;
}

describeSweepStore('a sweep store on SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veracity-sweeps-'));
  const path = join(folder, 'veracity.db');
  const stores = openStores(() => openSqlite(path));
  return {
    open: stores.open,
    script: (body) => writeScript(`openSqlite(${JSON.stringify(path)})`, body),
    remove: async () => {
      await stores.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});

describe.skipIf(postgresPrograms === null)('on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  describeSweepStore('a sweep store on PostgreSQL', async () => {
    const address = await server.createDatabase();
    const stores = openStores(() => openPostgres(address));
    return {
      open: stores.open,
      script: (body) => writeScript(`openPostgres(${JSON.stringify(address)})`, body),
      remove: () => void stores.close(),
    };
  });
});
