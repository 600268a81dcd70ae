import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtModule, runElsewhere } from '../../../test/conformance/place.ts';
import { listMigrations } from './migrations.ts';
import { openSqlite } from './sqlite-database.ts';
import { SqliteFile } from './sqlite-file.ts';
import { loadSqlite } from './sqlite-library.ts';

const isRoot = process.getuid?.() === 0;

describe('a SQLite database', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-sqlite-'));
    path = join(folder, 'home', 'veracity.db');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const insertTag = async (database: ReturnType<typeof openSqlite>, run: number) =>
    (await database.connect()).insertInto('run_tags').values({ run, tag: 'a' });
  const countTags = async (database: ReturnType<typeof openSqlite>): Promise<number> =>
    (await (await database.connect()).selectFrom('run_tags').selectAll().execute()).length;

  it('creates nothing before it is used, and then a file in WAL mode', async () => {
    const database = openSqlite(path);
    expect(existsSync(path)).toBe(false);
    const mode = sql<{ journal_mode: string }>`pragma journal_mode`;
    expect((await mode.execute(await database.connect())).rows).toEqual([{ journal_mode: 'wal' }]);
    await database.close();
  });

  it('writes a batch whole or not at all', async () => {
    const database = openSqlite(path);
    const once = await insertTag(database, 1);
    const nothing = (await database.connect()).deleteFrom('run_tags').where('run', '=', 99);
    expect(await database.writeAll([{ query: once }, { query: nothing, expectedRows: 1 }])).toBe(false);
    expect(await countTags(database)).toBe(0);
    await expect(database.writeAll([{ query: once }, { query: once }])).rejects.toMatchObject({
      code: 'DATABASE_FAILED',
    });
    expect(await countTags(database)).toBe(0);
    expect(await database.writeAll([{ query: once, expectedRows: 1 }], { durable: false })).toBe(true);
    expect(await countTags(database)).toBe(1);
    await database.close();
  });

  it('keeps the statements of two transactions apart', async () => {
    const database = openSqlite(path);
    const db = await database.connect();
    const transactions = [1, 2].map((run) =>
      db.transaction().execute(async (transaction) => {
        await transaction.insertInto('run_tags').values({ run, tag: 'a' }).execute();
        const rows = await transaction.selectFrom('run_tags').select('run').execute();
        if (run === 1) throw new Error('no');
        return rows;
      }),
    );
    const [first, second] = await Promise.allSettled(transactions);
    expect(first).toMatchObject({ status: 'rejected', reason: { message: 'no' } });
    expect(second).toMatchObject({ status: 'fulfilled', value: [{ run: 2 }] });
    await database.close();
  });

  it('is brought up to date from every earlier version', () => {
    const migrations = listMigrations('sqlite');
    for (let version = 0; version <= migrations.length; version++) {
      const file = join(folder, `version-${version}.db`);
      new SqliteFile(file, migrations.slice(0, version), 1000).close();
      const updated = new SqliteFile(file, migrations, 1000);
      const schema = {
        sql: "select sql from sqlite_schema where type = 'table' order by name",
        parameters: [],
      };
      const fresh = new SqliteFile(join(folder, `fresh-${version}.db`), migrations, 1000);
      expect(updated.execute(schema).rows).toEqual(fresh.execute(schema).rows);
      expect(updated.execute({ sql: 'pragma user_version', parameters: [] }).rows).toEqual([
        { user_version: migrations.length },
      ]);
      updated.close();
      fresh.close();
    }
  });

  it('can be opened by eight processes at once in an empty home', async () => {
    const source = `
      import { openSqlite } from '${builtModule('keeping/database/index.js')}';
      const database = openSqlite(${JSON.stringify(path)});
      const db = await database.connect();
      await db.insertInto('run_tags').values({ run: process.pid, tag: 'a' }).execute();`;
    await Promise.all(Array.from({ length: 8 }, () => runElsewhere(source)));
    const database = openSqlite(path);
    expect(await countTags(database)).toBe(8);
    await database.close();
  }, 30_000);

  it('refuses a file that is no database, and leaves it as it is', async () => {
    mkdirSync(join(folder, 'home'));
    writeFileSync(path, 'an ordinary file '.repeat(100));
    await expect(openSqlite(path).connect()).rejects.toMatchObject({
      code: 'DATABASE_FOREIGN',
      message: expect.stringContaining(path),
    });
  });

  it.each([
    ['a folder', () => mkdirSync(path), 'DATABASE_FOREIGN'],
    ['a link that leads nowhere', () => symlinkSync(join(folder, 'none', 'x'), path), 'DATABASE_UNREADABLE'],
    ['a log that is a folder', () => mkdirSync(`${path}-wal`), 'DATABASE_UNREADABLE'],
  ])('names what is in the way: %s', async (_what, build, code) => {
    mkdirSync(join(folder, 'home'));
    build();
    await expect(openSqlite(path).connect()).rejects.toMatchObject({ code });
  });

  it.each([
    ['deleted', () => {}],
    ['replaced', () => writeFileSync(path, '')],
    ['moved', () => mkdirSync(path)],
  ])('writes and reads nothing more once its file was %s, until it is back', async (_what, replace) => {
    const database = openSqlite(path);
    const query = await insertTag(database, 1);
    expect(await database.writeAll([{ query }])).toBe(true);
    renameSync(path, `${path}.old`);
    replace();
    await expect(database.writeAll([{ query }])).rejects.toMatchObject({ code: 'DATABASE_REPLACED' });
    await expect(countTags(database)).rejects.toMatchObject({ code: 'DATABASE_REPLACED' });
    rmSync(path, { recursive: true, force: true });
    renameSync(`${path}.old`, path);
    expect(await countTags(database)).toBe(1);
    await database.close();
  });

  it('refuses the database of another program', async () => {
    mkdirSync(join(folder, 'home'));
    const other = new (loadSqlite().DatabaseSync)(path);
    other.exec('create table bookmarks (a)');
    other.close();
    await expect(openSqlite(path).connect()).rejects.toMatchObject({ code: 'DATABASE_FOREIGN' });
  });

  it('refuses the database of a newer version', async () => {
    await openSqlite(path).connect();
    const newer = new (loadSqlite().DatabaseSync)(path);
    newer.exec('pragma user_version = 99');
    newer.close();
    await expect(openSqlite(path).connect()).rejects.toMatchObject({
      code: 'DATABASE_NEWER',
      details: { got: 99 },
    });
  });

  it('refuses a damaged database', async () => {
    const database = openSqlite(path);
    await (await insertTag(database, 1)).execute();
    await database.close();
    const whole = new (loadSqlite().DatabaseSync)(path);
    whole.exec('pragma wal_checkpoint(truncate)');
    whole.close();
    const bytes = readFileSync(path);
    bytes.fill(7, 4096); // every page but the first
    writeFileSync(path, bytes);
    await expect((async () => countTags(openSqlite(path)))()).rejects.toMatchObject({
      code: 'DATABASE_DAMAGED',
      message: expect.stringContaining(path),
    });
  });

  it('waits for another program that locks it, and says so if that does not end', async () => {
    const database = openSqlite(path, 200);
    const query = await insertTag(database, 1);
    const other = new (loadSqlite().DatabaseSync)(path);
    other.exec('begin immediate');
    await expect(database.writeAll([{ query }])).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
    other.exec('commit');
    expect(await database.writeAll([{ query }])).toBe(true);
    other.close();
    await database.close();
  });

  it.skipIf(isRoot)('names a folder that must not be written', async () => {
    mkdirSync(join(folder, 'home'));
    chmodSync(join(folder, 'home'), 0o500);
    await expect(openSqlite(path).connect()).rejects.toMatchObject({ code: 'SYSTEM_REFUSED' });
    chmodSync(join(folder, 'home'), 0o700);
  });

  it('names a folder that the system does not let it create', async () => {
    await expect(openSqlite('/proc/veracity/veracity.db').connect()).rejects.toMatchObject({
      code: 'SYSTEM_REFUSED',
    });
  });
});
