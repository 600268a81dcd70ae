import { afterAll, beforeAll, describe } from 'vitest';
import { describeSweepStore } from '../../../test/conformance/sweep-store.ts';
import { type PostgresServer, postgresPrograms, startPostgres } from '../../../test/fixtures/postgres.ts';
import { openSweepStores, writeSweepScript } from '../../../test/fixtures/sweep-stores.ts';
import { openPostgres } from '../database/index.ts';

describe.skipIf(postgresPrograms === null)('on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  describeSweepStore('a sweep store on PostgreSQL', async () => {
    const address = await server.createDatabase();
    const stores = openSweepStores(() => openPostgres(address));
    return {
      open: stores.open,
      script: (body) => writeSweepScript(`openPostgres(${JSON.stringify(address)})`, body),
      remove: () => void stores.close(),
    };
  });
});
