import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtModule, runElsewhere } from '../../../test/conformance/place.ts';
import {
  type PostgresServer,
  postgresPrograms,
  queryOnce,
  startPostgres,
} from '../../../test/fixtures/postgres.ts';
import { openPostgres } from './postgres-database.ts';

describe('the address of a PostgreSQL database', () => {
  it.each(['', 'secret-word', 'mysql://a:secret-word@h/d', 'postgres://u:secret-word@host'])(
    'is refused without a word of its password: %s',
    (address) => {
      let message = '';
      try {
        openPostgres(address);
      } catch (error) {
        message = JSON.stringify(error) + String(error);
      }
      expect(message).toContain('VERACITY_DB');
      expect(message).not.toContain('secret-word');
    },
  );

  it('is shown without the password', () => {
    expect(openPostgres('postgres://u:secret-word@db:5432/team?sslmode=require').place).toBe(
      'postgres://u@db:5432/team',
    );
  });

  it('names a server that does not answer', async () => {
    await expect(openPostgres('postgres://u:secret-word@127.0.0.1:1/team').connect()).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
      message: expect.not.stringContaining('secret-word'),
    });
  });
});

describe.skipIf(postgresPrograms === null)('a PostgreSQL database', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server?.stop());

  it('writes a batch whole or not at all', async () => {
    const database = openPostgres(await server.createDatabase());
    const db = await database.connect();
    const once = db.insertInto('run_tags').values({ run: 1, tag: 'a' });
    const nothing = db.deleteFrom('run_tags').where('run', '=', 99);
    const count = async () => (await db.selectFrom('run_tags').selectAll().execute()).length;
    expect(await database.writeAll([{ query: once }, { query: nothing, expectedRows: 1 }])).toBe(false);
    await expect(database.writeAll([{ query: once }, { query: once }])).rejects.toMatchObject({
      code: 'DATABASE_FAILED',
    });
    expect(await count()).toBe(0);
    expect(await database.writeAll([{ query: once, expectedRows: 1 }], { durable: false })).toBe(true);
    expect(await count()).toBe(1);
    expect(Math.abs((await database.nowMs()) - Date.now())).toBeLessThan(5000);
    await database.close();
  });

  it('names a wrong password and an unknown database, and repeats no password', async () => {
    const address = await server.createDatabase();
    for (const wrong of [address.replace(':secret@', ':secret-word@'), address.replace(/test_\d+/, 'none')])
      await expect(openPostgres(wrong).connect()).rejects.toMatchObject({
        code: 'DATABASE_REFUSED',
        message: expect.not.stringContaining('secret'),
      });
  });

  it('can be opened by eight processes at once while it is empty', async () => {
    const address = await server.createDatabase();
    const source = `
      import { openPostgres } from '${builtModule('keeping/database/index.js')}';
      const db = await openPostgres(${JSON.stringify(address)}).connect();
      await db.insertInto('run_tags').values({ run: process.pid, tag: 'a' }).execute();`;
    await Promise.all(Array.from({ length: 8 }, () => runElsewhere(source)));
    expect(await queryOnce(address, 'select count(*)::int as n from veracity.run_tags')).toEqual([{ n: 8 }]);
  }, 30_000);

  it('refuses a newer version and a schema of another program', async () => {
    const newer = await server.createDatabase();
    const first = openPostgres(newer);
    await first.connect();
    await first.close();
    await queryOnce(newer, 'update veracity.schema_version set version = 99');
    await expect(openPostgres(newer).connect()).rejects.toMatchObject({ code: 'DATABASE_NEWER' });
    const foreign = await server.createDatabase();
    await queryOnce(foreign, 'create schema veracity; create table veracity.other (a int)');
    await expect(openPostgres(foreign).connect()).rejects.toMatchObject({ code: 'DATABASE_FOREIGN' });
  });

  it('goes on after the server was started again', async () => {
    const database = openPostgres(await server.createDatabase());
    const db = await database.connect();
    await db.insertInto('run_tags').values({ run: 1, tag: 'a' }).execute();
    await server.restart();
    await expect(
      db
        .selectFrom('run_tags')
        .selectAll()
        .execute()
        .catch(() => db.selectFrom('run_tags').selectAll().execute()),
    ).resolves.toHaveLength(1);
    await database.close();
  }, 30_000);
});
