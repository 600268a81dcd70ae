// A SQLite database file of this program: opened in WAL mode, recognised by its application id, brought up to date.
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { appError, invariant, makeFolder } from '../../foundation/core/index.ts';
import type { Migration } from './migrations.ts';
import type { ExpectedStatement, SqlResult, SqlStatement } from './sqlite-contract.ts';
import { asSqliteError, isBusy } from './sqlite-errors.ts';
import { loadSqlite, type SqliteConnection, type SqliteStatement } from './sqlite-library.ts';

/** "VERA" in ASCII: marks the file as ours. */
const APPLICATION_ID = 0x56_45_52_41;
const MOST_KEPT_STATEMENTS = 200;
const READS = /^\s*(?:select|with|pragma|explain)\b|\breturning\b/i;

export class SqliteFile {
  readonly #path: string;
  readonly #busyMs: number;
  readonly #connection: SqliteConnection;
  readonly #statements = new Map<string, SqliteStatement>();
  readonly #inode: number;
  #isDurable = true;

  /**
   * Opens or creates the file and migrates it.
   * @throws DATABASE_FOREIGN, DATABASE_NEWER, DATABASE_LOCKED, DATABASE_DAMAGED, DATABASE_UNREADABLE, DISK_FULL, SYSTEM_REFUSED
   */
  constructor(path: string, migrations: readonly Migration[], busyMs: number) {
    this.#path = path;
    this.#busyMs = busyMs;
    makeFolder(dirname(path));
    this.#connection = this.#attempt(() => new (loadSqlite().DatabaseSync)(path));
    try {
      this.#attempt(() => this.#prepareFile(migrations));
    } catch (error) {
      this.#connection.close();
      throw error;
    }
    this.#inode = findInode(path);
  }

  execute(statement: SqlStatement): SqlResult {
    return this.#attempt(() => {
      this.#assertInPlace();
      return this.#execute(statement);
    });
  }

  /** @returns false, and has written nothing, if a statement did not change the rows expected of it */
  executeAll(statements: readonly ExpectedStatement[], durable: boolean): boolean {
    return this.#attempt(() => {
      this.#assertInPlace();
      this.#setDurable(durable);
      return this.#inTransaction(() =>
        statements.every((statement) => {
          const { changes } = this.#execute(statement);
          return statement.expectedRows === undefined || statement.expectedRows === changes;
        }),
      );
    });
  }

  close(): void {
    this.#connection.close();
  }

  /** A file that was deleted can still be written, but nobody would find it. @throws DATABASE_REPLACED */
  #assertInPlace(): void {
    if (findInode(this.#path) !== this.#inode) throw appError('DATABASE_REPLACED', { path: this.#path });
  }

  #prepareFile(migrations: readonly Migration[]): void {
    this.#connection.exec(`pragma busy_timeout = ${this.#busyMs}`);
    this.#assertOurs(migrations);
    this.#retryWhileBusy(() => this.#connection.exec('pragma journal_mode = wal'));
    this.#connection.exec('pragma synchronous = full');
    if (this.#readNumber('user_version') === migrations.length) return;
    this.#inTransaction(() => {
      this.#assertOurs(migrations); // another process may have been faster
      for (const { version, statements } of migrations) {
        if (version <= this.#readNumber('user_version')) continue;
        for (const sql of statements) this.#connection.exec(sql);
        this.#connection.exec(`pragma user_version = ${version}`);
      }
      this.#connection.exec(`pragma application_id = ${APPLICATION_ID}`);
      return true;
    });
  }

  #assertOurs(migrations: readonly Migration[]): void {
    const path = this.#path;
    const tables = this.#execute({
      sql: "select count(*) as count from sqlite_schema where type = 'table'",
      parameters: [],
    }).rows[0]?.count;
    if (this.#readNumber('application_id') !== APPLICATION_ID) {
      if (tables === 0) return;
      throw appError('DATABASE_FOREIGN', { path, got: 'the database of another program' });
    }
    const version = this.#readNumber('user_version');
    if (version > migrations.length)
      throw appError('DATABASE_NEWER', { path, got: version, known: migrations.length });
  }

  #readNumber(pragma: string): number {
    return Number(Object.values(this.#execute({ sql: `pragma ${pragma}`, parameters: [] }).rows[0] ?? {})[0]);
  }

  /** Whether commits wait for the disk. SQLite cannot change that within a transaction. */
  #setDurable(durable: boolean): void {
    if (durable === this.#isDurable) return;
    this.#connection.exec(`pragma synchronous = ${durable ? 'full' : 'normal'}`);
    this.#isDurable = durable;
  }

  /** @param work  returns whether to commit */
  #inTransaction(work: () => boolean): boolean {
    this.#connection.exec('begin immediate');
    try {
      const isWanted = work();
      this.#connection.exec(isWanted ? 'commit' : 'rollback');
      return isWanted;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  #rollBack(): void {
    try {
      this.#connection.exec('rollback');
    } catch {
      // SQLite has rolled back by itself, as it does on a full disk.
    }
  }

  #execute({ sql, parameters }: SqlStatement): SqlResult {
    const statement = this.#prepare(sql);
    if (READS.test(sql)) {
      const rows = statement.all(...parameters);
      return { rows, changes: rows.length };
    }
    return { rows: [], changes: Number(statement.run(...parameters).changes) };
  }

  #prepare(sql: string): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      if (this.#statements.size >= MOST_KEPT_STATEMENTS) this.#statements.clear();
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** The change to WAL mode does not wait for other processes by itself. */
  #retryWhileBusy(work: () => void): void {
    const endMs = performance.now() + this.#busyMs;
    for (;;) {
      try {
        work();
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() > endMs) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
    }
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw asSqliteError(error, this.#path, this.#busyMs);
    }
  }
}

/** Tells a file from another of the same name; 0: there is none. */
function findInode(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? 0;
}

/** In the thread of one file. */
export function assertOpen(file: SqliteFile | null): SqliteFile {
  invariant(file !== null, 'asked before a database was opened');
  return file;
}
