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
  it.each([
    '',
    'secret-word',
    'mysql://a:secret-word@h/d',
    'postgres://u:secret-word@host',
    'postgres://u:secret-word%@h/d',
  ])('is refused without a word of its password: %s', async (address) => {
    let message = '';
    try {
      await openPostgres(address).connect();
    } catch (error) {
      message = JSON.stringify(error) + String(error);
    }
    expect(message).toContain('VERACITY_DB');
    expect(message).not.toContain('secret-word');
  });

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

  it('writes each batch once while the server breaks connections at any moment', async () => {
    const address = await server.createDatabase();
    const database = openPostgres(address);
    const db = await database.connect();
    const [{ pid }] = (await queryOnce(address, 'select pg_backend_pid() as pid')) as [{ pid: number }];
    let isDone = false;
    const breaking = (async () => {
      while (!isDone)
        await queryOnce(
          address,
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid not in (pg_backend_pid(), ${pid})`,
        );
    })();
    const count = async () =>
      Number(
        (
          await db
            .selectFrom('run_tags')
            .select(({ fn }) => fn.countAll().as('n'))
            .execute()
        )[0]!.n,
      );
    for (let run = 1; run <= 30; run++) {
      const query = db.insertInto('run_tags').values({ run, tag: 'a' });
      expect(await database.writeAll([{ query, expectedRows: 1 }], { durable: run % 2 === 0 })).toBe(true);
      expect(await count()).toBe(run);
    }
    isDone = true;
    await breaking;
    await database.close();
  }, 30_000);

  it('lives on when the server is started again in the middle of a transaction, and waits for it', async () => {
    const database = openPostgres(await server.createDatabase());
    const db = await database.connect();
    await expect(
      db.transaction().execute(async (transaction) => {
        await transaction.insertInto('run_tags').values({ run: 1, tag: 'a' }).execute();
        await server.restart();
        await transaction.insertInto('run_tags').values({ run: 2, tag: 'a' }).execute();
      }),
    ).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    const restarted = server.restart();
    const query = db.insertInto('run_tags').values({ run: 3, tag: 'a' });
    expect(await database.writeAll([{ query, expectedRows: 1 }])).toBe(true);
    await restarted;
    expect(await db.selectFrom('run_tags').select('run').execute()).toEqual([{ run: 3 }]);
    await database.close();
  }, 30_000);

  it('waits for a connection where the server has none left', async () => {
    const address = await server.createDatabase();
    const role = new URL(address);
    role.username = 'narrow';
    await queryOnce(
      address,
      `create role narrow login superuser password 'secret' connection limit 1;
       alter role narrow nosuperuser; grant all on database ${role.pathname.slice(1)} to narrow`,
    );
    const first = openPostgres(role.href);
    await first.connect();
    setTimeout(() => void first.close(), 500);
    const second = openPostgres(role.href);
    await expect(second.nowMs()).resolves.toBeGreaterThan(0);
    await second.close();
  }, 30_000);

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
