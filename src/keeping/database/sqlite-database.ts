// Opens a SQLite file as a database.
import { Kysely } from 'kysely';
import { WorkerChannel } from '../../foundation/threads/index.ts';
import type { Database } from './database.ts';
import { listMigrations } from './migrations.ts';
import { SQLITE_WORKER, type SqlValue } from './sqlite-contract.ts';
import { createSqliteDialect, Mutex, type SqliteChannel } from './sqlite-dialect.ts';
import type { Statement, WriteOptions } from './statement.ts';
import type { Tables } from './tables.ts';

/** How long a statement waits for another process that writes. */
const BUSY_MS = 20_000;

/** @param busyMs  for tests */
export function openSqlite(path: string, busyMs: number = BUSY_MS): Database {
  return new SqliteDatabase(path, busyMs);
}

class SqliteDatabase implements Database {
  readonly kind = 'sqlite';
  readonly place: string;
  readonly #busyMs: number;
  readonly #mutex = new Mutex();
  #opened: Promise<{ channel: SqliteChannel; db: Kysely<Tables> }> | null = null;

  constructor(path: string, busyMs: number) {
    this.place = path;
    this.#busyMs = busyMs;
  }

  async connect(): Promise<Kysely<Tables>> {
    return (await this.#open()).db;
  }

  async writeAll(statements: readonly Statement[], { durable = true }: WriteOptions = {}): Promise<boolean> {
    const { channel } = await this.#open();
    const compiled = statements.map(({ query, expectedRows }) => {
      const { sql, parameters } = query.compile();
      return { sql, parameters: parameters as SqlValue[], expectedRows };
    });
    const release = await this.#mutex.lock();
    try {
      return await channel.call('executeAll', { statements: compiled, durable });
    } finally {
      release();
    }
  }

  async nowMs(): Promise<number> {
    return Date.now();
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    if (opened === null) return;
    const { channel, db } = await opened;
    const release = await this.#mutex.lock();
    try {
      await channel.call('close');
    } finally {
      release();
    }
    await db.destroy();
    await channel.close();
  }

  /** A failure is tried again at the next use: a full disk or a lock may have gone. */
  #open(): Promise<{ channel: SqliteChannel; db: Kysely<Tables> }> {
    this.#opened ??= this.#start().catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  async #start(): Promise<{ channel: SqliteChannel; db: Kysely<Tables> }> {
    const channel = new WorkerChannel(SQLITE_WORKER);
    try {
      await channel.call('open', {
        path: this.place,
        migrations: listMigrations('sqlite'),
        busyMs: this.#busyMs,
      });
    } catch (error) {
      await channel.close();
      throw error;
    }
    return { channel, db: new Kysely<Tables>({ dialect: createSqliteDialect(channel, this.#mutex) }) };
  }
}
