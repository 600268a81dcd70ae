// The room's door: what other rooms may use.
export type { Database } from './database.ts';
export { inspectDatabase } from './inspection.ts';
export { openPostgres } from './postgres-database.ts';
export { openSqlite } from './sqlite-database.ts';
export type { Statement, WriteOptions } from './statement.ts';
export type { RunTable, Tables } from './tables.ts';
