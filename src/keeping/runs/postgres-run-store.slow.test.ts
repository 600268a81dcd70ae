import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { builtModule } from '../../../test/conformance/place.ts';
import { describeRunStore } from '../../../test/conformance/run-store.ts';
import {
  type PostgresServer,
  postgresPrograms,
  queryOnce,
  startPostgres,
} from '../../../test/fixtures/postgres.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { runRecord } from '../../foundation/records/run.ts';
import { openPostgres } from '../database/postgres-database.ts';
import { createDatabaseRunStore } from './database-run-store.ts';

const { schemaVersion: _, id: __, createdAt: ___, ...newRun } = runRecord.example;
const imports = `
  import { createDatabaseRunStore } from '${builtModule('keeping/runs/index.js')}';
  import { openPostgres } from '${builtModule('keeping/database/index.js')}';
  import { systemClock } from '${builtModule('foundation/core/index.js')}';`;

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const database of open.splice(0)) await database.close();
});

describe.skipIf(postgresPrograms === null)('on PostgreSQL', () => {
  let server: PostgresServer;
  let address = '';
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server?.stop());
  beforeEach(async () => {
    address = await server.createDatabase();
  });

  describe('with the clock of the test', () => {
    describeRunStore('a run store in PostgreSQL', () => {
      const root = mkdtempSync(join(tmpdir(), 'veracity-runs-'));
      return {
        open: (clock) => {
          const database = openPostgres(address);
          open.push(database);
          return createDatabaseRunStore(database, locateHome(root), clock, { leaseClock: clock });
        },
        script: (body) => `${imports}
          const database = openPostgres(${JSON.stringify(address)});
          const home = { runs: ${JSON.stringify(join(root, 'runs'))} };
          const store = createDatabaseRunStore(database, home, systemClock);
          ${body}`,
        remove: () => rmSync(root, { recursive: true, force: true }),
      };
    });
  });

  it('measures leases by the clock of the server, whatever the clocks of the machines say', async () => {
    const root = mkdtempSync(join(tmpdir(), 'veracity-runs-'));
    const early = { nowIso: () => '2020-01-01T00:00:00.000Z', monotonicMs: () => 0 };
    const late = { nowIso: () => '2040-01-01T00:00:00.000Z', monotonicMs: () => 0 };
    const [one, two] = [openPostgres(address), openPostgres(address)];
    open.push(one, two);
    const store = createDatabaseRunStore(one, locateHome(root), late);
    const other = createDatabaseRunStore(two, locateHome(root), early);
    const { id } = await store.create(newRun, '');
    const writer = await store.claim(id);
    expect(await other.status(id)).toBe('running');
    await expect(other.claim(id)).rejects.toMatchObject({ code: 'RUN_ACTIVE' });
    await queryOnce(address, 'update veracity.runs set lease_expires_ms = lease_expires_ms - 40000');
    expect(await other.status(id)).toBe('interrupted');
    await (await other.claim(id)).release();
    await expect(writer.renew()).rejects.toMatchObject({ code: 'RUN_LEASE_LOST' });
    rmSync(root, { recursive: true, force: true });
  });
});
