// The SQLite library: Node's own where it has one that needs no flag, else a package with the same interface.
import { createRequire } from 'node:module';

export interface SqliteStatement {
  all(...parameters: readonly unknown[]): Record<string, unknown>[];
  run(...parameters: readonly unknown[]): { readonly changes: number | bigint };
}

export interface SqliteConnection {
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

interface SqliteModule {
  readonly DatabaseSync: new (path: string, options?: { readonly readOnly?: boolean }) => SqliteConnection;
}

export function loadSqlite(): SqliteModule {
  const { emitWarning } = process;
  process.emitWarning = () => {}; // Node calls its module experimental on standard error
  try {
    const own = process.getBuiltinModule('node:sqlite') as SqliteModule | undefined;
    if (own?.DatabaseSync !== undefined) return own;
  } finally {
    process.emitWarning = emitWarning;
  }
  return createRequire(import.meta.url)('@photostructure/sqlite') as SqliteModule;
}
