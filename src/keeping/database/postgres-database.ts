// Opens a PostgreSQL database. Its tables lie in a schema of their own, `veracity`, so that the database can be shared.
import { Kysely, PostgresDialect, type PostgresPool, sql } from 'kysely';
import pg from 'pg';
import { appError } from '../../foundation/core/index.ts';
import type { Database } from './database.ts';
import { listMigrations } from './migrations.ts';
import { formatPostgresAddress, parsePostgresAddress } from './postgres-address.ts';
import { asPostgresError } from './postgres-errors.ts';
import type { Statement, WriteOptions } from './statement.ts';
import type { Tables } from './tables.ts';

const SCHEMA = 'veracity';
/** Processes that open a database at once migrate it one after the other. Any number that nobody else uses. */
const MIGRATION_LOCK = 0x76_65_72_61;
const CONNECT_MS = 10_000;
const MOST_CONNECTIONS = 4;
/** Type numbers of PostgreSQL: bigint, which the library gives as text, and numeric sums of them. */
const BIGINT = 20;
const NUMERIC = 1700;

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

  async writeAll(statements: readonly Statement[], { durable = true }: WriteOptions = {}): Promise<boolean> {
    const db = await this.connect();
    try {
      await db.transaction().execute(async (transaction) => {
        if (!durable) await sql`set local synchronous_commit = off`.execute(transaction);
        for (const { query, expectedRows } of statements) {
          const { numAffectedRows } = await transaction.executeQuery(query.compile());
          if (expectedRows !== undefined && Number(numAffectedRows) !== expectedRows) throw new NotWanted();
        }
      });
      return true;
    } catch (error) {
      if (error instanceof NotWanted) return false;
      throw error;
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
    const pool = createPool(this.#url, this.place);
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

/** A pool whose failures are errors of the catalogue, and which does not keep the process alive. */
function createPool(url: URL, place: string): PostgresPool {
  const pool = new pg.Pool({
    connectionString: url.href,
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    allowExitOnIdle: true,
    application_name: 'veracity',
    keepAlive: true,
    types: { getTypeParser: readNumbers as typeof pg.types.getTypeParser },
  });
  pool.on('error', () => {}); // an idle connection broke; the next query makes a new one
  // A client answers its queries in order, so this one comes before any other.
  pool.on('connect', (client) => void client.query(`set search_path to ${SCHEMA}`).catch(() => {}));
  return {
    connect: async () => {
      try {
        const client = await pool.connect();
        return {
          query: async (text: never, values: never) => {
            try {
              return await client.query(text, values);
            } catch (error) {
              throw asPostgresError(error, place);
            }
          },
          release: () => client.release(),
        } as unknown as Awaited<ReturnType<PostgresPool['connect']>>;
      } catch (error) {
        throw asPostgresError(error, place);
      }
    },
    end: () => pool.end(),
  };
}

function readNumbers(type: number, format?: 'text' | 'binary'): unknown {
  return type === BIGINT || type === NUMERIC ? Number : pg.types.getTypeParser(type, format as 'text');
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
