// Statements that are written together, in one transaction or not at all.
import type { Compilable } from 'kysely';

export interface Statement {
  readonly query: Compilable;
  /** Unless it changes so many rows, nothing of the batch is written. */
  readonly expectedRows?: number;
}

export interface WriteOptions {
  /** Default: true. False: a crash of the machine may lose it, a kill of the process may not. */
  readonly durable?: boolean;
}
