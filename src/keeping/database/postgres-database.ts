// Opens a PostgreSQL database. Its tables lie in a schema of their own, `veracity`, so that the database can be shared.
import { setTimeout as pause } from 'node:timers/promises';
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { appError } from '../../foundation/core/index.ts';
import type { Database } from './database.ts';
import { listMigrations } from './migrations.ts';
import { formatPostgresAddress, parsePostgresAddress } from './postgres-address.ts';
import { isConflict, isPassing } from './postgres-errors.ts';
import { createPool, RETRY_EVERY_MS, RETRY_MS } from './postgres-pool.ts';
import type { Statement, WriteOptions } from './statement.ts';
import type { Tables } from './tables.ts';

const SCHEMA = 'veracity';
/** Processes that open a database at once migrate it one after the other. Any number that nobody else uses. */
const MIGRATION_LOCK = 0x76_65_72_61;

/** @throws DATABASE_ADDRESS_INVALID */
export function openPostgres(address: string): Database {
  return new PostgresDatabase(parsePostgresAddress(address));
}

class PostgresDatabase implements Database {
  readonly kind = 'postgres';
  readonly place: string;
  readonly #url: URL;
  #opened: Promise<Kysely<Tables>> | null = null;

  constructor(url: URL) {
    this.#url = url;
    this.place = formatPostgresAddress(url);
  }

  connect(): Promise<Kysely<Tables>> {
    this.#opened ??= this.#start().catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  /** Written once, also where the connection breaks during the commit: the server is asked what became of it. */
  async writeAll(statements: readonly Statement[], { durable = true }: WriteOptions = {}): Promise<boolean> {
    const db = await this.connect();
    const untilMs = performance.now() + RETRY_MS;
    for (;;) {
      let id: string | null = null;
      try {
        await db.transaction().execute(async (transaction) => {
          id = await beginWrite(transaction, durable);
          for (const { query, expectedRows } of statements) {
            const { numAffectedRows } = await transaction.executeQuery(query.compile());
            if (expectedRows !== undefined && Number(numAffectedRows) !== expectedRows) throw new NotWanted();
          }
        });
        return true;
      } catch (error) {
        if (error instanceof NotWanted) return false;
        if (!isPassing(error) && !isConflict(error)) throw error;
        if (id !== null && isPassing(error) && (await isCommitted(db, id, untilMs))) return true;
        if (performance.now() > untilMs) throw error;
        await pause(RETRY_EVERY_MS);
      }
    }
  }

  async nowMs(): Promise<number> {
    const db = await this.connect();
    const time = sql<{ now: number }>`select (extract(epoch from clock_timestamp()) * 1000)::bigint as now`;
    return (await time.execute(db)).rows[0]!.now;
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    if (opened !== null) await (await opened).destroy();
  }

  async #start(): Promise<Kysely<Tables>> {
    const pool = createPool(this.#url, this.place, SCHEMA);
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    try {
      await migrate(db, this.place);
    } catch (error) {
      await db.destroy();
      throw error;
    }
    return db;
  }
}

/** Rolls a transaction back. */
class NotWanted extends Error {}

/** @returns the number of the transaction */
async function beginWrite(transaction: Transaction<Tables>, durable: boolean): Promise<string> {
  const number = sql<{ id: string }>`select pg_current_xact_id()::text as id`;
  const relaxed = sql<{ id: string }>`select pg_current_xact_id()::text as id,
    set_config('synchronous_commit', 'off', true)`;
  return (await (durable ? number : relaxed).execute(transaction)).rows[0]!.id;
}

/** What became of a transaction whose connection broke. @throws DATABASE_UNREACHABLE if the server does not come back */
async function isCommitted(db: Kysely<Tables>, id: string, untilMs: number): Promise<boolean> {
  // After a crash the server may not know the number any more: then the transaction is lost.
  const asked = sql<{ status: string | null }>`select case
    when ${sql.lit(id)}::xid8 < pg_snapshot_xmax(pg_current_snapshot())
    then pg_xact_status(${sql.lit(id)}::xid8) end as status`;
  for (;;) {
    try {
      const { status } = (await asked.execute(db)).rows[0]!;
      if (status !== 'in progress') return status === 'committed';
      if (performance.now() > untilMs) return false;
    } catch (error) {
      if (!isPassing(error) || performance.now() > untilMs) throw error;
    }
    await pause(RETRY_EVERY_MS);
  }
}

/** @throws DATABASE_NEWER, DATABASE_FOREIGN */
async function migrate(db: Kysely<Tables>, place: string): Promise<void> {
  const migrations = listMigrations('postgres');
  if ((await readVersion(db)) === migrations.length) return;
  await db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(transaction);
    const version = await readVersion(transaction);
    if (version === null) {
      const taken = sql<{
        n: number;
      }>`select count(*) as n from information_schema.tables where table_schema = ${SCHEMA}`;
      if ((await taken.execute(transaction)).rows[0]!.n > 0)
        throw appError('DATABASE_FOREIGN', { path: place, got: `a schema ${SCHEMA} of another program` });
      await sql`create schema if not exists ${sql.id(SCHEMA)}`.execute(transaction);
      await sql`create table ${sql.id(SCHEMA, 'schema_version')} (version integer not null)`.execute(
        transaction,
      );
      await sql`insert into ${sql.id(SCHEMA, 'schema_version')} values (0)`.execute(transaction);
    }
    if (version !== null && version > migrations.length)
      throw appError('DATABASE_NEWER', { path: place, got: version, known: migrations.length });
    for (const migration of migrations) {
      if (migration.version <= (version ?? 0)) continue;
      for (const statement of migration.statements) await sql.raw(statement).execute(transaction);
    }
    const table = sql.id(SCHEMA, 'schema_version');
    await sql`update ${table} set version = ${migrations.length}`.execute(transaction);
  });
}

/** null: the database has no tables of ours. */
async function readVersion(db: Kysely<Tables>): Promise<number | null> {
  // Tables of the catalogue, not to_regclass: its memory may be older than the lock.
  const found = sql<{ n: number }>`select count(*) as n from pg_catalog.pg_tables
    where schemaname = ${SCHEMA} and tablename = 'schema_version'`;
  if ((await found.execute(db)).rows[0]!.n === 0) return null;
  const table = sql.id(SCHEMA, 'schema_version');
  return (await sql<{ version: number }>`select version from ${table}`.execute(db)).rows[0]!.version;
}
