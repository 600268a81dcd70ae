// The thread that holds a SQLite database: one call after the other.
import { parentPort } from 'node:worker_threads';
import { serveWorker } from '../../foundation/threads/index.ts';
import { SQLITE_WORKER } from './sqlite-contract.ts';
import { assertOpen, SqliteFile } from './sqlite-file.ts';

let file: SqliteFile | null = null;

serveWorker(SQLITE_WORKER, parentPort, {
  open: ({ path, migrations, busyMs }) => {
    file = new SqliteFile(path, migrations, busyMs);
  },
  execute: (statement) => assertOpen(file).execute(statement),
  executeAll: ({ statements, durable }) => assertOpen(file).executeAll(statements, durable),
  close: () => {
    file?.close();
    file = null;
  },
});
