// SQLite for the query layer: its own dialect, over a thread (sqlite-contract.ts).
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { invariant } from '../../foundation/core/index.ts';
import type { WorkerChannel } from '../../foundation/threads/index.ts';
import type { SqliteMethods, SqlValue } from './sqlite-contract.ts';

export type SqliteChannel = WorkerChannel<SqliteMethods>;

/** @param mutex  taken by whoever must not be between the statements of a transaction */
export function createSqliteDialect(channel: SqliteChannel, mutex: Mutex): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(channel, mutex),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Lets one caller after the other in. */
export class Mutex {
  #last: Promise<void> = Promise.resolve();

  /** @returns the function that lets the next one in */
  async lock(): Promise<() => void> {
    const before = this.#last;
    let release: () => void = () => {};
    this.#last = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }
}

class SqliteDriver implements Driver {
  readonly #connection: SqliteThreadConnection;
  readonly #mutex: Mutex;
  #release: () => void = () => {};

  constructor(channel: SqliteChannel, mutex: Mutex) {
    this.#connection = new SqliteThreadConnection(channel);
    this.#mutex = mutex;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    this.#release = await this.#mutex.lock();
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    this.#release();
  }

  /** `immediate`: a transaction that reads first and then writes would fail, not wait, when another one writes meanwhile. */
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async destroy(): Promise<void> {}
}

class SqliteThreadConnection implements DatabaseConnection {
  readonly #channel: SqliteChannel;

  constructor(channel: SqliteChannel) {
    this.#channel = channel;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes } = await this.#channel.call('execute', {
      sql,
      parameters: parameters as SqlValue[],
    });
    return { rows: rows as R[], numAffectedRows: BigInt(changes) };
  }

  // biome-ignore lint/correctness/useYield: it never gives anything
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    invariant(false, 'queries are not streamed');
  }
}
