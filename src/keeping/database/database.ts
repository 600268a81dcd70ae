// A database of this program, SQLite or PostgreSQL, behind one query layer. It is opened, created and brought up to date at
// the first use. SQLite runs in a thread of its own (sqlite-contract.ts); PostgreSQL answers over the network.
import type { Kysely } from 'kysely';
import type { Statement, WriteOptions } from './statement.ts';
import type { Tables } from './tables.ts';

export interface Database {
  readonly kind: 'sqlite' | 'postgres';
  /** Path or address, without a password. */
  readonly place: string;
  /**
   * The query layer. Transactions through it must be short and wait for nothing else: those of SQLite keep every other
   * writer out.
   * @throws DATABASE_* and, for a file, DISK_FULL, SYSTEM_REFUSED; so do its queries
   */
  connect(): Promise<Kysely<Tables>>;
  /**
   * Writes all statements in one transaction.
   * @returns false, and has written nothing, if a statement did not change the rows expected of it
   * @throws as `connect`
   */
  writeAll(statements: readonly Statement[], options?: WriteOptions): Promise<boolean>;
  /** The time by which leases are measured, in milliseconds since 1970: that of the server where there is one. */
  nowMs(): Promise<number>;
  /** The process ends without it as well. */
  close(): Promise<void>;
}
