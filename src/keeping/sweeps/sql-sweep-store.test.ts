import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeSweepStore } from '../../../test/conformance/sweep-store.ts';
import { openSweepStores, writeSweepScript } from '../../../test/fixtures/sweep-stores.ts';
import { openSqlite } from '../database/index.ts';

describeSweepStore('a sweep store on SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veracity-sweeps-'));
  const path = join(folder, 'veracity.db');
  const stores = openSweepStores(() => openSqlite(path));
  return {
    open: stores.open,
    script: (body) => writeSweepScript(`openSqlite(${JSON.stringify(path)})`, body),
    remove: async () => {
      await stores.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
