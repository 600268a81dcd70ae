import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  EARLIER_POINTS,
  EARLIER_RUN,
  writeEarlierDatabase,
} from '../../../test/fixtures/earlier-database.ts';
import {
  type PostgresServer,
  postgresPrograms,
  queryOnce,
  startPostgres,
} from '../../../test/fixtures/postgres.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import { locateHome } from '../../foundation/records/home.ts';
import type { Database } from '../database/database.ts';
import { listMigrations } from '../database/migrations.ts';
import { openPostgres } from '../database/postgres-database.ts';
import { openSqlite } from '../database/sqlite-database.ts';
import { loadSqlite } from '../database/sqlite-library.ts';
import { createDatabaseRunStore } from './database-run-store.ts';

const EARLIER = listMigrations('sqlite')
  .slice(0, -1)
  .map(({ version }) => version);

describe('a database that an earlier version wrote', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'veracity-earlier-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  async function expectRun(database: Database): Promise<void> {
    const store = createDatabaseRunStore(database, locateHome(root), systemClock);
    const { id } = EARLIER_RUN;
    expect((await store.list()).runs).toMatchObject([{ id, note: 'a note', tags: ['kept'] }]);
    expect(await store.load(id)).toEqual(EARLIER_RUN);
    expect(await store.loadPoints(id, 'train_loss')).toEqual(EARLIER_POINTS);
    const { total, points } = await store.loadCurve(id, 'train_loss', { axis: 'step', maxPoints: 10 });
    expect(total).toBe(EARLIER_POINTS.length);
    expect(points).toContainEqual(EARLIER_POINTS[3000]);
    const writer = await store.claim(id);
    writer.record({ step: 6001, epoch: 7, articles: 1, values: { train_loss: 0.5 } });
    await writer.flush();
    await writer.release();
    expect(await store.listMetrics(id)).toMatchObject([{ count: 6001, min: -7, minStep: 3001, last: 0.5 }]);
    expect(await store.loadPoints(id, 'train_loss')).toHaveLength(6001);
    await database.close();
  }

  it.each(EARLIER)('keeps its runs in SQLite, version %i', async (version) => {
    const { database: path } = locateHome(root);
    mkdirSync(root, { recursive: true });
    const file = new (loadSqlite().DatabaseSync)(path);
    for (const statement of writeEarlierDatabase('sqlite', version)) file.exec(statement);
    file.exec(`pragma user_version = ${version}; pragma application_id = ${0x56_45_52_41}`);
    file.close();
    await expectRun(openSqlite(path));
  });

  describe.skipIf(postgresPrograms === null)('on PostgreSQL', () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres();
    }, 60_000);
    afterAll(() => server?.stop());

    it.each(EARLIER)('keeps its runs in PostgreSQL, version %i', async (version) => {
      const address = await server.createDatabase();
      const statements = [
        'create schema veracity',
        'set search_path to veracity',
        'create table schema_version (version integer not null)',
        `insert into schema_version values (${version})`,
        ...writeEarlierDatabase('postgres', version),
      ];
      await queryOnce(address, statements.join(';\n'));
      await expectRun(openPostgres(address));
    });
  });
});
