// The methods of the thread that holds a SQLite database. SQLite's calls block until the disk has answered or another
// writer is done; in a thread of its own they hold up no training step and no request to a server.
import { WorkerContract } from '../../foundation/threads/index.ts';
import type { Migration } from './migrations.ts';

export type SqlValue = string | number | bigint | null | Uint8Array;

export interface SqlStatement {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

export interface SqlResult {
  readonly rows: Readonly<Record<string, unknown>>[];
  /** Rows that were inserted, updated or deleted. */
  readonly changes: number;
}

/** A statement of a batch; unless it changes so many rows, the batch writes nothing. */
export interface ExpectedStatement extends SqlStatement {
  readonly expectedRows?: number | undefined;
}

export interface SqliteMethods {
  /** Opens or creates the file and brings its tables up to date. */
  open(request: {
    readonly path: string;
    readonly migrations: readonly Migration[];
    readonly busyMs: number;
  }): void;
  execute(statement: SqlStatement): SqlResult;
  /** Executes all in one transaction, or nothing. @returns false if a statement did not change the rows expected of it */
  executeAll(request: {
    readonly statements: readonly ExpectedStatement[];
    /** Whether it must survive a crash of the machine; a kill of the process it survives anyway. */
    readonly durable: boolean;
  }): boolean;
  close(): void;
}

export const SQLITE_WORKER = new WorkerContract<SqliteMethods>('keeping/database/sqlite-worker.js');
