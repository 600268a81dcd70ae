// The promises of a run store that several processes make use of, on files and in SQLite.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { builtModule } from '../../../test/conformance/place.ts';
import { describeRunStore } from '../../../test/conformance/run-store.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { openSqlite } from '../database/sqlite-database.ts';
import { createDatabaseRunStore } from './database-run-store.ts';
import { createFileRunStore } from './file-run-store.ts';

const imports = `
  import { createDatabaseRunStore, createFileRunStore } from '${builtModule('keeping/runs/index.js')}';
  import { openSqlite } from '${builtModule('keeping/database/index.js')}';
  import { systemClock } from '${builtModule('foundation/core/index.js')}';`;
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const database of open.splice(0)) await database.close();
});

describeRunStore('a run store of several processes on files', () => {
  const root = mkdtempSync(join(tmpdir(), 'veracity-runs-'));
  const home = locateHome(root);
  return {
    open: (clock) => createFileRunStore(home, clock),
    script: (body) => `${imports}
      const store = createFileRunStore({ runs: ${JSON.stringify(home.runs)} }, systemClock);
      ${body}`,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
});

describeRunStore('a run store of several processes in SQLite', () => {
  const root = mkdtempSync(join(tmpdir(), 'veracity-runs-'));
  const path = join(root, 'veracity.db');
  return {
    open: (clock) => {
      const database = openSqlite(path);
      open.push(database);
      return createDatabaseRunStore(database, locateHome(root), clock);
    },
    script: (body) => `${imports}
      const database = openSqlite(${JSON.stringify(path)});
      const store = createDatabaseRunStore(database, { runs: ${JSON.stringify(join(root, 'runs'))} }, systemClock);
      ${body}`,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
});
